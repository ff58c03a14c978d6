#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Builds and passes what every change must, and counts it: unit tests as g++ builds them for users
and as clang does with its sanitizers, mutants, a bounded search of the simulated machine, format,
lint of what changed, and the newest kernel in virtual machines. A part that cannot be built or run
is a failure, never a silence.

usage: packaging/check.py [--all]     --all: long searches, whole lint, every kernel and size, too

The last line is `N passed, N failed, N skipped`; the exit status is 0 only if nothing failed. How
long each part took is kept in build/check-times.json, from which the next run says what is left.
"""

import argparse
import dataclasses
import json
import os
import re
import secrets
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRESETS = ["dev", "asan"]
QUICK_KERNELS = ["vm/run.py", "--quick"]
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")
BOOTS = re.compile(r"^boots: \d+, retries: \d+$")
CONVICTIONS = re.compile(r"^(\d+) convicted, (\d+) escaped$")
TIMES = os.path.join(ROOT, "build", "check-times.json")
PROGRESS_EVERY_S = 10
EXECUTIONS = 1000
EXECUTIONS_IN_FULL = 4000
FRESH_SEEDS = 200  # of each range below
FRESH_SEEDS_IN_FULL = 10
# Half of them are below the first seed that has limits and idle cgroups, half are from there on.
FIRST_SEED_WITH_CONTROLS = 1_000_000
FRESH_SEED_RANGES = [(0, FIRST_SEED_WITH_CONTROLS - FRESH_SEEDS),
                     (FIRST_SEED_WITH_CONTROLS, 1_000 * FIRST_SEED_WITH_CONTROLS)]


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    remarks: tuple = ()  # lines of its parts that the end repeats

    def __add__(self, other):
        return Tally(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped, self.remarks + other.remarks)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(command):
    """Whether the command ended well. Its output goes straight to the terminal."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def one(passed):
    return Tally(passed=1) if passed else Tally(failed=1)


def build(preset):
    return one(run(["packaging/build.sh", preset]))


def unit_tests(preset):
    """Each test of the preset is one case. A run that left no report is a failure."""
    report = os.path.join(ROOT, "build", preset, "tests.xml")
    if os.path.exists(report):
        os.remove(report)
    passed = run(["ctest", "--preset", preset, "--progress", "-j", str(os.cpu_count()),
                  "--output-junit", report])
    if not os.path.exists(report):
        return one(False)
    suite = ElementTree.parse(report).getroot()
    total, failed, skipped, disabled = (int(suite.get(key, 0))
                                        for key in ("tests", "failures", "skipped", "disabled"))
    if total == 0 or (not passed and failed == 0):
        failed += 1
        total += 1
    return Tally(total - failed - skipped - disabled, failed, skipped + disabled)


def lint(part):
    return one(run(["packaging/lint.sh", part]))


def explore(*options):
    return one(run(["build/dev/src/cli/scx_pair", "explore", *options]))


def bounded_search(executions):
    """Every order of the small models' events up to the bound that is printed."""
    return explore("--preemptions", "2", "--executions", str(executions))


def fresh_search():
    """Scenarios that nobody has seen before. What they are made from is printed first. In a few of
    them a cpu may not idle beside work either; one of thousands still finds one that does, for as
    long as docs/simulator.md says, and a check that fails for it now and then would be ignored."""
    total = Tally()
    for first, end in FRESH_SEED_RANGES:
        seed = str(first + secrets.randbelow(end - first))
        total += explore("--random", str(FRESH_SEEDS), "--seed", seed, "--breaches-only")
        total += explore("--random", str(FRESH_SEEDS_IN_FULL), "--seed", seed)
    return total


def counted(command, pattern):
    """Runs a part that counts its own cases and ends with the count."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE,
                               text=True)
    last, remarks = "", ()
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line.strip() or last
        remarks += (line.strip(),) if BOOTS.match(line) else ()
    status = process.wait()
    counts = pattern.match(last)
    if not counts:
        return one(False)
    tally = Tally(*map(int, counts.groups()), remarks=remarks)
    return tally + one(False) if status != 0 and tally.failed == 0 else tally


def parts(full):
    """(name, what to do) in order. What is only part of the long form depends on the host's pace,
    on chance, or on patience."""
    for preset in PRESETS:
        yield f"build {preset}", lambda preset=preset: build(preset)
        yield f"unit tests {preset}", lambda preset=preset: unit_tests(preset)
    if full:
        yield "fresh seeds", fresh_search
    yield "bounded search", lambda: bounded_search(EXECUTIONS_IN_FULL if full else EXECUTIONS)
    yield "mutants", lambda: counted(["src/sim/mutants/run.py", "build/dev"], CONVICTIONS)
    yield "format", lambda: lint("format")
    yield "clang-tidy", lambda: lint("tidy" if full else "changed")
    yield "real kernels", lambda: counted(["vm/run.py"] if full else QUICK_KERNELS, COUNTS)


class Clock:
    """What is left of the check, by how long each part took the last time. Parts that nobody has
    seen count for nothing, which the text says."""

    def __init__(self, tier, names):
        self._tier, self._names, self._earlier = tier, names, {}
        try:
            with open(TIMES, encoding="utf-8") as file:
                self._earlier = json.load(file)
        except (OSError, ValueError):
            pass
        self._known = dict(self._earlier.get(tier, {}))

    def left(self, name, since_s):
        """In words: of this part, and of everything."""
        after = self._names[self._names.index(name) + 1:]
        if name not in self._known:
            return f"{since_s:.0f} s; how long it takes is not known yet"
        here_s = max(0, self._known[name] - since_s)
        rest_s = here_s + sum(self._known.get(other, 0) for other in after)
        unknown = sum(other not in self._known for other in after)
        more = f", and {unknown} parts not timed yet" if unknown else ""
        return f"{since_s:.0f} s, {here_s:.0f} s left of this part, {rest_s:.0f} s of all{more}"

    def took(self, name, seconds):
        self._known[name] = seconds
        self._earlier[self._tier] = self._known
        os.makedirs(os.path.dirname(TIMES), exist_ok=True)
        with open(TIMES + ".new", "w", encoding="utf-8") as file:
            json.dump(self._earlier, file, indent=1)
        os.replace(TIMES + ".new", TIMES)


def timed(clock, name, part):
    """(tally, seconds) of a part, with a line of progress every ten seconds."""
    start = time.monotonic()
    ended = threading.Event()

    def report():
        while not ended.wait(PROGRESS_EVERY_S):
            print(f"-- {name}: {clock.left(name, time.monotonic() - start)}", flush=True)

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        tally = part()
    finally:
        ended.set()
        reporter.join()
    seconds = time.monotonic() - start
    if not tally.failed:
        clock.took(name, seconds)
    return tally, seconds


def main():
    parser = argparse.ArgumentParser(description="Passes what every change must pass.")
    parser.add_argument("--all", action="store_true", help="pass everything (an hour)")
    full = parser.parse_args().all
    chosen = list(parts(full))
    clock = Clock("all" if full else "quick", [name for name, _ in chosen])
    total = Tally()
    summary = []
    for name, part in chosen:
        print(f"\n== {name}: {clock.left(name, 0)}", flush=True)
        tally, seconds = timed(clock, name, part)
        total += tally
        summary.append(f"{name:20} {seconds:6.0f} s  {tally}")
    print("\n" + "\n".join([*summary, *total.remarks]))
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
