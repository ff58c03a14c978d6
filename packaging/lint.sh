#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Checks the format of every C and C++ source file, and the lints of every C++ one. The lints read
# the compile commands of build/clang, which must be built.
#
# usage: packaging/lint.sh [format|tidy]...
set -eu
cd "$(dirname "$0")/.."

check_format() {
	echo "lint: format"
	find src vm \( -name '*.cc' -o -name '*.h' -o -name '*.c' \) -print0 |
		xargs -0 clang-format-19 --dry-run -Werror
}

# What clang compiles for the kernel and what CMake generates is not in the list.
check_tidy() {
	echo "lint: clang-tidy"
	find src vm -name '*.cc' -print0 |
		xargs -0 -n 4 -P "$(nproc)" clang-tidy-19 --quiet -p build/clang 2>build/clang/tidy.log ||
		{
			grep -v 'warnings generated' build/clang/tidy.log >&2
			return 1
		}
}

[ $# -gt 0 ] || set -- format tidy
for part in "$@"; do
	"check_$part"
done
echo "lint: clean"
