# SPDX-License-Identifier: GPL-2.0-only
"""What must come out of the cells. Every judgement is a named case that passes or fails.

The list of cases follows from the table alone: a cell that is missing from the results fails its
cases, it does not shorten the list.

Violations are judged on every guest. Times, utilisation and latency are judged on the guest with
one pair, where virtual cpus are not more than the host's: elsewhere a virtual cpu that the host is
not running would be measured, and not the scheduler.
"""

import base64
import dataclasses
import itertools

import cells

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

# The promises of the table, as numbers.
BUSY_AT_LEAST = 0.95
HACKBENCH_AT_MOST = 1.25
LATENCY_AT_MOST = 2.0
PINNED_GAP_NS_MAX = NS_PER_S
PINNED_USED_AT_LEAST = 0.56
CHURN_AT_LEAST = 0.5
SPINNERS_AT_MOST = 0.75
STRANGERS_AT_LEAST = 0.99
OVERLAP_AT_MOST = 0.5
# A task that has shown no sign of life for this long, of a row of seconds, counts as lost.
LOST_GAP_NS = 5 * NS_PER_S

EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3


@dataclasses.dataclass
class Case:
    name: str
    outcome: str  # passed, failed, skipped
    detail: str = ""


class Cell:
    """One measured cell, as the guest printed it. Missing parts show as `trouble`."""

    def __init__(self, raw):
        self.raw = raw or {}
        self.audit = self.raw.get("audit") or {}
        self.total = self.audit.get("total") or {}
        self.load = self.raw.get("load") or {}
        self.window_ns = self.raw.get("seconds", 0) * NS_PER_S
        self.rounds = [Cell(earlier) for earlier in self.raw.get("earlier", [])] + [self]

    @property
    def trouble(self):
        """Why nothing can be judged by this cell, or an empty text."""
        if not self.raw:
            return "not measured"
        errors = base64.b64decode(self.raw.get("errors", "")).decode("utf-8", "replace").strip()
        errors = "; ".join(errors.splitlines()[-3:])
        if not self.total:
            return f"no verdict (exit {self.raw.get('audit_exit')}): {errors}"
        if not self.load:
            return f"the load did not report: {errors}"
        if self.audit.get("lost"):
            return f"the judge lost {self.audit['lost']} records"
        if self.raw.get("late_cs", 0) > 0:
            return f"the load started {self.raw['late_cs'] / 100} s after the window"
        return ""

    @property
    def both_busy_ns(self):
        return self.total["both_busy_ns"]

    @property
    def violation_ns(self):
        return self.total["violation_ns"]

    @property
    def violation_share(self):
        return self.violation_ns / self.both_busy_ns if self.both_busy_ns else 0.0

    def busy_share(self):
        """Of the time of one pair, how much both its cpus were busy."""
        return self.both_busy_ns / self.window_ns

    def used_share(self, cpus):
        return self.total["busy_ns"] / (self.window_ns * cpus)

    def command_seconds(self):
        """The time of the slowest command, or None when one did not end well."""
        commands = self.load["commands"]
        if not commands or any(command["exit_status"] != 0 for command in commands):
            return None
        return max(command["wall_ns"] for command in commands) / NS_PER_S

    def sleep_p99_ns(self):
        return self.load["sleep_wake"]["p99_ns"]

    def longest_gap_ns(self):
        return max(task["longest_gap_ns"] for task in self.load["tasks"])

    def best(self, measure):
        """The least that `measure` gives for any round, or None when it fails in one."""
        values = [measure(cell) for cell in self.rounds]
        return None if None in values else min(values)

    def lost_tasks(self):
        return [task["part"] for task in self.load["tasks"]
                if task["lost"] or task["longest_gap_ns"] > LOST_GAP_NS]


def ms(ns):
    return f"{ns / NS_PER_MS:.2f} ms"


def percent(share):
    return f"{share * 100:.1f} %"


# Each judgement takes the control's cell, the judged cell and the number of cpus, and gives whether
# it passed and what was seen.

def violation_is_zero(_control, cell, _cpus):
    total = cell.total
    seen = f"{cell.violation_ns} ns in {total.get('violation_count', 0)} episodes"
    if cell.violation_ns:
        seen += f", longest {ms(total.get('violation_longest_ns', 0))}"
    return cell.violation_ns == 0, seen


def audit_says_kept(_control, cell, _cpus):
    status = cell.raw["audit_exit"]
    return status == 0, f"exit status {status}, verdict {cell.audit.get('verdict')}"


def never_ejected(_control, cell, _cpus):
    status, state = cell.raw["scheduler_exit"], cell.raw["state_after"]
    return status == 0 and state == "enabled", f"exit status {status}, {state} after the window"


def no_task_lost(_control, cell, _cpus):
    lost = cell.lost_tasks()
    return not lost, f"lost: {', '.join(lost)}" if lost else "none"


def pair_is_busy(_control, cell, _cpus):
    """The best round counts: while the host lets one virtual cpu wait, the other one, whose turn
    cannot change without it, waits as well."""
    shares = sorted(one.busy_share() for one in cell.rounds)
    return shares[-1] >= BUSY_AT_LEAST, " ".join(percent(share) for share in shares)


def commands_ended_well(_control, cell, _cpus):
    seconds = cell.command_seconds()
    return seconds is not None, "failed" if seconds is None else f"{seconds:.2f} s"


def commands_in_time(control, cell, _cpus):
    """Rounds that follow each other are compared, because a host changes its pace; and of these the
    middle one counts, because how fast a hackbench goes depends on the luck of its start."""
    if len(cell.rounds) != len(control.rounds):
        return False, "rounds are missing"
    rounds = [(ours.command_seconds(), theirs.command_seconds())
              for ours, theirs in zip(cell.rounds, control.rounds)]
    if None in itertools.chain(*rounds):
        return False, "a command failed"
    rounds.sort(key=lambda pair: pair[0] / pair[1])
    ours, theirs = rounds[len(rounds) // 2]
    return ours <= theirs * HACKBENCH_AT_MOST, \
        f"{ours / theirs:.2f}x: {ours:.2f} s, EEVDF {theirs:.2f} s"


def wakes_in_time(control, cell, _cpus):
    ours, theirs = cell.best(Cell.sleep_p99_ns), control.best(Cell.sleep_p99_ns)
    return 0 < ours <= theirs * LATENCY_AT_MOST, f"p99 {ms(ours)}, EEVDF {ms(theirs)}"


def every_task_runs_each_second(_control, cell, _cpus):
    gap_ns = cell.longest_gap_ns()
    return gap_ns <= PINNED_GAP_NS_MAX, f"longest wait of a task {ms(gap_ns)}"


def pinned_cpus_are_used(_control, cell, cpus):
    share = cell.used_share(cpus)
    return share >= PINNED_USED_AT_LEAST, percent(share)


def overlap_is_counted(_control, cell, _cpus):
    ns = cell.total.get("higher_ns")
    if ns is None:
        return False, "the judge did not report it"
    share = ns / cell.both_busy_ns if cell.both_busy_ns else 0.0
    return True, f"{ms(ns)}, {percent(share)} of both-busy, longest " \
                 f"{ms(cell.total.get('higher_longest_ns', 0))}"


def overlap_is_short(control, cell, _cpus):
    """A scheduler that does nothing about higher classes overlaps as long as EEVDF does."""
    ours = cell.total["higher_ns"] / cell.window_ns
    theirs = control.total["higher_ns"] / control.window_ns
    return ours <= theirs * OVERLAP_AT_MOST, \
        f"{percent(ours)} of the time, EEVDF {percent(theirs)}"


def rate(cell, what):
    return cell.load[what]["done"] * NS_PER_S / cell.load["measured_ns"]


def moves_keep_up(control, cell, _cpus):
    ours, theirs = rate(cell, "moves"), rate(control, "moves")
    return ours >= theirs * CHURN_AT_LEAST > 0, f"{ours:.1f} moves/s, EEVDF {theirs:.1f}"


def spinners_share(cell, cpus):
    spun_ns = sum(task["cpu_ns"] for task in cell.load["tasks"] if task["part"].startswith("spin:"))
    return spun_ns / (cell.load["measured_ns"] * cpus)


def churn_keeps_up(control, cell, cpus):
    """The churner is one task of four domains, so its fair share of a pair's time is a quarter of
    one cpu's; EEVDF may give it a quarter of two. Where that is worth more than twice the cycles,
    it must have had all of its share: the three domains that only spin no more than theirs."""
    ours, theirs = rate(cell, "churn"), rate(control, "churn")
    share = spinners_share(cell, cpus)
    keeps_up = ours >= theirs * CHURN_AT_LEAST > 0
    had_its_share = 0 < share <= SPINNERS_AT_MOST and ours > 0
    return keeps_up or had_its_share, \
        f"{ours:.1f} cycles/s, EEVDF {theirs:.1f}; the spinners had {percent(share)}"


EVERYWHERE = [("violation is exactly 0", violation_is_zero),
              ("the judge's verdict is kept", audit_says_kept),
              ("never ejected, clean exit", never_ejected), ("no task lost", no_task_lost)]
EXTRA = {"hackbench": [("commands end well", commands_ended_well)],
         "fifo": [("overlap with the RT task is counted", overlap_is_counted)]}
ON_ONE_PAIR = {
    "spinners": [("both cpus busy at least 95 %", pair_is_busy)],
    "hackbench": [("total time at most 1.25x EEVDF", commands_in_time)],
    "sleepers": [("sleepers' wakeup p99 at most 2x EEVDF", wakes_in_time)],
    "pinned": [("every task runs at least once a second", every_task_runs_each_second),
               ("cpu used at least 56 %", pinned_cpus_are_used)],
    "fifo": [("overlap with the RT task at most half of EEVDF's", overlap_is_short)],
    "moves": [("moves made at least half of EEVDF's", moves_keep_up)],
    "churn": [("cycles at least half of EEVDF's, or all of its share", churn_keeps_up)],
}


def in_every_round(judgement):
    """Fails with the first round that does."""
    def judged(control, cell, cpus):
        results = [judgement(control, one, cpus) for one in cell.rounds]
        return next((result for result in results if not result[0]), results[-1])
    return judged


def judgements_of(row, cpus):
    always = [(what, in_every_round(judgement))
              for what, judgement in EVERYWHERE + EXTRA.get(row, [])]
    return always + (ON_ONE_PAIR.get(row, []) if cpus == 2 else [])


def trouble_of(control, cell):
    """Why nothing can be judged by these two, or an empty text."""
    ours = next((one.trouble for one in cell.rounds if one.trouble), "")
    theirs = next((one.trouble for one in control.rounds if one.trouble), "")
    return ours or (theirs and f"control: {theirs}")


def judge_row(prefix, row, measured, cpus):
    """The cases of one row. `measured` maps (row, scheduler) to what the guest printed."""
    control, cell = Cell(measured.get((row, cells.EEVDF))), Cell(measured.get((row, cells.OURS)))
    cases = []
    for what, judgement in judgements_of(row, cpus):
        name = f"{prefix}/{row}: {what}"
        trouble = trouble_of(control, cell)
        if trouble:
            cases.append(Case(name, "failed", trouble))
            continue
        passed, seen = judgement(control, cell, cpus)
        cases.append(Case(name, "passed" if passed else "failed", seen))
    return cases


def judge_the_judge(prefix, measured, with_mutant):
    """The cases that the audit must convict, and the one it must not."""
    cases = []

    def add(name, raw, judgement):
        cell = Cell(raw)
        passed, seen = (False, cell.trouble) if cell.trouble else judgement(cell)
        cases.append(Case(f"{prefix}/audit: {name}", "passed" if passed else "failed", seen))

    def convicted(least):
        return lambda cell: (cell.violation_share >= least and cell.raw["audit_exit"] == 1,
                             f"{percent(cell.violation_share)}, exit {cell.raw['audit_exit']}")

    add("convicts EEVDF: two pinned strangers on siblings read as about 100 %",
        measured.get((cells.STRANGERS.name, cells.EEVDF)), convicted(STRANGERS_AT_LEAST))
    add("acquits EEVDF: two pinned tasks of one cgroup read as 0",
        measured.get((cells.KIN.name, cells.EEVDF)),
        lambda cell: (cell.violation_ns == 0 and cell.both_busy_ns > 0, f"{cell.violation_ns} ns"))
    if with_mutant:
        add("convicts the scheduler without its ownership rule",
            measured.get((cells.MUTANT_ROW.name, cells.MUTANT)),
            lambda cell: (cell.violation_ns > 0 and cell.raw["audit_exit"] == 1,
                          f"{percent(cell.violation_share)}, exit {cell.raw['audit_exit']}"))
    return cases


def decode(raw, key):
    return base64.b64decode(raw.get(key, "")).decode("utf-8", "replace").strip()


EXPECTED_EXITS = {"without-root": EXIT_ENVIRONMENT, "wrong-option": EXIT_USAGE,
                  "impossible-stride": EXIT_USAGE, "second-scheduler": EXIT_ENVIRONMENT,
                  "without-cpu-controller": EXIT_ENVIRONMENT, "cookies-in-use": EXIT_ENVIRONMENT,
                  "print-pairs": 0}


def judge_attempt(prefix, name, raw):
    """A refused start has the documented exit status and says one sentence, on standard error."""
    case = f"{prefix}/start: {name} exits {EXPECTED_EXITS[name]}"
    if raw is None:
        return Case(case, "failed", "not tried")
    said = decode(raw, "err")
    right = raw["exit"] == EXPECTED_EXITS[name]
    if EXPECTED_EXITS[name] != 0:
        right = right and len(said.splitlines()) == 1
        case += " with one sentence"
    else:
        right = right and bool(decode(raw, "out"))
    return Case(case, "passed" if right else "failed", f"exit {raw['exit']}: {said or '(silence)'}")
