#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Checks the format of every C and C++ source file, and the lints of every C++ one. The lints read
# the compile commands of build/asan, which must be built.
#
# usage: packaging/lint.sh [format|tidy]...
set -eu
cd "$(dirname "$0")/.."

rooms="src bench vm tidy"

check_format() {
	echo "lint: format"
	# shellcheck disable=SC2086  # A list of folders.
	find $rooms \( -name '*.cc' -o -name '*.h' -o -name '*.c' \) -print0 |
		xargs -0 clang-format-19 --dry-run -Werror
}

# Names each file when it is done: this takes minutes.
check_tidy() {
	# shellcheck disable=SC2016  # Expanded by the inner shell.
	one_file='clang-tidy-19 --quiet -p build/asan "$1" 2>/dev/null || exit 1; echo "lint: $1"'
	# shellcheck disable=SC2086
	find $rooms -name '*.cc' -print0 | xargs -0 -n 1 -P "$(nproc)" sh -c "$one_file" lint
}

[ $# -gt 0 ] || set -- format tidy
for part in "$@"; do
	"check_$part"
done
echo "lint: clean"
