#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs the scheduler: the installed one, or else the one of build/dev where that is up to date. As
# root nothing is installed or compiled; for anybody else `make program` does both, and asks sudo.
#
# usage: packaging/run.sh [ARGUMENT]...
set -eu
cd "$(dirname "$0")/.."
built=build/dev/src/cli/scx_pair

up_to_date() {
	[ -x $built ] && ninja -C build/dev -n scx_pair | grep -q 'no work to do'
}

if command -v scx_pair >/dev/null; then
	exec scx_pair "$@"
fi
if ! up_to_date; then
	if [ "$(id -u)" -eq 0 ]; then
		cat >&2 <<-'END'
			run: the program is not built, or older than its sources. As root, nothing
			is built here without your word: `make program` installs compilers and
			libraries and compiles in build/. Run it, best as the user who owns this
			folder, then run this again. A program that was built elsewhere is taken
			where it is called scx_pair and in root's PATH; it needs libelf and zlib.
		END
		exit 1
	fi
	make program
fi
exec $built "$@"
