#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds libbpf into build/deps/libbpf, where cmake/Libbpf.cmake takes it from, when the
# distribution has none that is new enough. The source is Debian's own signed source package. A
# second run finds the result and does nothing.
#
# usage: packaging/build_libbpf.sh
set -eu

# The one place that pins the release.
version=1.5.0
oldest_usable=1.4

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/build/deps/libbpf
work=$root/build/deps/libbpf-source

if pkg-config --atleast-version=$oldest_usable libbpf 2>/dev/null; then
	echo "libbpf: the distribution's $(pkg-config --modversion libbpf) is taken"
	exit 0
fi
if [ "$(cat "$out/version" 2>/dev/null)" = $version ]; then
	echo "libbpf: $version is built already"
	exit 0
fi

echo "libbpf: fetching the source of $version"
"$root/packaging/private_apt.sh" update
source_version=$("$root/packaging/private_apt.sh" apt-cache showsrc --only-source libbpf |
	sed -n "s/^Version: \($version-.*\)/\1/p" | head -n 1)
[ -n "$source_version" ] || {
	echo "libbpf: the mirror has no source of version $version" >&2
	exit 1
}
rm -rf "$work" "$out"
mkdir -p "$work" "$out"
cd "$work"
"$root/packaging/private_apt.sh" apt-get source --download-only "libbpf=$source_version"
# apt has checked the hashes against the signed index; the maintainer's own signature is not needed.
dpkg-source --no-check -x ./*.dsc tree

echo "libbpf: building $version"
make -s -C tree/src -j "$(nproc)" BUILD_STATIC_ONLY=1 OBJDIR="$work/objects" \
	PREFIX= LIBDIR=/lib INCLUDEDIR=/include DESTDIR="$out" install install_uapi_headers \
	>"$work/build.log" 2>&1 || {
	tail -n 30 "$work/build.log" >&2
	exit 1
}
echo $version >"$out/version"
echo "libbpf: $version is in build/deps/libbpf"
