#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the table of workloads under the kernel's own core scheduling, with one cookie for each
cgroup, beside EEVDF and scx_pair in the same boot: the rival in the same harness. Also meets the
one wrong start that needs such a kernel. It compares; only what scx_pair promises is judged.

usage: vm/peers.py [--kernel build/kernels/7.3-sched-core/vmlinuz] [--cpus 2]
"""

import argparse
import sys

import boot
import cells
import initramfs
import judge
import report
import run
import table

SCHEDULERS = (table.EEVDF, table.COOKIES, table.OURS)


def main():
    parser = argparse.ArgumentParser(description="Compares with in-kernel core scheduling.")
    boot.add_machine_arguments(parser)
    parser.add_argument("--row", action="append", help="row to run; default all")
    parser.set_defaults(kernel="7.3-sched-core", cpus=2, timeout=1200.0)
    arguments = parser.parse_args()
    rows = [table.row_named(name) for name in arguments.row] if arguments.row \
        else table.rows_for(table.NEWEST, arguments.cpus)
    machine = boot.machine_of(arguments)
    prefix = f"sched-core/{machine.cpus}cpu"
    name, _ = cells.COOKIE_ATTEMPT
    plan = cells.Plan(rows, SCHEDULERS, attempts=(cells.COOKIE_ATTEMPT,),
                      timed=machine.cpus == 2)
    measured, result = run.measure(machine, plan, prefix)
    report.print_table(f"{prefix}, one boot", measured.cells, rows, machine.cpus, SCHEDULERS)
    cases = [run.boot_case(prefix, result), judge.judge_endings(prefix, measured.endings),
             judge.judge_attempt(prefix, name, measured.attempts.get(name))]
    for row in rows:
        cases += judge.judge_row(prefix, row, measured.cells, machine.cpus)
    report.print_cases(cases)
    print(report.last_line(cases))
    return 1 if report.count(cases, "failed") else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except initramfs.MissingPart as missing:
        sys.exit(f"vm: {missing}")
