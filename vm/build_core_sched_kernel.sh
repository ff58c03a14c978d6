#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds a kernel with in-kernel core scheduling, which no Debian kernel has, from Debian's signed
# source package into build/kernels/7.3-sched-core/vmlinuz: the rival to compare with, and the only
# kernel on which "cookies in use" can be met. About 15 minutes on two cores; kept for later runs.
#
# usage: vm/build_core_sched_kernel.sh
set -eu

release=7.3
build_packages="flex bison bc libssl-dev pahole libelf-dev xz-utils"

root=$(cd "$(dirname "$0")/.." && pwd)
apt=$root/packaging/private_apt.sh
out=$root/build/kernels/$release-sched-core
work=$root/build/kernels/source

if [ -s "$out/vmlinuz" ]; then
	echo "kernel: $release-sched-core is there ($(cat "$out/version"))"
	exit 0
fi

for package in $build_packages; do
	dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || {
		echo "kernel: this build also needs: apt-get install $build_packages" >&2
		exit 1
	}
done

echo "kernel: fetching linux-source-$release"
"$apt" update
rm -rf "$work"
mkdir -p "$work" "$out"
cd "$work"
"$apt" apt-get download "linux-source-$release"
dpkg -x linux-source-*.deb package
echo "kernel: unpacking"
tar -xf "package/usr/src/linux-source-$release.tar.xz"
cd "linux-source-$release"

make -s x86_64_defconfig kvm_guest.config
for option in SCHED_CLASS_EXT EXT_GROUP_SCHED SCHED_CORE DEBUG_INFO_DWARF4 DEBUG_INFO_BTF \
	BPF_SYSCALL BPF_JIT BPF_JIT_ALWAYS_ON CGROUPS CGROUP_SCHED FAIR_GROUP_SCHED FTRACE \
	BPF_EVENTS SERIAL_8250 SERIAL_8250_CONSOLE DEVTMPFS TMPFS BLK_DEV_INITRD; do
	scripts/config --enable "$option"
done
scripts/config --disable DEBUG_INFO_NONE --disable MODULES
make -s olddefconfig
for option in SCHED_CLASS_EXT SCHED_CORE DEBUG_INFO_BTF; do
	grep -qx "CONFIG_$option=y" .config || {
		echo "kernel: $option could not be turned on" >&2
		exit 1
	}
done

echo "kernel: building $release-sched-core; the log is build/kernels/source/build.log"
make -j "$(nproc)" bzImage >"$work/build.log" 2>&1 &
build=$!
while kill -0 $build 2>/dev/null; do
	sleep 20
	printf '\rkernel: %s files so far' "$(wc -l <"$work/build.log")"
done
echo
wait $build || {
	tail -n 20 "$work/build.log" >&2
	exit 1
}
cp arch/x86/boot/bzImage "$out/vmlinuz"
make -s kernelrelease >"$out/version"
rm -rf "$work"
echo "kernel: $release-sched-core is $(cat "$out/version")"
