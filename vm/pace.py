#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whether the host kept its pace while a guest was measured.

Where a host is itself a virtual machine among others, its cpus may run at a fraction of their speed
for a while, and nothing tells so but the work that gets done. A guest with one pair suffers twice:
while one of its virtual cpus is slow to leave, the other one, whose turn cannot change without it,
waits as well. EEVDF just goes on there.

As a program, it counts for a moment, again and again, how fast one cpu gets on: vm/pace.py CPU
"""

import os
import signal
import subprocess
import sys
import time

# A two-thousandth of the time of each cpu.
MOMENT_NS = 500_000
EVERY_S = 1.0
# Of a steady host, nine of ten moments are at this part of the usual pace of its best ones.
STEADY_AT_LEAST = 0.6
FEWEST = 10


def sample(cpu):
    """Prints what was counted in each moment, until it is ended."""
    os.sched_setaffinity(0, {cpu})
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        pass  # Then others are in the way now and then, and the host looks less steady than it is.
    while True:
        end_ns = time.perf_counter_ns() + MOMENT_NS
        count = 0
        while time.perf_counter_ns() < end_ns:
            count += 1
        print(count, flush=True)
        time.sleep(EVERY_S)


def quantile(counts, part):
    return sorted(counts)[int((len(counts) - 1) * part)]


def slowness(counts_by_cpu):
    """Why the host was not steady, by what was counted on each cpu, or an empty text. The best
    moments of all cpus are the measure of each."""
    every = [count for counts in counts_by_cpu for count in counts]
    usual = quantile(every, 0.9) if len(every) >= FEWEST else 0
    if usual == 0:
        return ""
    slow = min(quantile(counts, 0.1) for counts in counts_by_cpu if counts)
    pace = slow / usual
    return "" if pace >= STEADY_AT_LEAST else \
        f"the host was not steady, one of ten moments had {pace:.0%} of its pace"


class Watch:
    """Counts on every cpu of the host while it is entered."""

    def __enter__(self):
        self._samplers = [subprocess.Popen([sys.executable, os.path.abspath(__file__), str(cpu)],
                                           stdout=subprocess.PIPE, text=True)
                          for cpu in sorted(os.sched_getaffinity(0))]
        self.slowness = ""
        return self

    def __exit__(self, *_):
        counts = []
        for sampler in self._samplers:
            sampler.send_signal(signal.SIGTERM)
            printed, _ = sampler.communicate()
            counts.append([int(line) for line in printed.splitlines()[1:]])
        self.slowness = slowness(counts)


if __name__ == "__main__":
    sample(int(sys.argv[1]))
