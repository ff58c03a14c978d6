# SPDX-License-Identifier: GPL-2.0-only
"""What must come out of the cells. Every judgement is a named case that passes or fails.

The list of cases follows from the table alone: a cell that is missing from the results fails its
cases, it does not shorten the list.

Violations are judged on every guest. Times, utilisation, shares and latency are judged on the
guest with one pair, where virtual cpus are not more than the host's: elsewhere a virtual cpu that
the host is not running would be measured, and not the scheduler. What is judged on two pairs is
where tasks are put, which takes no time. What a single row promises is in table.py.
"""

import dataclasses

import priority
import table
from cell import Cell, decode, first_cause, ms, percent
from known import Missing, number, or_missing, value
from promises import STRANGERS_AT_LEAST, STRANGERS_ON_SLOW_HOST, Promise

EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3
EXIT_NOTHING_TO_JUDGE = 6


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
    return (status, verdict) == (0, "kept"), \
        f"exit status {status}, verdict {verdict}{cell.reason}"


def audit_says_kept_or_nothing(control, cell, cpus):
    """Where tasks need not meet, the audit may find nothing that could have broken the promise."""
    nothing = (EXIT_NOTHING_TO_JUDGE, "nothing to judge")
    status, verdict = cell.read("audit_exit"), value(cell.raw, "audit.verdict")
    kept, seen = audit_says_kept(control, cell, cpus)
    return kept or (status, verdict) == nothing, seen


def never_ejected(_control, cell, _cpus):
    state = value(cell.raw, "state_after")
    return state == "enabled", f"{state} after the window"


def no_task_lost(_control, cell, _cpus):
    lost = cell.lost_tasks()
    return not lost, f"lost: {', '.join(lost)}" if lost else "none"


EVERYWHERE = (Promise("violation is exactly 0", violation_is_zero, cpus=None),
              Promise("never ejected", never_ejected, cpus=None))
KEPT = Promise("the judge's verdict is kept", audit_says_kept, cpus=None)
KEPT_OR_NOTHING = Promise("the judge's verdict is kept, or nothing to judge",
                          audit_says_kept_or_nothing, cpus=None)
NO_TASK_LOST = Promise("no task lost", no_task_lost, cpus=None)
NO_TASK_STUCK = Promise("no task lost", priority.no_task_stuck, cpus=None)


def promises_of(row, cpus):
    """What is judged of a row on a guest of so many cpus; None: what is judged on every guest."""
    always = (*EVERYWHERE, KEPT_OR_NOTHING if row.keeps_apart else KEPT,
              NO_TASK_STUCK if row.keeps_waiting else NO_TASK_LOST)
    return [promise for promise in (*always, *row.promises) if promise.cpus in (None, cpus)]


def outcome_of(promise, control, cell, cpus, host_slowness):
    """(outcome, what was seen) of one promise. What may be missed has a floor, which may not."""
    seen = ""
    # What is promised on every guest is so in every round: the first that fails decides.
    for one in cell.rounds if promise.cpus is None else [cell]:
        passed, seen = promise.judge(control, one, cpus)
        if not passed:
            break
    if passed:
        return "passed", seen
    excuse = host_slowness if promise.paced else ""
    excuse = excuse or ("a goal that is not reached" if promise.goal else "")
    if not excuse:
        return "failed", seen
    if not promise.floor(control, cell, cpus)[0]:
        return "failed", f"below what even this excuses, {excuse}: {seen}"
    return "skipped", f"{excuse}: {seen}"


def trouble_of(control, cell):
    """Why nothing can be judged by these two, or an empty text. No control at all is none."""
    ours = next((one.trouble for one in cell.rounds if one.trouble), "")
    theirs = control and next((one.trouble for one in control.rounds if one.trouble), "")
    return ours or (f"control: {theirs}" if theirs else "")


def control_of(row, measured, cpus):
    """What the row is judged beside, or None where it is not and was not measured either."""
    raw = measured.get((row.name, table.EEVDF))
    return Cell(raw) if raw or cpus in row.compared else None


def judge_row(prefix, row, measured, cpus, host_slowness=""):
    """The cases of one row; with `cpus` None, only those that are judged on every guest. `measured`
    maps (row, scheduler) to what the guest printed; `host_slowness` is why its host was not steady
    meanwhile, if it was not."""
    control, cell = control_of(row, measured, cpus), Cell(measured.get((row.name, table.OURS)))
    trouble = trouble_of(control, cell)
    cases = []
    for promise in promises_of(row, cpus):
        try:
            outcome, seen = ("failed", trouble) if trouble else \
                outcome_of(promise, control, cell, cpus, host_slowness)
        except Missing as missing:
            outcome, seen = "failed", str(missing)
        cases.append(Case(f"{prefix}/{row.name}: {promise.what}", outcome, seen))
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
        measured.get((table.STRANGERS.name, table.EEVDF)),
        convicted(STRANGERS_ON_SLOW_HOST if host_slowness else STRANGERS_AT_LEAST))
    add("acquits EEVDF: two pinned tasks of one cgroup read as 0",
        measured.get((table.KIN.name, table.EEVDF)),
        lambda cell: (cell.violation_ns == 0 and cell.both_busy_ns > 0, f"{cell.violation_ns} ns"))
    if with_mutant:
        add("convicts the scheduler without its ownership rule",
            measured.get((table.MUTANT_ROW.name, table.MUTANT)),
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
    right = raw.get("exit") == EXPECTED_EXITS[name]
    if EXPECTED_EXITS[name] != 0:
        right = right and len(said.splitlines()) == 1
        case += " with one sentence"
    else:
        right = right and bool(decode(raw, "out"))
    return Case(case, "passed" if right else "failed",
                f"exit {raw.get('exit')}: {said or '(silence)'}")
