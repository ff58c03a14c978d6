#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Configures and builds one preset of CMakePresets.json into build/PRESET.
#
# usage: packaging/build.sh PRESET
set -eu
cd "$(dirname "$0")/.."
[ -f "build/$1/build.ninja" ] || cmake --preset "$1"
cmake --build --preset "$1" -j "$(nproc)"
