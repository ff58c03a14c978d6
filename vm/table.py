# SPDX-License-Identifier: GPL-2.0-only
"""The table of workloads: what runs in each row, on which guests, and what is promised of it.

Where the simulator has a scenario of the same name, the row plays that file; faithful.py compares.
docs/real-kernels.md tells of the same. What is promised of every row is in judge.py.
"""

import dataclasses

import priority
import scenario
import timing
from promises import Promise

EEVDF = "eevdf"
OURS = "scx_pair"
MUTANT = "scx_pair_mutant"
# In-kernel core scheduling: EEVDF, with one cookie for each cgroup.
COOKIES = "eevdf+cookies"

# With run parts the load lasts as long as its commands do. How many loops last as long as wanted is
# found out in each boot; see cells.py.
LOOPS = "LOOPS"
HACKBENCH = ["run:a:1", "run:b:1", "--", "sh", "/guest/messages.sh", LOOPS]

SECONDS = 8
# Shares are judged to a twentieth, which is many turns.
SHARE_SECONDS = 10
CONTROL_SECONDS = 5
TIMED_ROUNDS = 3


def played(name):
    return scenario.load_of(scenario.read(f"vm/{name}"))


@dataclasses.dataclass(frozen=True)
class Row:
    """One workload: its name in the table, what a person reads, and the arguments of `load`."""
    name: str
    what: str
    load: list
    promises: tuple = ()
    control_seconds: int = CONTROL_SECONDS
    seconds: int = SECONDS
    # Where times are judged, each scheduler is measured so often, in turns with the other, or until
    # a promise is settled.
    rounds: int = 1
    # Whether tasks are rightly kept waiting for seconds; then one is lost only if it does not end.
    keeps_waiting: bool = False
    # Whether its tasks need not meet, so that there may be nothing to judge.
    keeps_apart: bool = False
    # The guests, by cpus, where the row is judged beside its control.
    compared: tuple = ()
    # For which guests the row is, if a whole table is measured, by cpus: of the newest kernel, and
    # which of these of older ones. What depends on how a kernel tells of its cgroups, or on the
    # paths by which it puts tasks on cpus, is worth measuring on each.
    sizes: tuple = (2, 4)
    older: tuple = (2, 4)


def play(name, what, *promises, **fields):
    return Row(name, what, played(name), promises, **fields)


SHARES = Promise("each share within 2 points and 5 % of what its weight entitles to",
                 priority.shares_as_entitled)

ROWS = [
    play("spinners", "3 cgroups x 2 spinners",
         Promise("both cpus busy at least 95 %", timing.busy_at_least(0.95), paced=True,
                 floor=timing.busy_at_least(0.5), settled=timing.settled_busy(0.95)),
         rounds=TIMED_ROUNDS),
    Row("hackbench", "hackbench in 2 cgroups", HACKBENCH,
        (Promise("commands end well", timing.commands_ended_well, cpus=None),
         Promise("total time at most 1.25x EEVDF", timing.commands_within(1.25), paced=True,
                 floor=timing.commands_within(4), settled=timing.settled_commands(1.25))),
        rounds=TIMED_ROUNDS, compared=(2,), older=(2,)),
    play("sleepers", "3 cgroups x (2 short sleepers + 1 spinner)",
         Promise("sleepers' wakeup p99 at most 2x EEVDF", timing.woken_within(2), paced=True,
                 floor=timing.woken_within(10), settled=timing.settled_waits(2)),
         rounds=TIMED_ROUNDS, compared=(2,), older=(2,)),
    # Its latency is shown, not judged: it is a few context switches long, and an emulated one takes
    # as long as the emulator's host likes.
    play("sleepers-apart", "2 cgroups x 2 short sleepers, 1 spinner in a third", older=(2,)),
    play("pinned", "spinners, each pinned to one cpu",
         Promise("every task runs at least once a second", timing.every_task_runs_each(1),
                 paced=True, floor=timing.every_task_runs_each(4)),
         Promise("cpu used at least 56 %", timing.used_at_least(0.56), paced=True,
                 floor=timing.used_at_least(0.3))),
    play("fifo", "spinners + SCHED_FIFO 1 ms of 10",
         Promise("overlap with the RT task is counted", timing.overlap_is_counted, cpus=None),
         Promise("overlap with the RT task at most half of EEVDF's", timing.overlap_within(0.5),
                 paced=True, floor=timing.overlap_within(1)),
         compared=(2,)),
    play("moves", "spinners, moved 100 times a second",
         Promise("moves made at least half of EEVDF's", timing.moves_at_least(0.5), paced=True,
                 floor=timing.moves_at_least(0.1)),
         compared=(2,)),
    play("churn", "spinners + cgroups made, joined, removed",
         Promise("cycles at least half of EEVDF's, or all of its share",
                 timing.churn_at_least(0.5, spinners_at_most=0.75), paced=True,
                 floor=timing.churn_at_least(0.1, spinners_at_most=0.75)),
         compared=(2,)),
    play("weights", "2 spinners x cpu.weight 100, 300, 200", SHARES,
         seconds=SHARE_SECONDS, sizes=(2,)),
    play("nested", "weights at three levels, 4 x 2 spinners", SHARES,
         seconds=SHARE_SECONDS, sizes=(2,)),
    play("many", "20 cgroups x 1 spinner",
         Promise("no task waits longer than 100 ms", priority.nobody_waits_longer(100), paced=True,
                 floor=priority.nobody_waits_longer(1000)),
         Promise("each share within 2 points of a twentieth", priority.shares_near_entitled),
         seconds=SHARE_SECONDS, older=()),
    play("nice", "2 spinners of nice 0 and 2 of nice 5",
         Promise("nice 0 has 3.06 times the time of nice 5, within 5 %",
                 priority.nice_as_entitled),
         seconds=SHARE_SECONDS, sizes=(2,)),
    play("limits", "cpu.max at two levels beside 2 spinners",
         Promise("a limit is used up and kept within 5 %", priority.limit_is_used_up("/capped")),
         Promise("so is that of a parent", priority.limit_is_used_up("/outer")),
         Promise("who has no limit has at least 90 % of the rest",
                 priority.rest_used_at_least(0.9), paced=True,
                 floor=priority.rest_used_at_least(0.5)),
         seconds=SHARE_SECONDS, sizes=(2,)),
    play("leftover", "cpu.idle and SCHED_IDLE beside 2 spinners",
         Promise("a cgroup with cpu.idle has at most 3 %", priority.idle_cgroup_gets_little),
         Promise("SCHED_IDLE tasks have at most 3 % of their cgroup",
                 priority.idle_tasks_get_little),
         seconds=SHARE_SECONDS, keeps_waiting=True, sizes=(2,), older=()),
    play("interactive", "2 short sleepers beside 3 cgroups x 2 spinners",
         Promise("sleepers' wakeup p99 at most 1.5x EEVDF", timing.woken_within(1.5), paced=True,
                 goal=True, floor=timing.woken_within(10), settled=timing.settled_waits(1.5)),
         sizes=(2,), older=(), rounds=TIMED_ROUNDS, compared=(2,)),
    play("light", "2 tasks of one cgroup that run 8 ms of 10",
         Promise("on different cores for 95 % of the time in which both run",
                 priority.tasks_are_apart, cpus=4),
         keeps_apart=True, sizes=(4,), compared=(4,)),
]
NEWEST = "7.3"
OLDER = ("6.18",)

# What the judge itself must say under EEVDF, where the truth is known: two spinners that never
# leave the siblings of one core.
STRANGERS = Row("strangers", "2 pinned spinners of two cgroups", ["spin:a:1@0", "spin:b:1@1"])
# The kin are in the root cgroup because the judge and the shell are: nobody is a stranger there.
KIN = Row("kin", "2 pinned spinners of one cgroup", ["spin:-:1@0", "spin:-:1@1"])
MUTANT_ROW = Row("mutant", "spinners, without the rule", played("spinners"))


def row_named(name):
    for row in [*ROWS, STRANGERS, KIN, MUTANT_ROW]:
        if row.name == name:
            return row
    raise KeyError(name)


def rows_for(kernel, cpus):
    """The rows of the table that a guest is measured with. An image counts as the newest kernel."""
    return [row for row in ROWS if cpus in row.sizes and (kernel not in OLDER or cpus in row.older)]
