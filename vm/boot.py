#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Boots one kernel in QEMU and does in it, as root, what it is told.

A serial port of its own carries commands to the guest, one at a time, and what they print back; the
kernel's messages go to another and are kept in console.log. A guest that panics, hangs or does not
close with its last line has failed.
One failure is known to be the emulator's and not the kernel's, and is tried again, aloud: TCG with
a thread per CPU sometimes runs into a half-patched instruction of the kernel ("Oops: int3").

usage: vm/boot.py --kernel 7.3 --cpus 4 --script FILE
"""

import argparse
import dataclasses
import fcntl
import os
import re
import signal
import subprocess
import sys
import time

import initramfs
from conversation import ANOTHER_GUEST, Conversation

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
OUTPUT = os.path.join(BUILD, "vm")

# 4 CPUs are two cores of two threads; 2 CPUs are one core.
CPUS = (2, 4)
# Its larger guest has a package, and so a last-level cache, for each core: the scheduler then keeps
# queues for each of them.
PACKAGES_KERNEL = "6.18"
COMMAND_LINE = ("console=ttyS0 quiet panic=-1 oops=panic tsc=reliable rdinit=/guest/init "
                "random.trust_cpu=on")
EMULATION = ["-accel", "tcg,thread=multi", "-cpu", "max"]
VIRTUALISATION = ["-accel", "kvm", "-cpu", "host"]
CLOSING_LINE = re.compile(r"^guest: closed (\d+)$")
# After so many guests in a row that the emulator ended before anything more was done, it is over.
ATTEMPTS_IN_VAIN = 4
SCRIPT_RAN = "guest: the script is over"

# How the kernel says that it has ended a scheduler.
EJECTION = re.compile(r"sched_ext: .*disabled \((?!unregistered from (user space|BPF)\))")
# What a console of a good boot never holds.
FAULTS = re.compile(
    r"\bBUG:|\bOops\b|Kernel panic|\bWARNING:|general protection fault|soft lockup|hard LOCKUP"
    r"|rcu: INFO: .*(stall|expedited)|blocked for more than|[Ll]ockdep|Out of memory"
    r"|" + EJECTION.pattern)
EMULATOR_FAULT = re.compile(r"Oops: int3")


@dataclasses.dataclass
class Machine:
    """What to boot: a kernel release or an image's path, and a number of CPUs of CPUS."""
    kernel: str
    cpus: int
    binaries: list
    accel: list = dataclasses.field(default_factory=lambda: EMULATION)
    timeout_s: float = 600.0
    silence_s: float = 120.0
    script: str = ""  # for /guest/script, where there is one


@dataclasses.dataclass
class Boot:
    """How one boot went. It is good when the script ended with 0 and `faults` is empty."""
    lines: list
    faults: list
    exit_status: int | None
    folder: str
    retries: int = 0

    @property
    def good(self):
        return not self.causes

    @property
    def causes(self):
        """What it was not good for, the first thing first."""
        if self.faults or self.exit_status == 0:
            return self.faults
        return [f"the guest's script ended with status {self.exit_status}"]


def kernel_image(kernel):
    path = kernel if os.path.sep in kernel else os.path.join(BUILD, "kernels", kernel, "vmlinuz")
    if not os.path.exists(path):
        raise initramfs.MissingPart(f"no kernel {kernel}: run vm/fetch_kernel.sh {kernel}")
    return path


def built_binaries(build):
    """The build's programs that the guest runs, as far as they are built."""
    places = ["src/cli/scx_pair", "src/cli/scx_pair_mutant", "vm/load"]
    paths = [os.path.join(BUILD, build, place) for place in places]
    return [path for path in paths if os.path.exists(path)]


def find_faults(console):
    return [line.strip() for line in console.splitlines() if FAULTS.search(line)]


class OneAtATime:
    """Guests are measured, so no two run at once: each boot holds a lock in the build folder."""

    def __enter__(self):
        os.makedirs(OUTPUT, exist_ok=True)
        self._file = open(os.path.join(OUTPUT, "lock"), "w", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("vm: waiting for another guest to end", flush=True)
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self._file.close()


def shape_of(machine):
    """Two threads a core, all cores in one package but for PACKAGES_KERNEL."""
    cores = machine.cpus // 2
    packages = cores if machine.kernel == PACKAGES_KERNEL else 1
    return f"{machine.cpus},sockets={packages},cores={cores // packages},threads=2"


def emulator():
    """The one that packaging/fetch_qemu.sh left, or else the installed one."""
    unpacked = os.path.join(BUILD, "deps", "qemu", "bin", "qemu-system-x86_64")
    return unpacked if os.path.exists(unpacked) else "qemu-system-x86_64"


def qemu_command(machine, folder):
    return [emulator(), "-no-user-config", "-nodefaults", "-display", "none",
            "-name", "guest,debug-threads=on", "-no-reboot", "-m", "2G",
            "-smp", shape_of(machine), *machine.accel,
            "-kernel", kernel_image(machine.kernel), "-initrd", os.path.join(folder, "initrd"),
            "-append", COMMAND_LINE,
            "-serial", "file:" + os.path.join(folder, "console.log"),
            "-chardev", "stdio,id=host,signal=off", "-serial", "chardev:host"]


def thread_names(process):
    names = {}
    for thread in os.listdir(f"/proc/{process.pid}/task"):
        with open(f"/proc/{process.pid}/task/{thread}/comm", encoding="utf-8") as file:
            names[int(thread)] = file.read().strip()
    return names


def settle_threads(process, cpus):
    """Keeps the host's scheduler out of what is measured. The emulator's devices, its timers above
    all, run before its virtual cpus: where those take all of the host's, a timer would wait for a
    tick, 4 ms. And each virtual cpu has one of the host's to itself, where there are enough: two
    that wake each other end up on the same one. Returns whether there is nothing left to do."""
    places = sorted(os.sched_getaffinity(0))
    try:
        names = thread_names(process)
        virtual = sorted(thread for thread, name in names.items() if name.startswith("CPU "))
        if len(virtual) < cpus:
            return False
        for thread in names.keys() - set(virtual):
            os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(1))
        if len(virtual) <= len(places):
            for thread, place in zip(virtual, places):
                os.sched_setaffinity(thread, {place})
    except PermissionError:
        print("vm: not allowed to favour the guest's timers; latencies will be coarse", flush=True)
    except OSError:
        pass  # The process or the thread has just ended.
    return True


def watch(process, conversation, machine):
    """Waits for the guest to end. Returns why it was ended early, or None."""
    start = time.monotonic()
    reason = None
    settled = False
    while reason is None and process.poll() is None:
        time.sleep(0.1)
        settled = settled or settle_threads(process, machine.cpus)
        conversation.poll()
        now = time.monotonic()
        if now - start > machine.timeout_s:
            reason = f"the guest did not end within {machine.timeout_s:.0f} s"
        elif now - conversation.last_growth > machine.silence_s:
            reason = f"the guest printed nothing for {machine.silence_s:.0f} s"
        elif conversation.unanswered:
            reason = f"the guest did not report what it was asked: {conversation.unanswered}"
    if reason:
        process.kill()
    process.wait()
    conversation.poll()
    return reason


def start_emulator(command, log):
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                bufsize=0)
    except FileNotFoundError as error:
        raise initramfs.MissingPart(
            f"no emulator {command[0]}: run packaging/fetch_qemu.sh") from error


def boot_once(machine, folder, printed, ask, on_line):
    os.makedirs(folder, exist_ok=True)
    console = os.path.join(folder, "console.log")
    if os.path.exists(console):
        os.remove(console)
    with open(os.path.join(folder, "initrd"), "wb") as file:
        file.write(initramfs.build_root(machine.binaries))
        if machine.script:
            file.write(initramfs.pack_script(machine.script))
    with open(os.path.join(folder, "qemu.log"), "wb") as log, \
            start_emulator(qemu_command(machine, folder), log) as process:
        conversation = Conversation(process, folder, printed, ask, on_line)
        try:
            reason = watch(process, conversation, machine)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            conversation.close()
    return judge(conversation.lines, folder, reason)


def emulators_word(folder):
    """What the emulator itself complained of first, or an empty text."""
    path = os.path.join(folder, "qemu.log")
    said = initramfs.read(path).decode("utf-8", "replace").strip() if os.path.exists(path) else ""
    return said.splitlines()[0] if said else ""


def judge(lines, folder, reason):
    console = ""
    if os.path.exists(os.path.join(folder, "console.log")):
        console = initramfs.read(os.path.join(folder, "console.log")).decode("utf-8", "replace")
    faults = find_faults(console)
    closing = CLOSING_LINE.match(lines[-1]) if lines else None
    if reason:
        faults.append(reason)
    elif closing is None and not faults:
        faults.append(emulators_word(folder) or "the guest ended without its closing line")
    exit_status = int(closing.group(1)) if closing else None
    return Boot(lines[:-1] if closing else lines, faults, exit_status, folder)


def is_emulator_fault(result):
    """Whether the known fault of TCG came first: whatever follows an oops is its consequence."""
    return bool(result.faults) and EMULATOR_FAULT.search(result.faults[0]) is not None


def boot(machine, ask, name, on_line=lambda line: None):
    """Boots `machine`, tells it what `ask` says and returns the Boot; logs stay in build/vm/NAME.
    `ask` maps all that was printed so far to the next command, or to None at the end. When the
    emulator ends a guest, another one goes on from there."""
    folder = os.path.join(OUTPUT, name)
    printed, retries, in_vain = [], 0, 0
    # Whoever is told to end takes the guest along.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with OneAtATime():
        while True:
            result = boot_once(machine, folder, printed, ask, on_line)
            in_vain = 0 if ask(printed + result.lines) != ask(printed) else in_vain + 1
            printed = printed + result.lines
            result.lines, result.retries = printed, retries
            if not is_emulator_fault(result) or in_vain == ATTEMPTS_IN_VAIN:
                return result
            kept = os.path.join(folder, f"console.int3.{retries}.log")
            os.replace(os.path.join(folder, "console.log"), kept)
            retries += 1
            printed.append(ANOTHER_GUEST)
            print(f"vm: the emulator's own fault ended the guest ({result.faults[0]}); "
                  f"trying again, console in {os.path.relpath(kept, ROOT)}", flush=True)


def asks_for_script(printed):
    """Has /guest/script run, once in each guest."""
    ran = False
    for line in printed:
        ran = line == SCRIPT_RAN or (ran and line != ANOTHER_GUEST)
    return None if ran else f"sh /guest/script; status=$?; echo '{SCRIPT_RAN}'; (exit $status)"


def choose_accel(kernel):
    """KVM where a guest really runs under it, TCG otherwise. /dev/kvm alone proves nothing."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return EMULATION
    answer = os.path.join(OUTPUT, "accel")
    key = os.uname().release
    if os.path.exists(answer):
        with open(answer, encoding="utf-8") as file:
            known_key, _, works = file.read().partition(": ")
        if known_key == key:
            return VIRTUALISATION if works.strip() == "kvm" else EMULATION
    print("vm: trying whether KVM works", flush=True)
    machine = Machine(kernel, 2, [], VIRTUALISATION, timeout_s=20.0)
    works = boot(machine, lambda _: None, "kvm-probe").good
    with open(answer, "w", encoding="utf-8") as file:
        file.write(f"{key}: {'kvm' if works else 'tcg'}\n")
    print(f"vm: guests run under {'KVM' if works else 'TCG, without KVM'}", flush=True)
    return VIRTUALISATION if works else EMULATION


def add_machine_arguments(parser):
    parser.add_argument("--kernel", default="7.3", help="release in build/kernels, or an image")
    parser.add_argument("--cpus", type=int, default=4, choices=CPUS)
    parser.add_argument("--build", default="dev", help="folder of build/ to take programs from")
    parser.add_argument("--accel", choices=["auto", "tcg", "kvm"], default="auto")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds for one boot")


def machine_of(arguments):
    accel = {"tcg": EMULATION, "kvm": VIRTUALISATION}.get(arguments.accel)
    return Machine(arguments.kernel, arguments.cpus, built_binaries(arguments.build),
                   accel or choose_accel(arguments.kernel), arguments.timeout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    add_machine_arguments(parser)
    parser.add_argument("--script", required=True, help="shell script to run in the guest")
    parser.add_argument("--add", action="append", default=[], help="another program for /bin")
    parser.add_argument("--name", default="script", help="folder of build/vm for the logs")
    arguments = parser.parse_args()
    machine = machine_of(arguments)
    machine.binaries += arguments.add
    with open(arguments.script, encoding="utf-8") as file:
        machine.script = file.read()
    result = boot(machine, asks_for_script, arguments.name, lambda line: print(line, flush=True))
    for fault in result.faults:
        print("vm: " + fault)
    print(f"vm: console in {os.path.relpath(result.folder, ROOT)}/console.log")
    return 0 if result.good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except initramfs.MissingPart as missing:
        sys.exit(f"vm: {missing}")
