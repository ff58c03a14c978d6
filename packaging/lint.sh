#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Checks the format of every C and C++ source file, and the lints of every C++ one or, with
# `changed`, of those that packaging/tidy.py names. The lints read the compile commands of
# build/asan, which is configured here.
#
# usage: packaging/lint.sh [format|tidy|changed]...
set -eu
cd "$(dirname "$0")/.."

rooms="src bench vm tidy"

check_format() {
	echo "lint: format"
	# shellcheck disable=SC2086  # A list of folders.
	find $rooms \( -name '*.cc' -o -name '*.h' -o -name '*.c' \) -print0 |
		xargs -0 clang-format-19 --dry-run -Werror
}

check_tidy() {
	cmake --preset asan >/dev/null
	packaging/tidy.py "$@"
}

check_changed() {
	check_tidy changed
}

[ $# -gt 0 ] || set -- format tidy
for part in "$@"; do
	"check_$part"
done
echo "lint: clean"
