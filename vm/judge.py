# SPDX-License-Identifier: GPL-2.0-only
"""What must come out of the cells. Every judgement is a named case that passes or fails.

The list of cases follows from the table alone: a cell that is missing from the results fails its
cases, it does not shorten the list.

Violations are judged on every guest. Times, utilisation, shares and latency are judged on the
guest with one pair, where virtual cpus are not more than the host's: elsewhere a virtual cpu that
the host is not running would be measured, and not the scheduler. What is judged on two pairs is
where tasks are put, which takes no time. Priority has a file of its own, priority.py.
"""

import dataclasses
import itertools

import cells
import priority
from cell import Cell, decode, first_cause, ms, percent
from known import Missing, number, or_missing, value
from promises import (BUSY_AT_LEAST, CHURN_AT_LEAST, HACKBENCH_AT_MOST, LATENCY_AT_MOST, NS_PER_S,
                      OVERLAP_AT_MOST, PINNED_GAP_NS_MAX, PINNED_USED_AT_LEAST, SPINNERS_AT_MOST,
                      STRANGERS_AT_LEAST, STRANGERS_ON_SLOW_HOST)

EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3


@dataclasses.dataclass
class Case:
    name: str
    outcome: str  # passed, failed, skipped
    detail: str = ""


# Each judgement takes the control's cell, the judged cell and the number of cpus, and gives whether
# it passed and what was seen.

def violation_is_zero(_control, cell, _cpus):
    seen = f"{cell.violation_ns} ns"
    if cell.violation_ns:
        seen += " in " + or_missing(lambda: f"{cell.read('audit.total.violation_count')} episodes")
        seen += ", longest " + \
            or_missing(lambda: ms(cell.read("audit.total.violation_longest_ns")))
    return cell.violation_ns == 0, seen


def audit_says_kept(_control, cell, _cpus):
    status, verdict = cell.read("audit_exit"), value(cell.raw, "audit.verdict")
    return status == 0 and verdict == "kept", f"exit status {status}, verdict {verdict}"


def never_ejected(_control, cell, _cpus):
    state = value(cell.raw, "state_after")
    return state == "enabled", f"{state} after the window"


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
    return priority.woken_within(LATENCY_AT_MOST, control, cell)


def every_task_runs_each_second(_control, cell, _cpus):
    gap_ns = cell.longest_gap_ns()
    return gap_ns <= PINNED_GAP_NS_MAX, f"longest wait of a task {ms(gap_ns)}"


def pinned_cpus_are_used(_control, cell, cpus):
    share = cell.used_share(cpus)
    return share >= PINNED_USED_AT_LEAST, percent(share)


def overlap_is_counted(_control, cell, _cpus):
    ns = cell.read("audit.total.higher_ns")
    share = ns / cell.both_busy_ns if cell.both_busy_ns else 0.0
    return True, f"{ms(ns)}, {percent(share)} of both-busy, longest " \
                 f"{ms(cell.read('audit.total.higher_longest_ns'))}"


def overlap_is_short(control, cell, _cpus):
    """A scheduler that does nothing about higher classes overlaps as long as EEVDF does."""
    ours = cell.read("audit.total.higher_ns") / cell.window_ns
    theirs = control.read("audit.total.higher_ns") / control.window_ns
    return ours <= theirs * OVERLAP_AT_MOST, \
        f"{percent(ours)} of the time, EEVDF {percent(theirs)}"


def rate(cell, what):
    return cell.read(f"load.{what}.done") * NS_PER_S / cell.read("load.measured_ns")


def moves_keep_up(control, cell, _cpus):
    ours, theirs = rate(cell, "moves"), rate(control, "moves")
    return ours >= theirs * CHURN_AT_LEAST > 0, f"{ours:.1f} moves/s, EEVDF {theirs:.1f}"


def spinners_share(cell, cpus):
    spinners = {task["part"] for task in cell.tasks if task["part"].startswith("spin:")}
    return cell.cpu_ns_of_parts(spinners) / (cell.read("load.measured_ns") * cpus)


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
              ("never ejected", never_ejected), ("no task lost", no_task_lost)]
EXTRA = {"hackbench": [("commands end well", commands_ended_well)],
         "fifo": [("overlap with the RT task is counted", overlap_is_counted)]}
# Where a task is rightly kept waiting for seconds, it counts as lost only when it does not end.
INSTEAD = {"leftover": {no_task_lost: priority.no_task_stuck}}
BUSY = "both cpus busy at least 95 %"
IN_TIME = "total time at most 1.25x EEVDF"
WOKEN = "sleepers' wakeup p99 at most 2x EEVDF"
EACH_SECOND = "every task runs at least once a second"
PINNED_USE = "cpu used at least 56 %"
SHORT_OVERLAP = "overlap with the RT task at most half of EEVDF's"
MOVES = "moves made at least half of EEVDF's"
CHURN = "cycles at least half of EEVDF's, or all of its share"
ON_ONE_PAIR = {
    "spinners": [(BUSY, pair_is_busy)],
    "hackbench": [(IN_TIME, commands_in_time)],
    "sleepers": [(WOKEN, wakes_in_time)],
    "pinned": [(EACH_SECOND, every_task_runs_each_second), (PINNED_USE, pinned_cpus_are_used)],
    "fifo": [(SHORT_OVERLAP, overlap_is_short)],
    "moves": [(MOVES, moves_keep_up)],
    "churn": [(CHURN, churn_keeps_up)],
    **priority.ON_ONE_PAIR,
}
ON_TWO_PAIRS = priority.ON_TWO_PAIRS


def in_every_round(judgement):
    """Fails with the first round that does."""
    def judged(control, cell, cpus):
        results = [judgement(control, one, cpus) for one in cell.rounds]
        return next((result for result in results if not result[0]), results[-1])
    return judged


def judgements_of(row, cpus):
    instead = INSTEAD.get(row, {})
    always = [(what, in_every_round(instead.get(judgement, judgement)))
              for what, judgement in EVERYWHERE + EXTRA.get(row, [])]
    return always + {2: ON_ONE_PAIR, 4: ON_TWO_PAIRS}.get(cpus, {}).get(row, [])


# What is aimed at and not reached each time yet. Missing it is counted as skipped, and said.
GOALS = {("interactive", priority.INTERACTIVE)}


# What depends on how fast the guest's cpus get on, each at each moment: on a host that was not
# steady, missing it says nothing of the scheduler. It is counted as skipped then, and said. Who
# gets how much does not depend on it, and what is promised least of all.
PACED = {("spinners", BUSY), ("hackbench", IN_TIME), ("sleepers", WOKEN), ("pinned", EACH_SECOND),
         ("pinned", PINNED_USE), ("fifo", SHORT_OVERLAP), ("moves", MOVES), ("churn", CHURN),
         ("many", priority.LONG_WAIT), ("interactive", priority.INTERACTIVE),
         ("limits", priority.REST)}


def excuse_for(row, what, host_slowness):
    """Why a judgement that failed is not counted as failed, or an empty text."""
    if host_slowness and (row, what) in PACED:
        return host_slowness
    return "a goal that is not reached" if (row, what) in GOALS else ""


def trouble_of(control, cell):
    """Why nothing can be judged by these two, or an empty text. No control at all is none."""
    ours = next((one.trouble for one in cell.rounds if one.trouble), "")
    theirs = control and next((one.trouble for one in control.rounds if one.trouble), "")
    return ours or (f"control: {theirs}" if theirs else "")


def control_of(row, measured, cpus):
    """What the row is judged beside, or None where it is not and was not measured either."""
    raw = measured.get((row, cells.EEVDF))
    return Cell(raw) if raw or cpus in cells.row_named(row).compared else None


def judge_row(prefix, row, measured, cpus, host_slowness=""):
    """The cases of one row; with `cpus` None, only those that are judged on every guest. `measured`
    maps (row, scheduler) to what the guest printed; `host_slowness` is why its host was not steady
    meanwhile, if it was not."""
    control, cell = control_of(row, measured, cpus), Cell(measured.get((row, cells.OURS)))
    cases = []
    for what, judgement in judgements_of(row, cpus):
        name = f"{prefix}/{row}: {what}"
        trouble = trouble_of(control, cell)
        if trouble:
            cases.append(Case(name, "failed", trouble))
            continue
        try:
            passed, seen = judgement(control, cell, cpus)
        except Missing as missing:
            cases.append(Case(name, "failed", str(missing)))
            continue
        excuse = "" if passed else excuse_for(row, what, host_slowness)
        if excuse:
            cases.append(Case(name, "skipped", f"{excuse}: {seen}"))
            continue
        cases.append(Case(name, "passed" if passed else "failed", seen))
    return cases


def judge_endings(prefix, endings):
    """Every scheduler that was loaded left when it was told to, with the status of a clean exit."""
    bad = [f"{one['scheduler']} exit {one['exit']}: {first_cause(decode(one, 'errors'))}"
           for one in endings if number(one, "exit") != 0]
    passed = bool(endings) and not bad
    return Case(f"{prefix}: each loaded scheduler leaves cleanly when told",
                "passed" if passed else "failed", "; ".join(bad) or f"{len(endings)} loaded")


def judge_the_judge(prefix, measured, with_mutant, host_slowness=""):
    """The cases that the audit must convict, and the one it must not. On a slow host more of the
    time goes to kernel threads, which are nobody's strangers."""
    cases = []

    def add(name, raw, judgement):
        cell = Cell(raw)
        try:
            passed, seen = (False, cell.trouble) if cell.trouble else judgement(cell)
        except Missing as missing:
            passed, seen = False, str(missing)
        cases.append(Case(f"{prefix}/audit: {name}", "passed" if passed else "failed", seen))

    def convicted(least):
        return lambda cell: (cell.violation_share >= least and cell.read("audit_exit") == 1,
                             f"{percent(cell.violation_share)}, exit {cell.read('audit_exit')}")

    add("convicts EEVDF: two pinned strangers on siblings read as about 100 %",
        measured.get((cells.STRANGERS.name, cells.EEVDF)),
        convicted(STRANGERS_ON_SLOW_HOST if host_slowness else STRANGERS_AT_LEAST))
    add("acquits EEVDF: two pinned tasks of one cgroup read as 0",
        measured.get((cells.KIN.name, cells.EEVDF)),
        lambda cell: (cell.violation_ns == 0 and cell.both_busy_ns > 0, f"{cell.violation_ns} ns"))
    if with_mutant:
        add("convicts the scheduler without its ownership rule",
            measured.get((cells.MUTANT_ROW.name, cells.MUTANT)),
            lambda cell: (cell.violation_ns > 0 and cell.read("audit_exit") == 1,
                          f"{percent(cell.violation_share)}, exit {cell.read('audit_exit')}"))
    return cases


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
