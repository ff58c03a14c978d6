#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Shows the difference, then tells it: boots a stock kernel on 2 cores x 2 threads, draws who is on
the cpus of one core under EEVDF and under scx_pair, measures a few workloads under both, and ends
with one line for scripts. The exit status agrees with that line.
"""

import argparse
import os
import sys

import boot
import cells
import initramfs
import report
import run
from cell import Cell

KERNEL = "7.3"
CPUS = 4
ROWS = ["spinners", "sleepers", "pinned", "fifo"]
DRAWN_MS = 200

HEADLINES = {
    cells.EEVDF: "Under EEVDF, the kernel's own scheduler, cgroups meet on one core all the time:",
    cells.OURS: "Under scx_pair a core belongs to one cgroup at a time:",
}


class Show:
    """Prints each drawing when it comes, without the tables and the verdict that follow it, and
    progress in between."""

    def __init__(self):
        self._progress = run.show_progress("demo:")
        self._seen = set()
        self._over = set()

    def on_line(self, line):
        kind, _, text = line.partition(" ")
        if kind != "drawing":
            self._progress(line)
            return
        scheduler, _, drawn = text.partition(" ")
        if scheduler not in self._seen:
            print(f"\n{HEADLINES[scheduler]}\n")
            self._seen.add(scheduler)
        if scheduler not in self._over:
            print("  " + drawn, flush=True)
        if not drawn:
            self._over.add(scheduler)


def verdict_line(measured, rows, kernel, faultless):
    """What all judged cells of scx_pair say together. What is missing breaks the promise, and so
    does a fault of the guest."""
    judged = [Cell(measured.cells.get((row.name, cells.OURS))) for row in rows]
    troubles = [cell.trouble for cell in judged if cell.trouble]
    good = [cell for cell in judged if not cell.trouble]
    violation_ns = sum(cell.violation_ns for cell in good)
    ejected = not measured.endings or any(one["exit"] != 0 for one in measured.endings)
    kept = faultless and not troubles and not ejected and violation_ns == 0
    line = (f"verdict: {'kept' if kept else 'broken'} violation_ns={violation_ns} "
            f"both_busy_ns={sum(cell.both_busy_ns for cell in good)} "
            f"cells={len(good)}/{len(rows)} kernel={kernel}")
    return kept, line, troubles


def main():
    parser = argparse.ArgumentParser(description="Shows scx_pair at work on a real kernel.")
    parser.add_argument("--build", default="dev", help="folder of build/ to take programs from")
    parser.add_argument("--accel", choices=["auto", "tcg", "kvm"], default="auto")
    arguments = parser.parse_args(namespace=argparse.Namespace(kernel=KERNEL, cpus=CPUS,
                                                               timeout=600.0))
    rows = [cells.row_named(name) for name in ROWS]
    plan = cells.Plan(rows, drawings=(cells.EEVDF, cells.OURS))
    print(f"demo: booting {KERNEL} on 2 cores x 2 threads; a few minutes", flush=True)
    measured, result = run.measure(boot.machine_of(arguments), plan, "demo", Show().on_line)
    report.print_table("violation: the time two cgroups ran on one core, as a share of the time "
                       "both its cpus were busy", measured.cells, rows, CPUS)
    kept, line, troubles = verdict_line(measured, rows, KERNEL, result.good)
    for trouble in troubles + result.faults:
        print(f"demo: {trouble}")
    if not result.good:
        print(f"demo: console in {os.path.relpath(result.folder, boot.ROOT)}/console.log")
    print(line)
    return 0 if kept else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except initramfs.MissingPart as missing:
        print(f"demo: {missing}")
        sys.exit("verdict: broken violation_ns=0 cells=0")
