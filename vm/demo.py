#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Shows the difference, then tells it: boots a stock kernel on 2 cores x 2 threads, draws who is on
the cpus of one core under EEVDF and under scx_pair, measures a few workloads under both, and ends
with one line for scripts. The exit status agrees with its first word:

  kept          0  every cell was judged and nothing violated
  broken        1  a violation was measured, or the kernel ejected the scheduler
  inconclusive  3  neither; the line before says what came first and what to do
"""

import argparse
import os
import sys

import boot
import cells
import initramfs
import picture
import report
import run
import table
from cell import KERNELS_OWN, SCX_PAIR, Cell, decode, first_cause
from known import value

KERNEL = "7.3"
CPUS = 4
ROWS = ["spinners", "sleepers", "pinned"]
SECONDS = 4
DRAWN_CGROUPS = ["/a", "/b", "/c"]
EXIT_STATUS = {"kept": 0, "broken": 1, "inconclusive": 3}
# Of scx_pair itself; docs/exit-codes.md.
EXIT_EJECTED = 4

AGAIN = "run it again when this machine has less to do"
HEADLINES = {
    table.EEVDF: "Under EEVDF, the kernel's own scheduler, cgroups meet on one core all the time:",
    table.OURS: "Under scx_pair a core belongs to one cgroup at a time:",
}
AS_AUDITED = {table.EEVDF: KERNELS_OWN, table.OURS: SCX_PAIR}


def picture_of(measured, scheduler):
    """(the picture's lines, why it may not be shown or an empty text)."""
    raw = measured.drawings.get(scheduler)
    if raw is None:
        return [], "the guest ended before"
    drawn = decode(raw, "picture").splitlines()
    if not drawn:
        return drawn, f"the audit drew nothing: {first_cause(decode(raw, 'audit_errors'))}"
    late = Cell(raw).lateness
    return drawn, late or picture.flaw(drawn, AS_AUDITED[scheduler], DRAWN_CGROUPS)


class Show:
    """Prints each picture when it has come, and progress in between."""

    def __init__(self):
        self._progress = run.show_progress("demo:")
        self._shown = set()

    def on_line(self, line):
        self._progress(line)
        for scheduler in cells.parse([line]).drawings:
            self.show(scheduler, *picture_of(cells.parse([line]), scheduler))

    def show(self, scheduler, drawn, flaw):
        if not flaw and scheduler not in self._shown:
            self._shown.add(scheduler)
            print("\n".join([f"\n{HEADLINES[scheduler]}\n",
                             *("  " + line for line in picture.timeline_of(drawn)), ""]),
                  flush=True)

    def tell_flaws(self, measured):
        for scheduler in set(HEADLINES) - self._shown:
            print(f"demo: no picture under {scheduler}: {picture_of(measured, scheduler)[1]}")


def ejection(measured, faults):
    """How the kernel ended the scheduler, or an empty text."""
    said = [fault for fault in faults if boot.EJECTION.search(fault)]
    said += [first_cause(decode(one, "errors")) for one in measured.endings
             if one["exit"] == EXIT_EJECTED]
    return said[0] if said else ""


def doubt(cell):
    """Why a cell without a violation is none that kept the promise, or an empty text."""
    if cell.trouble:
        return cell.trouble
    said = value(cell.raw, "audit.verdict")
    return "" if said == "kept" else f"the audit says: {said}{cell.reason}"


def first_trouble(measured, faults):
    """What kept a cell from being judged, the first thing first, and what to do; or nothing."""
    if faults:
        return faults[0], "run it again; if it stays so, read the console"
    for one in measured.endings:
        if one.get("exit") != 0:
            return f"{one['scheduler']} ended with status {one.get('exit')}: " \
                f"{first_cause(decode(one, 'errors'))}", "docs/exit-codes.md says what it means"
    for name in ROWS:
        trouble = doubt(Cell(measured.cells.get((name, table.OURS))))
        if trouble:
            return f"{name}: {trouble}", AGAIN
    return None


def drawn_violation_ns(measured):
    """What the audit behind our picture has found, if it is one."""
    drawn, flaw = picture_of(measured, table.OURS)
    return 0 if flaw else picture.violation_ns(drawn)


def conclude(measured, faults):
    """(word, line for scripts, what to say before it) of everything that the guest reported."""
    judged = [Cell(measured.cells.get((name, table.OURS))) for name in ROWS]
    judged = [cell for cell in judged if not cell.trouble]
    violation_ns = sum(cell.violation_ns for cell in judged) + drawn_violation_ns(measured)
    ejected = ejection(measured, faults)
    trouble = first_trouble(measured, faults)
    if violation_ns > 0:
        word, why = "broken", "two cgroups ran on one core at once under scx_pair"
    elif ejected:
        word, why = "broken", f"the kernel ejected scx_pair: {ejected}"
    elif trouble:
        word, why = "inconclusive", f"{trouble[0]}; {trouble[1]}"
    else:
        word, why = "kept", ""
    line = (f"verdict: {word} violation_ns={violation_ns} "
            f"both_busy_ns={sum(cell.both_busy_ns for cell in judged)} "
            f"cells={len(judged)}/{len(ROWS)} kernel={KERNEL}")
    return word, line, why


def show(machine):
    rows = [table.row_named(name) for name in ROWS]
    plan = cells.Plan(rows, drawings=(table.EEVDF, table.OURS), seconds=SECONDS)
    shown = Show()
    print(f"demo: booting {KERNEL} on 2 cores x 2 threads; a few minutes", flush=True)
    measured, result = run.measure(machine, plan, "demo", shown.on_line)
    report.print_table("violation: the time two cgroups ran on one core, as a share of the time "
                       "both its cpus were busy", measured.cells, rows, CPUS)
    shown.tell_flaws(measured)
    word, line, why = conclude(measured, result.causes)
    if result.causes:
        print(f"demo: console in {os.path.relpath(result.folder, boot.ROOT)}/console.log")
    if why:
        print(f"demo: {why}")
    print(line)
    return EXIT_STATUS[word]


def main():
    parser = argparse.ArgumentParser(description="Shows scx_pair at work on a real kernel.")
    parser.add_argument("--build", default="dev", help="folder of build/ to take programs from")
    parser.add_argument("--accel", choices=["auto", "tcg", "kvm"], default="auto")
    arguments = parser.parse_args(namespace=argparse.Namespace(kernel=KERNEL, cpus=CPUS,
                                                               timeout=1200.0))
    try:
        return show(boot.machine_of(arguments))
    except initramfs.MissingPart as missing:
        why = str(missing)
    except KeyboardInterrupt:
        why = "told to end before everything was measured; run it again"
    print(f"demo: {why}")
    print(f"verdict: inconclusive violation_ns=0 both_busy_ns=0 cells=0/{len(ROWS)} "
          f"kernel={KERNEL}")
    return EXIT_STATUS["inconclusive"]


if __name__ == "__main__":
    sys.exit(main())
