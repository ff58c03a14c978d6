# SPDX-License-Identifier: GPL-2.0-only
"""What one guest is to measure, and what it has printed.

A cell is one row of the table (table.py) under one scheduler. Rows run under scx_pair and, where
something is compared, first under the kernel's own scheduler, as the control, in the same boot.
The guest is told one thing at a time; what comes next follows from what all guests of the plan have
printed so far, so a guest that goes on for one that ended early is told no other way.
"""

import dataclasses
import json
import shlex

from cell import Cell
from conversation import ANOTHER_GUEST
from known import Missing
from table import COOKIES, EEVDF, LOOPS, OURS

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

# hackbench lasts about so long under the guest's EEVDF, by what this many loops take.
HACKBENCH_SECONDS = 10
TRIED_LOOPS = 60
# The judge waits so long before its window: EEVDF is there already, and a scheduler has to load.
# How long that takes is learned from each start.
CONTROL_WARMUP = 2
FIRST_WARMUP = 8
SPARE_S = 2
# A host that once took too long is busy, and may take longer still.
FACTOR_IF_LATE = 1.5
# What starts too late for its window is measured again, so often at most.
TRIES = 3

# Each cgroup has a task on each cpu of the first pair, so that no balancing of load takes it away.
DRAWN_LOAD = [f"spin:{name}:1@{cpu}" for name in ("a", "b", "c") for cpu in (0, 1)]
DRAWN_MS = 200


@dataclasses.dataclass
class Measured:
    """What the guests of a plan printed: cells by (row, scheduler), attempts by name, drawings by
    scheduler, how each loaded scheduler ended. A cell that was measured in several rounds is the
    last of them; it has the others as `earlier`."""
    cells: dict = dataclasses.field(default_factory=dict)
    rounds: dict = dataclasses.field(default_factory=dict)  # by (row, scheduler): cells by number
    attempts: dict = dataclasses.field(default_factory=dict)
    drawings: dict = dataclasses.field(default_factory=dict)
    endings: list = dataclasses.field(default_factory=list)
    tries: dict = dataclasses.field(default_factory=dict)   # by what was tried: how often
    # By scheduler: how long its last start took, and whether that was too long.
    starts: dict = dataclasses.field(default_factory=dict)
    messages: dict | None = None
    guest: int = 0  # which one of them printed the last line

    def add(self, kind, raw):
        raw["guest"] = self.guest
        if kind == "cell":
            key = (raw["row"], raw["scheduler"])
            number = raw["round"]
            self.count((*key, number), raw)
            self.rounds.setdefault(key, {})[number] = raw
        elif kind == "drawing":
            self.count(("drawing", raw["scheduler"]), raw)
            self.drawings[raw["scheduler"]] = raw
        elif kind == "attempt":
            self.attempts[raw["name"]] = raw
        elif kind == "ending":
            self.endings.append(raw)
        else:
            self.messages = raw

    def count(self, key, raw):
        self.tries[key] = self.tries.get(key, 0) + 1
        try:
            self.starts[raw["scheduler"]] = (Cell(raw).ready_s, Cell(raw).is_late)
        except Missing:
            pass  # The cell itself says so; nothing is learned from it.

    def combine(self):
        for key, numbered in self.rounds.items():
            *earlier, last = [numbered[number] for number in sorted(numbered)]
            self.cells[key] = {**last, "earlier": earlier} if earlier else last

    def is_final(self, key, raw):
        """Whether something has been measured and need not be tried again."""
        return raw is not None and (not Cell(raw).is_late or self.tries[key] >= TRIES)

    def round_of(self, row, scheduler, number):
        return self.rounds.get((row.name, scheduler), {}).get(number)

    def has(self, row, scheduler, number):
        return self.is_final((row.name, scheduler, number),
                             self.round_of(row, scheduler, number))

    def has_just(self, row, scheduler, number):
        """Whether the guest that runs now has measured it."""
        return self.round_of(row, scheduler, number)["guest"] == self.guest


KINDS = ("cell", "attempt", "ending", "drawing", "messages")


def parse(lines):
    """Reads guests' lines. A line that was cut off by a guest's end counts as not printed."""
    measured = Measured()
    for line in lines:
        kind, _, text = line.partition(" ")
        measured.guest += line == ANOTHER_GUEST
        if kind not in KINDS:
            continue
        try:
            measured.add(kind, json.loads(text))
        except json.JSONDecodeError:
            continue
    measured.combine()
    return measured


@dataclasses.dataclass
class Plan:
    """What the guests shall do, in this order: draw, measure each row under each scheduler, try the
    judge by single cells, start wrongly."""
    rows: list
    schedulers: tuple = (EEVDF, OURS)
    # What the judge allows a live move to take, where that is not its usual bound; see run.py.
    move_bound_ms: int = 0
    timed: bool = False    # whether rows are measured as often as comparing times needs
    # Whether a row is left alone when its rounds are settled: for judging, not for comparing.
    settles: bool = False
    # With how many cpus, if only the rows that are judged beside their control shall have one.
    spares_controls: int | None = None
    drawings: tuple = ()   # schedulers to draw
    trials: tuple = ()     # pairs of a row and a scheduler
    attempts: tuple = ()   # pairs of a name and a command
    # How long each cell is measured, where that is not the row's own time.
    seconds: int | None = None

    def schedulers_of(self, row):
        if self.spares_controls is None or self.spares_controls in row.compared:
            return self.schedulers
        return tuple(one for one in self.schedulers if one != EEVDF)

    def is_settled(self, row, done):
        """Whether more rounds than those that are complete could not change the judgement."""
        asked = [promise.settled for promise in row.promises if promise.settled]
        control, ours = (done.cells.get((row.name, one)) for one in (EEVDF, OURS))
        if not self.settles or not asked or (control is None and row.compared):
            return False
        try:
            return all(settled(control and Cell(control), Cell(ours), row.rounds)
                       for settled in asked)
        except Missing:
            return False

    def next_round(self, row, done):
        """The command for the first cell of the row that is due, or None. A round whose cells were
        not all measured by one guest is measured whole, because they are compared."""
        for number in range(1, (row.rounds if self.timed else 1) + 1):
            missing = [one for one in self.schedulers_of(row) if not done.has(row, one, number)]
            if missing:
                due = [one for one in self.schedulers_of(row)
                       if one in missing or not done.has_just(row, one, number)]
                return self.cell_line(row, due[0], number, done)
            if self.is_settled(row, done):
                return None
        return None

    def cell_line(self, row, scheduler, number, done):
        if LOOPS in row.load and loops(done) is None:
            return f"messages {TRIED_LOOPS}"
        cookies = ["--cookies"] if scheduler == COOKIES else []
        seconds = row.control_seconds if scheduler in (EEVDF, COOKIES) else row.seconds
        words = ["cell", row.name, scheduler, warmup(scheduler, done), self.seconds or seconds,
                 number, self.move_bound_ms, *cookies,
                 *(loops(done) if word == LOOPS else word for word in row.load)]
        return " ".join(shlex.quote(str(word)) for word in words)

    def next_command(self, printed):
        """What the guest shall do now, given all that was `printed`, or None."""
        done = parse(printed)
        return next(self.commands(done), None)

    def commands(self, done):
        for scheduler in self.drawings:
            raw = done.drawings.get(scheduler)
            if not done.is_final(("drawing", scheduler), raw):
                yield shlex.join(["drawing", scheduler, str(warmup(scheduler, done)),
                                  str(DRAWN_MS), *DRAWN_LOAD])
        for row in self.rows:
            command = self.next_round(row, done)
            if command:
                yield command
        for row, scheduler in self.trials:
            if not done.has(row, scheduler, 1):
                yield self.cell_line(row, scheduler, 1, done)
        for name, command in self.attempts:
            if name not in done.attempts:
                yield f"attempt {name} {command}"


def warmup(scheduler, done):
    if scheduler in (EEVDF, COOKIES):
        return CONTROL_WARMUP
    ready_s, was_late = done.starts.get(scheduler, (None, False))
    if ready_s is None:
        return FIRST_WARMUP
    return int(ready_s * (FACTOR_IF_LATE if was_late else 1)) + SPARE_S


def loops(done):
    """How many loops of hackbench last HACKBENCH_SECONDS, by what TRIED_LOOPS took; None if nobody
    has tried."""
    if done.messages is None:
        return None
    try:
        took = Cell(done.messages).command_seconds()
    except Missing:
        took = None
    return int(done.messages["loops"] * HACKBENCH_SECONDS / took) + 1 if took else TRIED_LOOPS
