# SPDX-License-Identifier: GPL-2.0-only
"""One measured cell, as the guest printed it, and how its numbers are read and written."""

import base64

from promises import LOST_GAP_NS, NS_PER_MS, NS_PER_S


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

    def longest_wait_ns(self):
        """The longest that a task of any cgroup could have run and did not, as the audit saw it.
        Where a cpu of the guest stood still, its task ran all the same: the longest time without a
        sign of a task, longest_gap_ns(), has that in it."""
        return max(task["longest_wait_ns"] for task in self.audit["tasks"] if task["path"] != "/")

    def cpu_ns_by_cgroup(self):
        """The time that the cpus ran tasks of each cgroup in the window, as the audit saw it."""
        return {domain["path"]: domain["cpu_ns"] for domain in self.audit.get("domains", [])
                if domain["path"] is not None}

    def cpu_ns_of_parts(self, parts):
        """The cpu time of the tasks of these parts of the load, by their own clocks."""
        return sum(task["cpu_ns"] for task in self.load["tasks"] if task["part"] in parts)

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
