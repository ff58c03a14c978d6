#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Configures and builds one preset of CMakePresets.json: `program` builds what runs, and `dev` that
# and its tests, both into build/dev, so that the second adds to the first; `asan` into build/asan.
#
# usage: packaging/build.sh PRESET
set -eu
cd "$(dirname "$0")/.."
folder=$1
[ "$1" != program ] || folder=dev

# A build folder that has the tests serves whoever wants the program, too.
configured() {
	[ -f "build/$folder/build.ninja" ] || return 1
	[ "$1" = program ] || grep -q '^SCX_PAIR_TESTS:[A-Z]*=ON$' "build/$folder/CMakeCache.txt"
}

configured "$1" || cmake --preset "$1"
if [ "$1" = program ]; then
	cmake --build build/dev -j "$(nproc)" --target scx_pair load
else
	cmake --build "build/$folder" -j "$(nproc)"
fi
