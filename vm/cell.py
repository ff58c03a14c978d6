# SPDX-License-Identifier: GPL-2.0-only
"""One measured cell, as the guest printed it, and how its numbers are read and written."""

import base64

from known import Missing, number, value, worst
from promises import LOST_GAP_NS, NS_PER_MS, NS_PER_S

# How the audit calls the scheduler that it judged.
SCX_PAIR = "scx_pair (sched_ext)"
KERNELS_OWN = "the kernel's own scheduler"


def decode(raw, key):
    return base64.b64decode(raw.get(key, "")).decode("utf-8", "replace").strip()


def first_cause(text):
    """Of what a program complained: its own sentence, or else the first line."""
    lines = text.splitlines()
    own = [line for line in lines if line.startswith(("scx_pair: ", "load: "))]
    return (own or lines or ["without a word"])[0]


class Cell:
    """One measured cell, as the guest printed it. Why it judges nothing shows as `trouble`; what is
    missing otherwise raises Missing where it is asked for."""

    def __init__(self, raw):
        self.raw = raw or {}
        self.audit = self.raw.get("audit") or {}
        self.total = self.audit.get("total") or {}
        self.load = self.raw.get("load") or {}
        self.rounds = [Cell(earlier) for earlier in self.raw.get("earlier", [])] + [self]

    @property
    def trouble(self):
        """Why nothing can be judged by this cell, or an empty text."""
        if not self.raw:
            return "not measured"
        if self.is_late:
            return self.lateness
        if not self.total:
            return f"no verdict (exit {self.raw.get('audit_exit')}): " \
                f"{first_cause(decode(self.raw, 'audit_errors'))}"
        if not self.load:
            return f"the load did not report: {first_cause(decode(self.raw, 'load_errors'))}"
        try:
            return self.lateness or self._stranger() or self._loss() or self._silence()
        except Missing as missing:
            return str(missing)

    def _stranger(self):
        asked = value(self.raw, "scheduler")
        due = KERNELS_OWN if asked.startswith("eevdf") else SCX_PAIR
        return "" if self.judged == due else f"the audit judged {self.judged}, not {due}"

    def _silence(self):
        """Whether what every judgement needs is there."""
        value(self.raw, "audit.verdict")
        number(self.raw, "audit.total.violation_ns")
        number(self.raw, "audit.total.both_busy_ns")
        return ""

    def _loss(self):
        lost = number(self.raw, "audit.lost")
        return f"the judge lost {lost} records" if lost else ""

    @property
    def lateness(self):
        """Why it was not ready when its window opened, or that this is not known, or nothing."""
        try:
            late_s = self.late_s
        except Missing as missing:
            return str(missing)
        return f"it was ready {late_s:.1f} s after the window opened" if late_s > 0 else ""

    @property
    def ready_s(self):
        """How long after the judge the scheduler and its load were ready. A load has no time where
        it was not started any more, because the scheduler alone had taken too long."""
        attached_s = self.read("attached_cs") / 100
        loaded_s = self.read("loaded_cs") / 100 - attached_s
        if loaded_s > self.read("warmup"):
            return loaded_s
        return self.read("load.since_ns") / NS_PER_S - attached_s

    @property
    def late_s(self):
        """How much too late for the window that was; negative: in time."""
        return self.ready_s - self.read("warmup")

    @property
    def is_late(self):
        """Whether that is known and so. Where it is not known, `trouble` says that."""
        try:
            return self.late_s > 0
        except Missing:
            return False

    def read(self, path):
        return number(self.raw, path)

    @property
    def judged(self):
        """Whom the audit names as the scheduler that it judged."""
        return value(self.raw, "audit.scheduler")

    @property
    def reason(self):
        """Why the audit's verdict is none, as it says itself, to be put behind it."""
        said = self.audit.get("reason")
        return f", {said}" if said else ""

    @property
    def window_ns(self):
        return self.read("seconds") * NS_PER_S

    @property
    def both_busy_ns(self):
        return self.read("audit.total.both_busy_ns")

    @property
    def violation_ns(self):
        return self.read("audit.total.violation_ns")

    @property
    def violation_share(self):
        return self.violation_ns / self.both_busy_ns if self.both_busy_ns else 0.0

    @property
    def tasks(self):
        return value(self.raw, "load.tasks")

    def busy_share(self):
        """Of the time of one pair, how much both its cpus were busy."""
        return self.both_busy_ns / self.window_ns

    def used_share(self, cpus):
        return self.read("audit.total.busy_ns") / (self.window_ns * cpus)

    def command_seconds(self):
        """The time of the slowest command, or None when one did not end well."""
        commands = value(self.raw, "load.commands")
        if not commands or any(number(command, "exit_status") != 0 for command in commands):
            return None
        return max(number(command, "wall_ns") for command in commands) / NS_PER_S

    def sleep_p99_ns(self):
        if not self.read("load.sleep_wake.count"):
            raise Missing("a wakeup was not reported")
        return self.read("load.sleep_wake.p99_ns")

    def longest_gap_ns(self):
        return worst((number(task, "longest_gap_ns") for task in self.tasks), "a task of the load")

    def longest_wait_ns(self):
        """The longest that a task of any cgroup could have run and did not, as the audit saw it.
        Where a cpu of the guest stood still, its task ran all the same: the longest time without a
        sign of a task, longest_gap_ns(), has that in it."""
        return worst((number(task, "longest_wait_ns") for task in value(self.raw, "audit.tasks")
                      if task["path"] != "/"), "a task's wait")

    def cpu_ns_by_cgroup(self):
        """The time that the cpus ran tasks of each cgroup in the window, as the audit saw it."""
        return {domain["path"]: number(domain, "cpu_ns")
                for domain in value(self.raw, "audit.domains") if domain["path"] is not None}

    def cpu_ns_of_parts(self, parts):
        """The cpu time of the tasks of these parts of the load, by their own clocks."""
        found = [number(task, "cpu_ns") for task in self.tasks if task["part"] in parts]
        if not found:
            raise Missing(f"the cpu time of {', '.join(parts)} was not reported")
        return sum(found)

    def best(self, measure):
        """The least that `measure` gives for any round."""
        return min(measure(cell) for cell in self.rounds)

    def lost_tasks(self):
        if not self.tasks and not value(self.raw, "load.commands"):
            raise Missing("a task of the load was not reported")
        return [task["part"] for task in self.tasks
                if value(task, "lost") or number(task, "longest_gap_ns") > LOST_GAP_NS]


def ms(ns):
    return f"{ns / NS_PER_MS:.2f} ms"


def percent(share):
    return f"{share * 100:.1f} %"
