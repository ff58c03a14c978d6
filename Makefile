# SPDX-License-Identifier: GPL-2.0-only
# An index of what can be done. The work is in packaging/, CMakePresets.json and vm/.

KERNELS = 7.3 6.18
PYTHON = python3

.PHONY: help setup program build check check-all mutants bench scaling waits demo run lint kernels vm peers clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 18

setup: ## install what is missing (asks sudo if not root), build libbpf where it is too old
	@packaging/install_packages.sh
	@packaging/build_libbpf.sh

program: ## install what a build needs, build the program alone into build/dev
	@packaging/install_packages.sh build
	@packaging/build_libbpf.sh
	@packaging/build.sh program

build: setup ## build the program and its tests into build/dev
	@packaging/build.sh dev

check: setup kernels ## what every change must pass, on simulated and real kernels (20 minutes)
	@$(PYTHON) packaging/check.py

check-all: setup kernels ## everything: every kernel and size, long searches, whole lint (an hour)
	@$(PYTHON) packaging/check.py --all

mutants: setup ## break the scheduler in many ways, and show who convicts each
	@packaging/build.sh dev
	@$(PYTHON) src/sim/mutants/run.py build/dev

bench: setup ## how fast the simulator is, and what a callback costs as machines grow
	@cmake --preset dev
	@cmake --build --preset dev --target sim_bench
	@build/dev/bench/sim_bench

scaling: setup ## what locks and shared cache lines would cost machines of 2 to 1,024 cpus
	@cmake --preset dev
	@cmake --build --preset dev --target scaling_bench
	@build/dev/bench/scaling_bench

waits: setup ## how long tasks wait on 3,000 machines of 2 to 256 cpus, against the bound
	@cmake --preset dev
	@cmake --build --preset dev --target waiting_bench
	@build/dev/bench/waiting_bench

demo: ## see it: a real kernel in a VM, two schedulers, one verdict
	@PYTHON=$(PYTHON) packaging/demo.sh

run: ## run the scheduler on this machine (needs root and a kernel with sched_ext)
	@packaging/run.sh

lint: setup ## check the format of every source file, and the lints of each not linted before
	@packaging/lint.sh

kernels: setup ## fetch the guest kernels into build/kernels, and a QEMU that runs them
	@packaging/fetch_qemu.sh
	@vm/fetch_kernel.sh $(KERNELS)

vm: build kernels ## only the VM part of the check
	@$(PYTHON) vm/run.py

peers: build ## the same workloads under in-kernel core scheduling (builds a kernel, 15 minutes)
	@vm/build_core_sched_kernel.sh
	@$(PYTHON) vm/peers.py

clean: ## remove what was built; keeps kernels, libbpf and package lists
	@rm -rf build/dev build/asan build/vm build/lint
