# SPDX-License-Identifier: GPL-2.0-only
"""Plays the scenarios of the simulator with real tasks: a file of scenarios/ becomes the arguments
of `load` that make the same tasks in a guest.

Not everything that a scenario can say can be played; what cannot is refused, never left out.
"""

import json
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scenarios")
UNITS_US = {"us": 1, "ms": 1000, "s": 1000_000}
# A comment in the manner of C, or a string, which may look as if it had one in it.
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"', re.DOTALL)
# What a group of tasks may say, and still be played.
PLAYED = {"instance", "cgroup", "run", "sleep", "cpus", "one_cpu_each", "policy", "priority",
          "timer", "yield"}
SETTINGS = {"cpu.weight", "cpu.idle", "cpu.max", "cpu.max.burst"}
# How `load` says what the tasks of a part are to the kernel.
POLICIES = {"SCHED_OTHER": "", "SCHED_BATCH": ",batch", "SCHED_IDLE": ",idle"}


class NotPlayable(Exception):
    """The scenario says something that `load` has no word for."""


def microseconds(value):
    if isinstance(value, int):
        return value
    match = re.fullmatch(r"(\d+)(us|ms|s)", value) if isinstance(value, str) else None
    if not match:
        raise NotPlayable(f"a time that is drawn anew each time: {value}")
    return int(match[1]) * UNITS_US[match[2]]


def expand(path, instances):
    """The cgroups that a path with a # and a number of instances stand for, or the path itself."""
    return [path.replace("#", str(number)) for number in range(instances)] if "#" in path \
        else [path]


def cgroups_of(scenario):
    """Maps the path of each cgroup that the scenario names to what its files shall say."""
    return {path: {name: value for name, value in fields.items() if name != "instances"}
            for pattern, fields in scenario.get("cgroups", {}).items()
            for path in expand(pattern, fields.get("instances", 1))}


def settings_of(scenario):
    """The arguments of `load` that write the files of the cgroups."""
    arguments = []
    for path, fields in cgroups_of(scenario).items():
        unknown = set(fields) - SETTINGS
        if unknown:
            raise NotPlayable(f"{path}: {', '.join(sorted(unknown))}")
        for name, value in fields.items():
            arguments += ["--set", f"{path.strip('/')}/{name}={value}"]
    return arguments


def places_of(name, tasks, cgroups=None):
    """How many of these tasks are in which cgroup: pairs of a path and a number. `cgroups` is the
    scenario's section, for what a pattern in it stands for."""
    named = tasks.get("cgroup", "/")
    named = [named] if isinstance(named, str) else named
    paths = [path for pattern in named
             for path in expand(pattern, (cgroups or {}).get(pattern, {}).get("instances", 1))]
    instances = tasks.get("instance", 1)
    if instances % len(paths):
        raise NotPlayable(f"{name}: {instances} tasks in {len(paths)} cgroups")
    return [(path, instances // len(paths)) for path in paths]


def inhabited(scenario):
    """The cgroups that have tasks."""
    return {path for name, tasks in scenario["tasks"].items()
            for path, _ in places_of(name, tasks, scenario.get("cgroups"))}


def folder_name(cgroup):
    return cgroup.strip("/") or "-"


def seats_of(tasks, count):
    """How many of `count` tasks go where: a list of the end of a part and a number."""
    cpus = tasks.get("cpus", [])
    if tasks.get("one_cpu_each"):
        return [(f"@{cpu}", 1) for cpu in range(count)]
    if len(cpus) > 1:
        raise NotPlayable("tasks that may use several cpus, but not all")
    return [(f"@{cpus[0]}" if cpus else "", count)]


def kind_and_times(tasks):
    run_us = microseconds(tasks["run"])
    if "timer" in tasks:
        if tasks.get("policy") != "SCHED_FIFO":
            raise NotPlayable("a period without SCHED_FIFO")
        return "fifo", f":{run_us}/{microseconds(tasks['timer']['period']) - run_us}"
    if tasks.get("policy", "SCHED_OTHER") not in POLICIES:
        raise NotPlayable(f"{tasks['policy']} without a period")
    if "yield" in tasks:
        if "sleep" in tasks:
            raise NotPlayable("tasks that sleep and yield")
        return "yield", f":{run_us}"
    if "sleep" in tasks:
        return "sleep", f":{run_us}/{microseconds(tasks['sleep'])}"
    return "spin", ""


def priority_of(tasks):
    if "timer" in tasks:
        return ""
    nice = tasks.get("priority", 0)
    return POLICIES[tasks.get("policy", "SCHED_OTHER")] + (f",nice={nice}" if nice else "")


def parts_of_tasks(name, tasks, cgroups=None):
    """The parts of `load` that play one group of tasks."""
    unknown = set(tasks) - PLAYED
    if unknown:
        raise NotPlayable(f"{name}: {', '.join(sorted(unknown))}")
    kind, times = kind_and_times(tasks)
    priority = priority_of(tasks)
    return [f"{kind}:{folder_name(cgroup)}:{part}{times}{priority}{cpu}"
            for cgroup, count in places_of(name, tasks, cgroups)
            for cpu, part in seats_of(tasks, count)]


def part_of_fault(fault):
    if "move" in fault:
        return f"move:-:{UNITS_US['s'] // microseconds(fault['every'])}"
    if "churn" in fault:
        return f"churn:{folder_name(fault['churn'])}:1"
    raise NotPlayable(f"a fault: {', '.join(fault)}")


def file_of(name):
    return os.path.join(FOLDER, name + ".json")


def without_comments(text):
    """The same with blanks for comments, so that whoever reports a place names the right one."""
    def blank(match):
        found = match[0]
        return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)
    return COMMENT_OR_STRING.sub(blank, text)


def parse(text):
    return json.loads(without_comments(text))


def read(name):
    with open(file_of(name), encoding="utf-8") as file:
        return parse(file.read())


def load_of(scenario):
    """The arguments of `load`."""
    if "channels" in scenario:
        raise NotPlayable("channels")
    cgroups = scenario.get("cgroups")
    parts = [part for name, tasks in scenario["tasks"].items()
             for part in parts_of_tasks(name, tasks, cgroups)]
    faults = [part_of_fault(fault) for fault in scenario.get("faults", [])]
    return settings_of(scenario) + parts + faults
