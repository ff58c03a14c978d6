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
        total = audit["total"]
        domains = [domain for domain in audit["domains"] if domain["path"] in paths]
        cpu_ns = {domain["path"]: domain["cpu_ns"] for domain in domains}
        whole_ns = sum(cpu_ns.values()) or 1
        return Figures(sum(domain["turns"] for domain in domains) / seconds,
                       (total["forced_idle_ns"] + total["missed_idle_ns"]) /
                       total["cpu_ns_available"],
                       {path: cpu_ns.get(path, 0) / whole_ns for path in sorted(paths)})

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


def text_of(name, value):
    return f"{value:.1f}" if name == "turns/s" else f"{100 * value:.1f} %"


def print_comparison(measured, scheduler, program, kernel):
    lines = []
    for row in ROWS:
        raw = measured.get((row, scheduler))
        if not raw:
            continue
        paths = scenario.inhabited(scenario.read(f"vm/{row}"))
        real_figures = real(raw, paths)
        if real_figures is None:
            continue
        for name, ours, theirs, good in compare(real_figures,
                                                simulated(program, row, kernel, paths)):
            lines.append([row, name, text_of(name, ours), text_of(name, theirs),
                          "" if good else "apart"])
    if not lines:
        return
    print(f"the simulator beside this kernel (apart: by more than {AGREES_WITHIN:.0%})")
    for row, name, ours, theirs, note in [["scenario", "", "kernel", "simulator", ""], *lines]:
        print(f"  {row:<10} {name:<12} {ours:>10} {theirs:>10}  {note}".rstrip())
    print(flush=True)
