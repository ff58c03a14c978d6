# SPDX-License-Identifier: GPL-2.0-only
"""What must come out of the cells that measure priority: weights, nice values, limits, who is asked
last, and whether cores stay idle beside work. Which row promises what is in table.py.

What somebody is entitled to is worked out from the scenario that the row has played
(entitlement.py), never written down here.
"""

import entitlement
import scenario
from cell import ms, percent
from known import Missing, or_missing, value
from promises import NS_PER_MS

US_PER_PERIOD = 100_000  # of cpu.max, where only the quota is given
# A share is as it should be within so much of all cpu time, and within so much of itself.
SHARE_WITHIN = 0.02
SHARE_WITHIN_RELATIVE = 0.05
RATIO_WITHIN = 0.05
QUOTA_WITHIN = 0.05
# Siblings that exclude each other leave some time unused; more than this of it is no excuse.
REST_EXCUSED = 0.05
LEFTOVER_AT_MOST = 0.03
CROWDED_AT_MOST = 0.05
# Of two tasks that run 80 % of the time each, both run for 64 % of it; if they hardly ever do,
# nothing was measured.
PARALLEL_AT_LEAST = 0.3


def played_by(cell):
    return scenario.read(f"vm/{cell.raw['row']}")


# Each judgement takes the control's cell, the judged cell and the number of cpus, and gives whether
# it passed and what was seen.

def measured_shares(cell, paths):
    """What part of the time of these cgroups each of them had, or nothing if nobody ran."""
    cpu_ns = cell.cpu_ns_by_cgroup()
    whole_ns = sum(cpu_ns.get(path, 0) for path in paths)
    return {path: cpu_ns.get(path, 0) / whole_ns for path in sorted(paths)} if whole_ns else {}


def worst_share(cell):
    """The path whose share is furthest from what it is entitled to, by its own measure, and both
    shares; None if nobody ran."""
    entitled = entitlement.by_cgroup(played_by(cell))
    found = measured_shares(cell, entitled)
    if not found:
        return None
    return max(((path, found[path], entitled[path]) for path in found),
               key=lambda one: abs(one[1] - one[2]) / one[2])


def shares_text(cell):
    if worst_share(cell) is None:
        return "nobody ran"
    path, share, due = worst_share(cell)
    return f"{path} {percent(share)} for {percent(due)}"


def shares_within(cell, relative):
    entitled = entitlement.by_cgroup(played_by(cell))
    found = measured_shares(cell, entitled)
    return bool(found) and all(
        abs(found[path] - due) <= min(SHARE_WITHIN, due * relative)
        for path, due in entitled.items())


def beside(control, text):
    """What a measure said of the control, where there is one."""
    return f"; EEVDF {or_missing(text, control)}" if control else ""


def shares_as_entitled(control, cell, _cpus):
    return shares_within(cell, SHARE_WITHIN_RELATIVE), \
        f"worst {shares_text(cell)}" + beside(control, shares_text)


def shares_near_entitled(control, cell, _cpus):
    """Where shares are small, points of all cpu time are all that is asked."""
    return shares_within(cell, 1.0), f"worst {shares_text(cell)}" + beside(control, shares_text)


def nobody_waits_longer(wait_ms):
    def judged(control, cell, _cpus):
        wait_ns = cell.longest_wait_ns()
        return wait_ns <= wait_ms * NS_PER_MS, \
            f"longest wait of a task {ms(wait_ns)}" + \
            beside(control, lambda other: ms(other.longest_wait_ns()))
    return judged


def parts_named(cell, name):
    played = played_by(cell)
    return scenario.parts_of_tasks(name, played["tasks"][name], played.get("cgroups"))


def ratio_of(cell, first, second):
    """Of the cpu time of two groups of the scenario's tasks; 0 if one of them had none."""
    times_ns = [cell.cpu_ns_of_parts(parts_named(cell, name)) for name in (first, second)]
    return times_ns[0] / times_ns[1] if all(times_ns) else 0.0


def nice_as_entitled(control, cell, _cpus):
    entitled = entitlement.by_tasks(played_by(cell))
    due = entitled["plain"] / entitled["nice"]
    ratio = ratio_of(cell, "plain", "nice")
    return abs(ratio - due) <= due * RATIO_WITHIN, \
        f"{ratio:.2f} for {due:.2f}" + \
        beside(control, lambda other: f"{ratio_of(other, 'plain', 'nice'):.2f}")


def quota(played, path):
    """How many cpus a cgroup may use."""
    runtime, _, period = scenario.cgroups_of(played)[path]["cpu.max"].partition(" ")
    return int(runtime) / int(period or US_PER_PERIOD)


def used(cell, path):
    """How many cpus the tasks of a cgroup and of those in it have used."""
    return sum(ns for at, ns in cell.cpu_ns_by_cgroup().items()
               if at == path or at.startswith(path + "/")) / cell.window_ns


def limit_is_used_up(path):
    """Neither more than the limit nor less: who always wants to run is owed all of it."""
    def judged(control, cell, _cpus):
        allowed = quota(played_by(cell), path)
        return abs(used(cell, path) - allowed) <= allowed * QUOTA_WITHIN, \
            f"{used(cell, path):.3f} cpus of {allowed:.2f}" + \
            beside(control, lambda other: f"{used(other, path):.3f}")
    return judged


def rest(cell):
    """How many cpus nobody but /free could have used: all that the limited cgroups, the root and
    kernel threads have left, without what siblings that exclude each other leave unused. That is
    part of keeping them apart, but not without end."""
    others_ns = sum(ns for path, ns in cell.cpu_ns_by_cgroup().items() if path != "/free")
    available_ns = cell.read("audit.total.cpu_ns_available")
    forced_ns = min(cell.read("audit.total.forced_idle_ns"), available_ns * REST_EXCUSED)
    left_ns = available_ns - others_ns - cell.read("audit.total.kernel_cpu_ns") - forced_ns
    return left_ns / cell.window_ns


def rest_text(cell):
    return f"{used(cell, '/free'):.3f} cpus of {rest(cell):.3f}"


def rest_used_at_least(share):
    def judged(control, cell, _cpus):
        return used(cell, "/free") >= rest(cell) * share, \
            rest_text(cell) + beside(control, rest_text)
    return judged


def left_share(cell):
    """Who has no time at all is still seen waiting; if the audit does not know of it, it was not
    there."""
    if "/left" not in cell.cpu_ns_by_cgroup():
        raise Missing("the cpu time of /left was not reported")
    return measured_shares(cell, {"/normal", "/left"}).get("/left", 1.0)


def idle_cgroup_gets_little(control, cell, _cpus):
    return left_share(cell) <= LEFTOVER_AT_MOST, \
        percent(left_share(cell)) + beside(control, lambda other: percent(left_share(other)))


def idle_tasks_share(cell):
    """Of the time of the cgroup that they share with others; all of it if nobody ran."""
    idle_ns = cell.cpu_ns_of_parts(parts_named(cell, "idle"))
    whole_ns = idle_ns + cell.cpu_ns_of_parts(parts_named(cell, "spin"))
    return idle_ns / whole_ns if whole_ns else 1.0


def idle_tasks_get_little(control, cell, _cpus):
    return idle_tasks_share(cell) <= LEFTOVER_AT_MOST, \
        percent(idle_tasks_share(cell)) + \
        beside(control, lambda other: percent(idle_tasks_share(other)))


def no_task_stuck(_control, cell, _cpus):
    if not cell.tasks:
        raise Missing("a task of the load was not reported")
    stuck = [task["part"] for task in cell.tasks if value(task, "lost")]
    return not stuck, f"lost: {', '.join(stuck)}" if stuck else "none"


def crowded_text(cell):
    parallel_ns = cell.read("audit.total.parallel_ns")
    if not parallel_ns:
        return "never both at once"
    return f"{percent(cell.read('audit.total.crowded_ns') / parallel_ns)} of " \
        f"{percent(parallel_ns / cell.window_ns)}"


def tasks_are_apart(control, cell, _cpus):
    """Where a task is put takes no time, so a virtual cpu that the host lets wait does not matter:
    it counts as busy for as long as its task is on it."""
    parallel_ns = cell.read("audit.total.parallel_ns")
    both_ran = parallel_ns >= cell.window_ns * PARALLEL_AT_LEAST
    apart = cell.read("audit.total.crowded_ns") <= parallel_ns * CROWDED_AT_MOST
    return both_ran and apart, \
        f"on one core for {crowded_text(cell)}" + beside(control, crowded_text)
