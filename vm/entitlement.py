# SPDX-License-Identifier: GPL-2.0-only
"""Who is entitled to how much of the cpu time, by a scenario's weights and nice values alone.

At each level of the tree the cgroups that want to run, and the tasks beside them, share what their
parent has in proportion to their weights. That is what the kernel documents for cpu.weight
(Documentation/admin-guide/cgroup-v2.rst) and for nice values (sched(7)). It is only an answer where
everybody always wants to run and nobody is limited; what is not so is refused. That everybody has
the tasks to use what he is entitled to is the scenario's business.
"""

import scenario

# kernel/sched/core.c, sched_prio_to_weight[]: what a task of nice -20, -19, ... 19 weighs.
NICE_WEIGHTS = (88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
                9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
                1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
                110, 87, 70, 56, 45, 36, 29, 23, 18, 15)
NICE_MIN = -20
IDLE_WEIGHT = 3          # WEIGHT_IDLEPRIO: of a SCHED_IDLE task, and of a cgroup with cpu.idle
CGROUP_WEIGHT = 100      # cpu.weight, if nothing is said; it weighs as much as a task of nice 0
ROOT = "/"


class NotEntitled(Exception):
    """The weights alone do not say what somebody gets."""


def task_weight(tasks):
    if tasks.get("policy") == "SCHED_IDLE":
        return IDLE_WEIGHT
    return NICE_WEIGHTS[tasks.get("priority", 0) - NICE_MIN]


def cgroup_weight(fields):
    if fields.get("cpu.idle"):
        return IDLE_WEIGHT
    return fields.get("cpu.weight", CGROUP_WEIGHT) * NICE_WEIGHTS[-NICE_MIN] / CGROUP_WEIGHT


def parent_of(path):
    return path.rpartition("/")[0] or ROOT


def shares(played):
    """Maps (name of the tasks, path of their cgroup) to their part of the time of all tasks."""
    fields = scenario.cgroups_of(played)
    if any("cpu.max" in one for one in fields.values()):
        raise NotEntitled("a cgroup has a limit")
    # By cgroup: who shares what it has, with weights. A task's key is a pair, a cgroup's a path.
    members = {}
    for name, tasks in played["tasks"].items():
        if "sleep" in tasks or "timer" in tasks:
            raise NotEntitled(f"{name} does not always want to run")
        for path, count in scenario.places_of(name, tasks, played.get("cgroups")):
            members.setdefault(path, {})[(name, path)] = count * task_weight(tasks)
            while path != ROOT:
                parent = parent_of(path)
                members.setdefault(parent, {})[path] = cgroup_weight(fields.get(path, {}))
                path = parent
    found = {}

    def divide(path, share):
        whole = sum(members[path].values())
        for member, weight in members[path].items():
            part = share * weight / whole
            if isinstance(member, tuple):
                found[member] = part
            else:
                divide(member, part)

    divide(ROOT, 1.0)
    return found


def summed(parts):
    """Adds up pairs of a key and a number by key."""
    sums = {}
    for key, number in parts:
        sums[key] = sums.get(key, 0) + number
    return sums


def by_cgroup(played):
    return summed((path, share) for (_, path), share in shares(played).items())


def by_tasks(played):
    return summed((name, share) for (name, _), share in shares(played).items())
