# SPDX-License-Identifier: GPL-2.0-only
# messages.sh LOOPS: several short hackbenches, one after another. One long one would do for its
# length, but how fast a single one goes depends on the luck of its start.
for _ in 1 2 3 4 5 6; do
	hackbench -g 1 -l "$1" || exit 1
done
