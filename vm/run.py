#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs rows of the table of workloads on real kernels in virtual machines, and judges them.

One boot for each kernel and guest size. Without arguments: every row that is for the guest, the
judge's own trial and the wrong starts, on 7.3 and 6.18, with 2 and with 4 cpus. The last line is
the count of cases.

With --quick: every row once, on the newest kernel alone and under scx_pair alone, and judged only
by what is judged on every guest: the promise, and that no task is lost; and the judge's own trial
and the wrong starts. The host's pace is no part of that.

usage: vm/run.py [--quick] [--kernel 7.3] [--cpus 2] [--row spinners]
"""

import argparse
import json
import os
import sys
import time

import boot
import cells
import faithful
import initramfs
import judge
import pace
import report
import table

KERNELS = [table.NEWEST, *table.OLDER]
SIZES = [2, 4]
BOOTS_PER_RETRY = 20
# Where the guest has more cpus than its host, a kick waits until the host runs the virtual cpu it
# was sent to. Seen with 4 on 2, in a trace of the guest's interrupts: of 190 moves that took over
# 1 ms, 70 % of the time passed before the cpu that ended it got its first interrupt; the longest,
# 10.9 ms, began with 6.3 ms without an event on any of the four cpus. Without a trace: 14.5 ms,
# once.
CROWDED_MOVE_BOUND_MS = 40


def show_progress(prefix):
    start = time.monotonic()

    def on_line(line):
        if not line.startswith(("cell ", "attempt ", "ending ", "drawing ", "messages ",
                                "guest: ")):
            text = line.removeprefix("progress: ")
            print(f"{prefix} {time.monotonic() - start:5.0f} s  {text}", flush=True)

    return on_line


def program_of(machine, name):
    """Its path, or None where it is not built."""
    return next((path for path in machine.binaries if os.path.basename(path) == name), None)


def plan_of(machine, rows, schedulers, full):
    """A full one has the judge's trial and the wrong starts with one pair, where the trial is
    cleanest."""
    plan = cells.Plan(rows, schedulers)
    if machine.cpus > (os.cpu_count() or 1):
        plan.move_bound_ms = CROWDED_MOVE_BOUND_MS
    if full and machine.cpus == 2:
        plan.trials = ((table.STRANGERS, table.EEVDF), (table.KIN, table.EEVDF))
        plan.attempts = cells.ATTEMPTS
        if program_of(machine, table.MUTANT):
            plan.trials += ((table.MUTANT_ROW, table.MUTANT),)
    return plan


def measure(machine, plan, prefix, on_line=None):
    """Carries out the plan: what was measured and how the guest ended."""
    name = prefix.replace("/", "-")
    result = boot.boot(machine, plan.next_command, name, on_line or show_progress(prefix))
    measured = cells.parse(result.lines)
    with open(os.path.join(result.folder, "cells.json"), "w", encoding="utf-8") as file:
        json.dump([*measured.cells.values(), *measured.attempts.values()], file, indent=1)
    return measured, result


def boot_case(prefix, result):
    detail = "; ".join(result.faults[:3]) or f"retries: {result.retries}"
    if not result.good:
        detail += f"; console in {os.path.relpath(result.folder, boot.ROOT)}/console.log"
    return judge.Case(f"{prefix}: the guest boots, works and closes without a fault",
                      "passed" if result.good else "failed", detail)


def prefix_of(machine):
    return f"{os.path.basename(machine.kernel)}/{machine.cpus}cpu"


def run_quickly(machine, rows, full):
    prefix = prefix_of(machine)
    plan = plan_of(machine, rows, (table.OURS,), full)
    measured, result = measure(machine, plan, prefix)
    cases = [boot_case(prefix, result), judge.judge_endings(prefix, measured.endings)]
    for row in rows:
        cases += judge.judge_row(prefix, row, measured.cells, None)
    cases += cases_beside_rows(machine, plan, measured, "how steady the host is was not asked")
    report.print_cases(cases)
    return cases, result


def run_guest(machine, rows, full):
    prefix = prefix_of(machine)
    plan = plan_of(machine, rows, (table.EEVDF, table.OURS), full)
    plan.timed = plan.settles = machine.cpus == 2
    plan.spares_controls = machine.cpus
    with pace.Watch() as host:
        measured, result = measure(machine, plan, prefix)
    if host.slowness:
        print(f"{prefix}: {host.slowness}", flush=True)
    report.print_table(f"{prefix}, one boot", measured.cells, rows, machine.cpus)
    if machine.cpus == 2 and machine.kernel in KERNELS:
        faithful.print_comparison(measured.cells, table.OURS, program_of(machine, table.OURS),
                                  machine.kernel)
    cases = [boot_case(prefix, result), judge.judge_endings(prefix, measured.endings)]
    for row in rows:
        cases += judge.judge_row(prefix, row, measured.cells, machine.cpus, host.slowness)
    cases += cases_beside_rows(machine, plan, measured, host.slowness)
    report.print_cases(cases)
    return cases, result


def cases_beside_rows(machine, plan, measured, host_slowness):
    """Those of the judge's own trial and of the wrong starts, as far as they are in the plan."""
    prefix = prefix_of(machine)
    cases = []
    if plan.trials:
        with_mutant = program_of(machine, table.MUTANT) is not None
        cases += judge.judge_the_judge(prefix, measured.cells, with_mutant, host_slowness)
    return cases + [judge.judge_attempt(prefix, name, measured.attempts.get(name))
                    for name, _ in plan.attempts]


def retries_case(results):
    """The emulator's own fault may come now and then; an emulator that does it often is no set-up
    to judge anything with."""
    retries = sum(result.retries for result in results)
    boots = len(results) + retries
    return judge.Case("set-up: at most one boot in twenty ends by the emulator's own fault",
                      "passed" if retries * BOOTS_PER_RETRY <= boots else "failed",
                      f"boots: {boots}, retries: {retries}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true",
                        help=f"{table.NEWEST} only, and nothing that depends on the host's pace")
    parser.add_argument("--kernel", action="append", help=f"release or image; default {KERNELS}")
    parser.add_argument("--cpus", action="append", type=int, choices=boot.CPUS)
    parser.add_argument("--row", action="append", help="row to run; default all, and the rest")
    parser.add_argument("--build", default="dev", help="folder of build/ to take programs from")
    parser.add_argument("--accel", choices=["auto", "tcg", "kvm"], default="auto")
    parser.add_argument("--timeout", type=float, default=1500.0, help="seconds for one boot")
    arguments = parser.parse_args()
    named = [table.row_named(name) for name in arguments.row or []]
    kernels = [table.NEWEST] if arguments.quick else KERNELS
    guests = [(kernel, cpus) for kernel in arguments.kernel or kernels
              for cpus in arguments.cpus or SIZES]
    cases, results = [], []
    for arguments.kernel, arguments.cpus in guests:
        rows = named or table.rows_for(arguments.kernel, arguments.cpus)
        machine = boot.machine_of(arguments)
        judged, result = (run_quickly if arguments.quick else run_guest)(machine, rows, not named)
        cases += judged
        results.append(result)
    retries = retries_case(results)
    print(retries.detail)
    if not arguments.quick:
        cases.append(retries)
    failed = [case for case in cases if case.outcome == "failed"]
    if failed:
        print("\nwhat failed:")
        report.print_cases(failed)
    print(report.last_line(cases))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except initramfs.MissingPart as missing:
        sys.exit(f"vm: {missing}")
