# SPDX-License-Identifier: GPL-2.0-only
# Does what the host says, a line at a time, and closes with the last status. A line is a command of
# cell.sh, or any other; `done STATUS` says that it is over, and the host sends the next one. No
# command reads what the host says.
. /guest/cell.sh
status=0
echo "guest: ready"
while read -r line; do
	[ "$line" != close ] || break
	eval "$line" </dev/null
	status=$?
	echo "done $status"
done
exit $status
