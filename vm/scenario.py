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
# What a group of tasks may say, and still be played.
PLAYED = {"instance", "cgroup", "run", "sleep", "cpus", "one_cpu_each", "policy", "priority",
          "timer"}


class NotPlayable(Exception):
    """The scenario says something that `load` has no word for."""


def microseconds(value):
    if isinstance(value, int):
        return value
    match = re.fullmatch(r"(\d+)(us|ms|s)", value) if isinstance(value, str) else None
    if not match:
        raise NotPlayable(f"a time that is drawn anew each time: {value}")
    return int(match[1]) * UNITS_US[match[2]]


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
    if "policy" in tasks:
        raise NotPlayable(f"{tasks['policy']} without a period")
    if "sleep" in tasks:
        return "sleep", f":{run_us}/{microseconds(tasks['sleep'])}"
    return "spin", ""


def parts_of_tasks(name, tasks):
    unknown = set(tasks) - PLAYED
    if unknown:
        raise NotPlayable(f"{name}: {', '.join(sorted(unknown))}")
    cgroups = tasks.get("cgroup", "/")
    cgroups = [cgroups] if isinstance(cgroups, str) else cgroups
    instances = tasks.get("instance", 1)
    if instances % len(cgroups):
        raise NotPlayable(f"{name}: {instances} tasks in {len(cgroups)} cgroups")
    kind, times = kind_and_times(tasks)
    return [f"{kind}:{folder_name(cgroup)}:{count}{times}{cpu}" for cgroup in cgroups
            for cpu, count in seats_of(tasks, instances // len(cgroups))]


def part_of_fault(fault):
    if "move" in fault:
        return f"move:-:{UNITS_US['s'] // microseconds(fault['every'])}"
    if "churn" in fault:
        return f"churn:{folder_name(fault['churn'])}:1"
    raise NotPlayable(f"a fault: {', '.join(fault)}")


def file_of(name):
    return os.path.join(FOLDER, name + ".json")


def read(name):
    with open(file_of(name), encoding="utf-8") as file:
        return json.load(file)


def load_of(scenario):
    """The arguments of `load`."""
    if "channels" in scenario:
        raise NotPlayable("channels")
    parts = [part for name, tasks in scenario["tasks"].items()
             for part in parts_of_tasks(name, tasks)]
    return parts + [part_of_fault(fault) for fault in scenario.get("faults", [])]
