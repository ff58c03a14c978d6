#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds and fetches what the demo needs, and runs it. Its last line and exit status are those of
# vm/demo.py; what cannot be prepared is inconclusive.
set -u
cd "$(dirname "$0")/.." || exit 3

# step WHAT COMMAND...
step() {
	what=$1
	shift
	"$@" && return
	echo "demo: $what failed (exit $?): mend what is said above, and run it again"
	echo "verdict: inconclusive violation_ns=0 both_busy_ns=0 cells=0"
	exit 3
}

step "installing what a build needs" packaging/install_packages.sh build
step "building libbpf" packaging/build_libbpf.sh
step "building the program" packaging/build.sh program
step "installing what the guest runs" packaging/install_packages.sh vm
step "fetching an emulator" packaging/fetch_qemu.sh
step "fetching the guest's kernel" vm/fetch_kernel.sh 7.3
exec "${PYTHON:-python3}" vm/demo.py
