# SPDX-License-Identifier: GPL-2.0-only
"""Holds the simulator against real kernels: the same scenario, judged by the same judge.

What is compared is what the scheduler decides: how often the pair changes hands, who has how much
of the cpu time, and how much of it is lost because siblings exclude each other. It is shown, not
judged: an emulated guest's times are its host's, and docs/simulator.md says what to make of a gap.
"""

import dataclasses
import json
import subprocess

from cell import Cell
from known import Missing, number, value
from promises import NS_PER_S

import scenario

# Not those in which tasks of the root do what in the simulator nobody does: moving and churning.
ROWS = ["spinners", "pinned", "fifo", "sleepers", "weights", "nested"]
AGREES_WITHIN = 0.10
# Below this a difference is not worth a share of it: turns a second, and shares of cpu time.
LEAST = {"turns/s": 1.0, "idle": 0.01}


@dataclasses.dataclass
class Figures:
    """What a verdict of the judge says, whatever was judged."""
    turns_per_s: float
    idle: float     # of the cpu time, forced by siblings or by the end of a turn
    shares: dict    # path of the domain to its part of the cpu time of all of them

    @staticmethod
    def of(audit, seconds, paths):
        domains = {domain["path"]: domain for domain in value(audit, "domains")}
        absent = sorted(set(paths) - set(domains))
        if absent:
            raise Missing(f"the audit knows nothing of {', '.join(absent)}")
        cpu_ns = {path: number(domains[path], "cpu_ns") for path in sorted(paths)}
        whole_ns = sum(cpu_ns.values()) or 1
        idle_ns = number(audit, "total.forced_idle_ns") + number(audit, "total.missed_idle_ns")
        return Figures(sum(number(domains[path], "turns") for path in paths) / seconds,
                       idle_ns / number(audit, "total.cpu_ns_available"),
                       {path: ns / whole_ns for path, ns in cpu_ns.items()})

    def named(self):
        yield "turns/s", self.turns_per_s
        yield "idle", self.idle
        for path, share in self.shares.items():
            yield f"share of {path}", share


def mean(figures):
    """Of the rounds of a cell: times differ from round to round."""
    count = len(figures)
    return Figures(sum(one.turns_per_s for one in figures) / count,
                   sum(one.idle for one in figures) / count,
                   {path: sum(one.shares[path] for one in figures) / count
                    for path in figures[0].shares})


def real(raw, paths):
    rounds = [one for one in Cell(raw).rounds if not one.trouble]
    if not rounds:
        return None
    return mean([Figures.of(one.audit, one.window_ns / NS_PER_S, paths) for one in rounds])


def simulated(program, name, kernel, paths):
    run = subprocess.run([program, "sim", scenario.file_of(f"vm/{name}"), "--json",
                          "--kernel", kernel], check=True, capture_output=True, text=True)
    report = json.loads(run.stdout)
    seconds = (report["duration_ns"] - report["warmup_ns"]) / NS_PER_S
    return Figures.of(report["audit"], seconds, paths)


def agree(name, ours, theirs):
    return abs(ours - theirs) <= max(abs(theirs) * AGREES_WITHIN, LEAST.get(name, 0))


def compare(real_figures, sim_figures):
    """Lines of name, real kernel, simulator, and whether they agree within a tenth."""
    simulated_by_name = dict(sim_figures.named())
    for name, value in real_figures.named():
        other = simulated_by_name[name]
        yield name, value, other, agree(name, other, value)


def text_of(name, figure):
    return f"{figure:.1f}" if name == "turns/s" else f"{100 * figure:.1f} %"


def lines_of(row, real_figures, sim_figures):
    if real_figures is None:
        return []
    return [[row, name, text_of(name, ours), text_of(name, theirs), "" if good else "apart"]
            for name, ours, theirs, good in compare(real_figures, sim_figures)]


def print_comparison(measured, scheduler, program, kernel):
    lines = []
    for row in ROWS:
        raw = measured.get((row, scheduler))
        if not raw:
            continue
        paths = scenario.inhabited(scenario.read(f"vm/{row}"))
        try:
            lines += lines_of(row, real(raw, paths), simulated(program, row, kernel, paths))
        except Missing as missing:
            lines.append([row, "", "", "", f"not compared: {missing}"])
    if not lines:
        return
    print(f"the simulator beside this kernel (apart: by more than {AGREES_WITHIN:.0%})")
    for row, name, ours, theirs, note in [["scenario", "", "kernel", "simulator", ""], *lines]:
        print(f"  {row:<10} {name:<12} {ours:>10} {theirs:>10}  {note}".rstrip())
    print(flush=True)
