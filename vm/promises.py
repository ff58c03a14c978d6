# SPDX-License-Identifier: GPL-2.0-only
"""What a row promises, and the units and limits that all rows share."""

import collections.abc
import dataclasses

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

# A task that has shown no sign of life for this long, of a row of seconds, counts as lost.
LOST_GAP_NS = 5 * NS_PER_S
# The judge's own trial: what two pinned strangers read as.
STRANGERS_AT_LEAST = 0.99
STRANGERS_ON_SLOW_HOST = 0.9

# Takes the control's cell, the judged cell and the number of cpus; gives whether it passed and what
# was seen.
Judgement = collections.abc.Callable


@dataclasses.dataclass(frozen=True)
class Promise:
    what: str
    judge: Judgement
    # The guest that it is judged on, by its cpus. None: every guest, and every round.
    cpus: int | None = 2
    # Whether it depends on how fast the guest's cpus get on at each moment. On a host that was not
    # steady, missing it says nothing of the scheduler: it is counted as skipped then, and said.
    paced: bool = False
    # Whether it is aimed at and not reached each time yet: missing it is skipped and said, too.
    goal: bool = False
    # What is never skipped: what may be missed can still fail.
    floor: Judgement | None = None
    # Of the control's cell, ours, and the most rounds: whether more of them could not change it.
    settled: collections.abc.Callable | None = None
