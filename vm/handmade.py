# SPDX-License-Identifier: GPL-2.0-only
"""Handmade cells, for the tests of the judges only."""

import table
from cell import KERNELS_OWN, SCX_PAIR
from promises import NS_PER_MS as MS
from promises import NS_PER_S as S


def raw_cell(scheduler=table.OURS, row="spinners", **changes):
    """What a faultless guest prints for one cell on one pair; `changes` are laid over its parts."""
    raw = {
        "row": row, "scheduler": scheduler, "seconds": 8, "round": 1, "warmup": 8,
        "attached_cs": 6300, "loaded_cs": 6500, "audit_exit": 0, "state_after": "enabled",
        "audit_errors": "", "load_errors": "",
        "audit": {"verdict": "kept", "lost": 0,
                  "scheduler": KERNELS_OWN if scheduler.startswith("eevdf") else SCX_PAIR,
                  "total": {"both_busy_ns": 8 * S, "busy_ns": 16 * S, "violation_ns": 0,
                            "violation_count": 0, "violation_longest_ns": 0, "higher_ns": 5 * MS,
                            "higher_longest_ns": MS}},
        "load": {"since_ns": 70 * S, "measured_ns": 8 * S,
                 "tasks": [{"part": "spin:a:2", "longest_gap_ns": 30 * MS, "lost": False,
                            "cpu_ns": 13 * S}],
                 "sleep_wake": {"count": 100, "p99_ns": 4 * MS}, "moves": {"done": 800},
                 "churn": {"done": 100},
                 "commands": [{"exit_status": 0, "wall_ns": 10 * S}]},
    }
    for path, value in changes.items():
        place = raw
        *folders, last = path.split("__")
        for folder in folders:
            place = place[folder]
        place[last] = value
    return raw


def domains(**cpu_seconds):
    """The cpu time of cgroups as the audit tells it; `x__a` is /x/a."""
    return [{"path": "/" + name.replace("__", "/"), "cpu_ns": int(seconds * S)}
            for name, seconds in cpu_seconds.items()]


def waits(**longest_ns):
    """Tasks as the audit tells of them, one in each cgroup."""
    return [{"path": "/" + name, "longest_wait_ns": wait_ns}
            for name, wait_ns in longest_ns.items()]


def tasks(gap_ns=30 * MS, **cpu_seconds):
    """Tasks of the load, one for each part: `spin:a:2,nice=5` has to be passed in a dictionary."""
    return [{"part": part, "cpu_ns": int(seconds * S), "longest_gap_ns": gap_ns, "lost": False}
            for part, seconds in cpu_seconds.items()]
