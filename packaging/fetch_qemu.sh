#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Leaves build/deps/qemu/bin/qemu-system-x86_64, which vm/boot.py calls, where the installed QEMU is
# older than 8.1: up to 7.2, a block of translated code can outlive the text that the guest's kernel
# has patched, and the guest dies of `Oops: int3`. The newer one is Debian 12's backport, unpacked
# and not installed; its libraries are those of the installed one. Where the installed one is new
# enough, nothing is left and vm/boot.py calls that. A second run finds the result and does nothing.
#
# usage: packaging/fetch_qemu.sh
set -eu

oldest_usable=8.1
suite=bookworm-backports
packages="qemu-system-x86 qemu-system-common qemu-system-data seabios"

root=$(cd "$(dirname "$0")/.." && pwd)
apt=$root/packaging/private_apt.sh
out=$root/build/deps/qemu
work=$root/build/deps/.qemu-fetch

say() {
	echo "qemu: $*"
}

fail() {
	echo "qemu: $*" >&2
	exit 1
}

version_of() {
	"$1" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

# A script, because the binary has to be told where its data is.
write_wrapper() {
	mkdir -p "$work/tree/bin"
	cat >"$work/tree/bin/qemu-system-x86_64" <<-'END'
		#!/bin/sh
		# Made by packaging/fetch_qemu.sh.
		home=$(dirname "$(dirname "$(readlink -f "$0")")")
		exec "$home/usr/bin/qemu-system-x86_64" \
			-L "$home/usr/share/qemu" -L "$home/usr/share/seabios" "$@"
	END
	chmod +x "$work/tree/bin/qemu-system-x86_64"
}

installed=$(version_of qemu-system-x86_64)
if [ -n "$installed" ] && dpkg --compare-versions "$installed" ge $oldest_usable; then
	rm -rf "$out"
	say "the installed $installed is taken"
	exit 0
fi
unpacked=$(version_of "$out/bin/qemu-system-x86_64")
if [ -n "$unpacked" ]; then
	say "$unpacked is in build/deps/qemu"
	exit 0
fi
# shellcheck disable=SC1091
if [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" != bookworm ]; then
	say "the installed one (${installed:-none}) is older than $oldest_usable, and Debian 12's"
	say "newer one does not fit this system: guests that the emulator kills are started again"
	exit 0
fi

"$apt" update
say "fetching the one of $suite"
rm -rf "$work"
mkdir -p "$work/tree"
for package in $packages; do
	(cd "$work" && "$apt" apt-get download "$package/$suite")
done
for archive in "$work"/*.deb; do
	dpkg -x "$archive" "$work/tree"
done
write_wrapper
missing=$(ldd "$work/tree/usr/bin/qemu-system-x86_64" |
	sed -n 's/^\t*\(.*\) => not found/\1/p' | tr '\n' ' ')
[ -z "$missing" ] ||
	fail "libraries are missing: $missing(packaging/install_packages.sh vm installs them)"
rm -rf "$out"
mv "$work/tree" "$out"
rm -rf "$work"
say "$(version_of "$out/bin/qemu-system-x86_64") is in build/deps/qemu"
