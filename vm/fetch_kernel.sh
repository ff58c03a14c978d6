#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fetches Debian's newest cloud kernels of the named releases, unpacked and not installed, into
# build/kernels/RELEASE/vmlinuz, with the full version beside it. A kernel that is there is kept.
#
# usage: vm/fetch_kernel.sh RELEASE...     (6.16 6.17 6.18 6.19 7.0 7.1 7.2 7.3)
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
apt=$root/packaging/private_apt.sh

# Up to 6.18 the kernel itself is in linux-image-*; of the later releases that is an empty shell,
# and the kernel is in linux-binary-*, which therefore sorts last within one version.
newest_package() {
	pattern=$(echo "$1" | sed 's/\./\\./')
	"$apt" apt-cache pkgnames linux- |
		grep -E "^linux-(binary|image)-$pattern\.[0-9]+[^-]*-cloud-amd64$" |
		sort -t - -k 3,3V -k 2,2r | tail -n 1
}

fetch() {
	release=$1
	out=$root/build/kernels/$release
	if [ -s "$out/vmlinuz" ]; then
		echo "kernel: $release is there ($(cat "$out/version"))"
		return
	fi
	"$apt" update
	package=$(newest_package "$release")
	[ -n "$package" ] || {
		echo "kernel: the mirror has no cloud kernel of release $release" >&2
		exit 1
	}
	echo "kernel: fetching $package"
	work=$root/build/kernels/.fetch
	rm -rf "$work"
	mkdir -p "$work" "$out"
	(cd "$work" && "$apt" apt-get download "$package")
	dpkg -x "$work"/*.deb "$work/tree"
	find "$work/tree/boot" "$work/tree/usr/lib/modules" -name 'vmlinuz*' -type f 2>/dev/null |
		head -n 1 | xargs -I{} cp {} "$out/vmlinuz"
	[ -s "$out/vmlinuz" ] || {
		echo "kernel: $package holds no vmlinuz" >&2
		exit 1
	}
	echo "$package" | sed 's/^linux-[a-z]*-//' >"$out/version"
	rm -rf "$work"
	echo "kernel: $release is $(cat "$out/version")"
}

[ $# -gt 0 ] || {
	echo "usage: vm/fetch_kernel.sh RELEASE...   (for example 7.3)" >&2
	exit 2
}
for release in "$@"; do
	fetch "$release"
done
