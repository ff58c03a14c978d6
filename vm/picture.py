# SPDX-License-Identifier: GPL-2.0-only
"""The drawing of who is on the cpus of one pair, as `audit --timeline` prints it, and whether it
shows what its headline says: under the scheduler that the audit names, with everybody who was to
run."""

import re

CAPTION = re.compile(r"^.+ of cpus .+ under (?P<scheduler>.+), a column is .+$")
LEGEND_ENTRY = re.compile(r"(?<=  )(\S) (/\S*)(?=  )")
VERDICT = re.compile(r"^verdict: \w+ violation_ns=(\d+)\b")


def timeline_of(drawn):
    """The lines up to the first empty one: the tables and the verdict come behind it."""
    return drawn[:drawn.index("")] if "" in drawn else []


def flaw(drawn, scheduler, cgroups):
    """Why these lines are no picture of `cgroups` under `scheduler`, as the audit names them, or an
    empty text."""
    lines = timeline_of(drawn)
    caption = CAPTION.match(lines[0]) if lines else None
    if caption is None:
        return f"the audit did not finish it: {drawn[0]}" if drawn and drawn[0] else \
            "the audit drew nothing"
    if caption["scheduler"] != scheduler:
        return f"the audit saw {caption['scheduler']}, not {scheduler}"
    seen = {path for _, path in LEGEND_ENTRY.findall(lines[-1] + "  ")}
    absent = sorted(set(cgroups) - seen)
    if absent:
        return f"{', '.join(absent)} did not run in it"
    return "" if VERDICT.match(drawn[-1]) else "the audit ended without a verdict"


def violation_ns(drawn):
    """What the verdict behind a picture without a flaw says."""
    return int(VERDICT.match(drawn[-1])[1])
