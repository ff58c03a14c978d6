#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs the Debian packages that the build and its checks need, and only those that are missing.
# Runs as root, or through sudo. A second run finds nothing to do and says so.
#
# usage: packaging/install_packages.sh [SET]...    of build, vm and test; without one: all three
#        packaging/install_packages.sh --missing [SET]...    only prints what is missing
set -eu

# docs/dependencies.md says why each of these.
build_packages="g++ make cmake ninja-build pkg-config git dpkg-dev clang-19 libelf-dev zlib1g-dev
libfmt-dev libcli11-dev nlohmann-json3-dev"
test_packages="ccache lld libgtest-dev librapidcheck-dev libbenchmark-dev clang-format-19
clang-tidy-19 libclang-rt-19-dev"
vm_packages="qemu-system-x86 busybox-static rt-tests stress-ng python3-minimal python3"
setup_packages="ca-certificates debian-archive-keyring"

# Debian 13's kernels and sources are signed with keys that Debian 12's first keyrings do not hold.
keyring_with_debian_13=2023.3+deb12u2

say() {
	echo "set-up: $*"
}

fail() {
	echo "set-up: $*" >&2
	exit 1
}

installed_version() {
	dpkg-query -W -f='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null |
		sed -n 's/^installed //p' | head -n 1
}

missing_packages() {
	for package in $wanted; do
		[ -n "$(installed_version "$package")" ] || echo "$package"
	done
	# The distribution's libbpf is taken where it is new enough (cmake/Libbpf.cmake).
	if [ -z "$(installed_version libbpf-dev)" ] && candidate_at_least libbpf-dev 1:1.4; then
		echo libbpf-dev
	fi
	keyring=$(installed_version debian-archive-keyring)
	if [ -n "$keyring" ] &&
		dpkg --compare-versions "$keyring" lt "$keyring_with_debian_13"; then
		echo debian-archive-keyring
	fi
}

candidate_at_least() {
	candidate=$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p')
	[ -n "$candidate" ] && [ "$candidate" != "(none)" ] &&
		dpkg --compare-versions "$candidate" ge "$2"
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		fail "packages are missing: run this as root, or install sudo."
	fi
}

only_print=
if [ "${1:-}" = --missing ]; then
	only_print=yes
	shift
fi
[ $# -gt 0 ] || set -- build vm test
wanted=$setup_packages
for set in "$@"; do
	case $set in
	build) wanted="$wanted $build_packages" ;;
	vm) wanted="$wanted $vm_packages" ;;
	test) wanted="$wanted $test_packages" ;;
	*) fail "no set of packages is called $set: build, vm and test are." ;;
	esac
done

command -v apt-get >/dev/null || fail "this set-up needs apt-get: Debian 12 or 13, or a relative."
[ "$(dpkg --print-architecture)" = amd64 ] ||
	fail "the guest kernels are amd64: $(dpkg --print-architecture) is not supported."

missing=$(missing_packages | tr '\n' ' ')
if [ -n "$only_print" ]; then
	echo "$missing"
	exit 0
fi
if [ -z "$missing" ]; then
	say "every package is there"
	exit 0
fi
say "reading the package lists"
# A broken third-party source must not stop a set-up that does not need it.
as_root apt-get -q update || say "some package lists could not be read; going on with the others"
missing=$(missing_packages | tr '\n' ' ')
say "installing $missing"
# shellcheck disable=SC2086  # A list of package names.
as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
say "packages are complete"
