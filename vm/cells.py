# SPDX-License-Identifier: GPL-2.0-only
"""The table of what is measured: workloads, and the script that measures them in one boot.

A cell is one workload under one scheduler. Workloads run under scx_pair and, where something is
compared, first under the kernel's own scheduler, as the control, in the same boot. What must come
out of the cells is in judge.py.

Where the simulator has a scenario of the same name, the row plays that file; faithful.py compares.
docs/real-kernels.md says of each row what it promises, and which guests it is for.
"""

import dataclasses
import json
import shlex

import scenario
from promises import (BUSY_AT_LEAST, HACKBENCH_AT_MOST, INTERACTIVE_AT_MOST, LATENCY_AT_MOST,
                      NS_PER_S)

# With run parts the load lasts as long as its commands do.
HACKBENCH = ["run:a:1", "run:b:1", "--", "sh", "/guest/messages.sh", "$loops"]

SECONDS = 8
# Shares are judged to a twentieth, which is many turns.
SHARE_SECONDS = 10
CONTROL_SECONDS = 5
HACKBENCH_SECONDS = 10
TIMED_ROUNDS = 3
BUSY_ROUNDS = 3


def played(name):
    return scenario.load_of(scenario.read(f"vm/{name}"))


EEVDF = "eevdf"
OURS = "scx_pair"
MUTANT = "scx_pair_mutant"


@dataclasses.dataclass(frozen=True)
class Row:
    """One workload: its name in the table, what a person reads, and the arguments of `load`."""
    name: str
    what: str
    load: list
    control_seconds: int = CONTROL_SECONDS
    seconds: int = SECONDS
    # Where times are judged, each scheduler is measured so often, in turns with the other, or until
    # the rounds are `settled`: what guest/settled.awk is to ask of them.
    rounds: int = 1
    settled: str = ""
    # The guests, by cpus, where the row is judged beside its control.
    compared: tuple = ()
    # For which guests the row is, if a whole table is measured, by cpus: of the newest kernel, and
    # which of these of older ones. What depends on how a kernel tells of its cgroups, or on the
    # paths by which it puts tasks on cpus, is worth measuring on each.
    sizes: tuple = (2, 4)
    older: tuple = (2, 4)


# Rounds are settled when more of them could not change the judgement. That is exact where the best
# round counts and where the middle one does. Where the best of ours is compared with the best of
# EEVDF's, further rounds may lower both: so only those count as settled that would pass if EEVDF's
# best were a quarter less. Of five rounds in one boot it was between 2.8 and 3.3 ms.
WAITS_MARGIN = 0.75


def settled_waits(factor):
    return f"waits limit={factor * WAITS_MARGIN:g}"


SETTLED_BUSY = f"busy limit={int(SECONDS * NS_PER_S * BUSY_AT_LEAST)}"
SETTLED_COMMANDS = f"commands limit={HACKBENCH_AT_MOST:g} most={TIMED_ROUNDS}"

ROWS = [
    Row("spinners", "3 cgroups x 2 spinners", played("spinners"), rounds=BUSY_ROUNDS,
        settled=SETTLED_BUSY),
    Row("hackbench", "hackbench in 2 cgroups", HACKBENCH, SECONDS, rounds=TIMED_ROUNDS,
        settled=SETTLED_COMMANDS, compared=(2,), older=(2,)),
    Row("sleepers", "3 cgroups x (2 short sleepers + 1 spinner)", played("sleepers"),
        rounds=TIMED_ROUNDS, settled=settled_waits(LATENCY_AT_MOST), compared=(2,), older=(2,)),
    # Its latency is shown, not judged: it is a few context switches long, and an emulated one takes
    # as long as the emulator's host likes.
    Row("sleepers-apart", "2 cgroups x 2 short sleepers, 1 spinner in a third",
        played("sleepers-apart"), older=(2,)),
    Row("pinned", "spinners, each pinned to one cpu", played("pinned")),
    Row("fifo", "spinners + SCHED_FIFO 1 ms of 10", played("fifo"), compared=(2,)),
    Row("moves", "spinners, moved 100 times a second", played("moves"), compared=(2,)),
    Row("churn", "spinners + cgroups made, joined, removed", played("churn"), compared=(2,)),
    Row("weights", "2 spinners x cpu.weight 100, 300, 200", played("weights"),
        seconds=SHARE_SECONDS, sizes=(2,)),
    Row("nested", "weights at three levels, 4 x 2 spinners", played("nested"),
        seconds=SHARE_SECONDS, sizes=(2,)),
    Row("many", "20 cgroups x 1 spinner", played("many"), seconds=SHARE_SECONDS, older=()),
    Row("nice", "2 spinners of nice 0 and 2 of nice 5", played("nice"), seconds=SHARE_SECONDS,
        sizes=(2,)),
    Row("limits", "cpu.max at two levels beside 2 spinners", played("limits"),
        seconds=SHARE_SECONDS, sizes=(2,)),
    Row("leftover", "cpu.idle and SCHED_IDLE beside 2 spinners", played("leftover"),
        seconds=SHARE_SECONDS, sizes=(2,), older=()),
    Row("interactive", "2 short sleepers beside 3 cgroups x 2 spinners", played("interactive"),
        sizes=(2,), older=(), rounds=TIMED_ROUNDS,
        settled=settled_waits(INTERACTIVE_AT_MOST), compared=(2,)),
    Row("light", "2 tasks of one cgroup that run 8 ms of 10", played("light"), sizes=(4,),
        compared=(4,)),
]
NEWEST = "7.3"
OLDER = ("6.18",)

# What the judge itself must say under EEVDF, where the truth is known: two spinners that never
# leave the siblings of one core.
STRANGERS = Row("strangers", "2 pinned spinners of two cgroups", ["spin:a:1@0", "spin:b:1@1"])
# The kin are in the root cgroup because the judge and the shell are: nobody is a stranger there.
KIN = Row("kin", "2 pinned spinners of one cgroup", ["spin:-:1@0", "spin:-:1@1"])
MUTANT_ROW = Row("mutant", "spinners, without the rule", played("spinners"))

# In-kernel core scheduling: EEVDF, with one cookie for each cgroup.
COOKIES = "eevdf+cookies"

# Wrong starts, in the guest of 2 cpus: name, command. Each is refused with one sentence; the last
# is no wrong start and must succeed.
ATTEMPTS = (
    ("without-root", "su nobody -s /bin/sh -c scx_pair"),
    ("wrong-option", "scx_pair --turn-max 0"),
    ("impossible-stride", "scx_pair -S 2"),
    ("second-scheduler", "with_scheduler scx_pair"),
    ("without-cpu-controller", "without_cpu_controller scx_pair"),
    ("print-pairs", "scx_pair --print-pairs"),
)
COOKIE_ATTEMPT = ("cookies-in-use", "with_cookies scx_pair")


def row_named(name):
    for row in [*ROWS, STRANGERS, KIN, MUTANT_ROW]:
        if row.name == name:
            return row
    raise KeyError(name)


def rows_for(kernel, cpus):
    """The rows of the table that a guest is measured with. An image counts as the newest kernel."""
    return [row for row in ROWS if cpus in row.sizes and (kernel not in OLDER or cpus in row.older)]


def shell_word(word):
    """A word of `load`, for the guest's shell, which is to expand its own variables."""
    return word if word.startswith("$") else shlex.quote(word)


def cell_line(row, scheduler, number=1):
    control = scheduler in (EEVDF, COOKIES)
    seconds = row.control_seconds if control else row.seconds
    cookies = ["--cookies"] if scheduler == COOKIES else []
    return " ".join(["cell", row.name, scheduler, str(seconds), str(number), *cookies,
                     *map(shell_word, row.load)])


def attempt_line(name, command):
    return f"attempt {name} {command}"


@dataclasses.dataclass
class Measured:
    """What a guest printed: cells by (row, scheduler), attempts by name, drawings by scheduler, how
    each loaded scheduler ended. A cell that was measured in several rounds is the last of them; it
    has the others as `earlier`."""
    cells: dict = dataclasses.field(default_factory=dict)
    rounds: dict = dataclasses.field(default_factory=dict)  # by (row, scheduler): cells by number
    settled: set = dataclasses.field(default_factory=set)   # names of rows
    attempts: dict = dataclasses.field(default_factory=dict)
    drawings: dict = dataclasses.field(default_factory=dict)
    endings: list = dataclasses.field(default_factory=list)


def parse(lines):
    """Reads a guest's lines. A line that was cut off by the guest's end counts as not printed."""
    measured = Measured()
    for line in lines:
        kind, _, text = line.partition(" ")
        if kind == "drawing":
            scheduler, _, drawn = text.partition(" ")
            measured.drawings.setdefault(scheduler, []).append(drawn)
        if kind == "settled":
            measured.settled.add(text)
        if kind not in ("cell", "attempt", "ending"):
            continue
        try:
            raw = json.loads(text)
        except json.JSONDecodeError:
            continue
        if kind == "cell":
            numbered = measured.rounds.setdefault((raw["row"], raw["scheduler"]), {})
            numbered[raw.get("round", 1)] = raw
        elif kind == "ending":
            measured.endings.append(raw)
        else:
            measured.attempts[raw["name"]] = raw
    for key, numbered in measured.rounds.items():
        *earlier, last = [numbered[number] for number in sorted(numbered)]
        measured.cells[key] = {**last, "earlier": earlier} if earlier else last
    return measured


@dataclasses.dataclass
class Plan:
    """What one guest shall do, in this order: draw, measure each row under each scheduler, try the
    judge by single cells, start wrongly."""
    rows: list
    schedulers: tuple = (EEVDF, OURS)
    # What the judge allows a live move to take, where that is not its usual bound; see run.py.
    move_bound_ms: int | None = None
    timed: bool = False    # whether rows are measured as often as comparing times needs
    # Whether a row is left alone when its rounds are settled: for judging, not for comparing.
    settles: bool = False
    # With how many cpus, if only the rows that are judged beside their control shall have one.
    spares_controls: int | None = None
    drawings: tuple = ()   # schedulers to draw
    drawn_ms: int = 200
    trials: tuple = ()     # pairs of a row and a scheduler
    attempts: tuple = ()   # pairs of a name and a command

    def rounds_of(self, row):
        return row.rounds if self.timed else 1

    def schedulers_of(self, row):
        if self.spares_controls is None or self.spares_controls in row.compared:
            return self.schedulers
        return tuple(one for one in self.schedulers if one != EEVDF)

    def rounds_left(self, row, done):
        """The numbers of the rounds that not every scheduler has been measured in."""
        if row.name in done.settled:
            return []
        return [number for number in range(1, self.rounds_of(row) + 1)
                if not all(number in done.rounds.get((row.name, scheduler), {})
                           for scheduler in self.schedulers_of(row))]

    def round_lines(self, row, number):
        lines = [cell_line(row, scheduler, number) for scheduler in self.schedulers_of(row)]
        if number == 1 or not self.settles or not row.settled:
            return lines
        return [f"settled {row.name} {row.settled} || {{", *lines, "}"]

    def script(self, printed=()):
        """The guest's script. What an earlier guest has `printed` already is left out; a round is
        left out only as a whole, because its cells are compared with each other."""
        done = parse(printed)
        rows = [row for row in self.rows if self.rounds_left(row, done)]
        lines = [". /guest/cell.sh"]
        if self.move_bound_ms is not None:
            lines.append(f"move_bound_ms={self.move_bound_ms}")
        lines += [f"drawing {scheduler} {self.drawn_ms}" for scheduler in self.drawings
                  if scheduler not in done.drawings]
        if any(row.load is HACKBENCH for row in rows):
            lines.append(f"loops=$(hackbench_loops {HACKBENCH_SECONDS})")
        lines += [line for row in rows for number in self.rounds_left(row, done)
                  for line in self.round_lines(row, number)]
        lines += [cell_line(row, scheduler) for row, scheduler in self.trials
                  if (row.name, scheduler) not in done.cells]
        lines += [attempt_line(name, command) for name, command in self.attempts
                  if name not in done.attempts]
        return "\n".join(lines) + "\n"
