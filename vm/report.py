# SPDX-License-Identifier: GPL-2.0-only
"""Prints what was measured: one table a boot, EEVDF and scx_pair side by side, then the cases."""

from cell import Cell
from promises import NS_PER_MS, NS_PER_S

import cells

HEADINGS = ["workload", "scheduler", "violation", "longest", "both busy", "beside RT", "used",
            "time", "wake p99", "longest wait"]


def share(part_ns, whole_ns):
    return f"{100 * part_ns / whole_ns:.2f} %" if whole_ns else "-"


def milliseconds(ns):
    return f"{ns / NS_PER_MS:.2f} ms" if ns else "0"


def table_line(row, scheduler, cell, cpus):
    if cell.trouble:
        return [row.name, scheduler, f"not judged: {cell.trouble}"] + [""] * (len(HEADINGS) - 3)
    total, load = cell.total, cell.load
    seconds = cell.command_seconds() if load["commands"] else None
    gaps = [task["longest_gap_ns"] for task in load["tasks"]]
    violation = share(cell.violation_ns, cell.both_busy_ns) if cell.violation_ns else "0 ns"
    return [
        row.name, scheduler, violation, milliseconds(total.get("violation_longest_ns", 0)),
        share(cell.both_busy_ns, cell.window_ns * cpus / 2),
        share(total.get("higher_ns", 0), cell.both_busy_ns) if total.get("higher_ns") else "-",
        share(total["busy_ns"], cell.window_ns * cpus),
        f"{seconds:.2f} s" if seconds else "-",
        milliseconds(cell.sleep_p99_ns()) if load["sleep_wake"]["count"] else "-",
        milliseconds(max(gaps)) if gaps else "-",
    ]


def rates(row, measured, schedulers):
    """What the row's own tasks achieved, for the rows that count something."""
    texts = []
    for scheduler in schedulers:
        load = Cell(measured.get((row.name, scheduler))).load
        for key, what in [("moves", "moves/s"), ("churn", "cycles/s")]:
            if load.get(key, {}).get("done"):
                rate = load[key]["done"] * NS_PER_S / load["measured_ns"]
                texts.append(f"{scheduler} {rate:.1f} {what}")
    return f"{row.name}: " + ", ".join(texts) if texts else ""


def print_table(title, measured, rows, cpus, schedulers=(cells.EEVDF, cells.OURS)):
    lines = [HEADINGS]
    for row in rows:
        for scheduler in schedulers:
            raw = measured.get((row.name, scheduler))
            if scheduler == cells.EEVDF and not raw:
                continue  # Spared.
            cell = Cell(raw)
            lines += [table_line(row, scheduler, one, cpus) for one in cell.rounds]
    whole = [line for line in lines if not line[2].startswith("not judged")]
    widths = [max(len(line[i]) for line in whole) for i in range(len(HEADINGS))]
    print(f"\n{title}")
    for line in lines:
        cells_text = [line[0].ljust(widths[0]), line[1].ljust(widths[1])]
        cells_text += [text.rjust(width) for text, width in zip(line[2:], widths[2:])]
        print("  " + "  ".join(cells_text).rstrip())
    for text in filter(None, (rates(row, measured, schedulers) for row in rows)):
        print("  " + text)
    print(flush=True)


def count(cases, outcome):
    return sum(case.outcome == outcome for case in cases)


def print_cases(cases):
    marks = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}
    for case in cases:
        print(f"{marks[case.outcome]} {case.name}" + (f" ({case.detail})" if case.detail else ""))


def last_line(cases):
    return (f"{count(cases, 'passed')} passed, {count(cases, 'failed')} failed, "
            f"{count(cases, 'skipped')} skipped")
