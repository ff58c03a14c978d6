# SPDX-License-Identifier: GPL-2.0-only
"""Prints what was measured: one table a boot, EEVDF and scx_pair side by side, then the cases."""

from cell import Cell
from known import Missing
from promises import NS_PER_MS, NS_PER_S

import table

HEADINGS = ["workload", "scheduler", "violation", "longest", "both busy", "beside RT", "used",
            "time", "wake p99", "longest wait"]


def share(part_ns, whole_ns):
    return f"{100 * part_ns / whole_ns:.2f} %" if whole_ns else "-"


def milliseconds(ns):
    return f"{ns / NS_PER_MS:.2f} ms" if ns else "0"


def or_missing(column):
    """A column's text, which says so where its value was not reported."""
    try:
        return column()
    except Missing:
        return "missing"


def command_time(cell):
    seconds = cell.command_seconds()
    return f"{seconds:.2f} s" if seconds else "-"


def table_line(row, scheduler, cell, cpus):
    if cell.trouble:
        return [row.name, scheduler, f"not judged: {cell.trouble}"] + [""] * (len(HEADINGS) - 3)
    violation = share(cell.violation_ns, cell.both_busy_ns) if cell.violation_ns else "0 ns"

    def read(path):
        return cell.read("audit.total." + path)

    return [row.name, scheduler, violation, *(or_missing(column) for column in (
        lambda: milliseconds(read("violation_longest_ns")),
        lambda: share(cell.both_busy_ns, cell.window_ns * cpus / 2),
        lambda: share(read("higher_ns"), cell.both_busy_ns) if read("higher_ns") else "-",
        lambda: share(read("busy_ns"), cell.window_ns * cpus),
        lambda: command_time(cell),
        lambda: milliseconds(cell.sleep_p99_ns()) if cell.read("load.sleep_wake.count") else "-",
        lambda: milliseconds(cell.longest_gap_ns()) if cell.tasks else "-",
    ))]


def rate_text(cell, key):
    return f"{cell.read(f'load.{key}.done') * NS_PER_S / cell.read('load.measured_ns'):.1f}"


def rates(row, measured, schedulers):
    """What the row's own tasks achieved, for the rows that count something."""
    texts = []
    for scheduler in schedulers:
        cell = Cell(measured.get((row.name, scheduler)))
        for key, what in [("moves", "moves/s"), ("churn", "cycles/s")]:
            if key == row.name and not cell.trouble:
                texts.append(f"{scheduler} {or_missing(lambda: rate_text(cell, key))} {what}")
    return f"{row.name}: " + ", ".join(texts) if texts else ""


def print_table(title, measured, rows, cpus, schedulers=(table.EEVDF, table.OURS)):
    lines = [HEADINGS]
    for row in rows:
        for scheduler in schedulers:
            raw = measured.get((row.name, scheduler))
            if scheduler == table.EEVDF and not raw:
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
