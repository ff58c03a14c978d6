#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Builds and passes every test, and counts them: unit tests as g++ builds them for users and as
clang does with its sanitizers, mutants, searches of the simulated machine, lint, and real kernels
in virtual machines. A part that cannot be built or run is a failure, never a silence.

The last line is `N passed, N failed, N skipped`; the exit status is 0 only if nothing failed.
"""

import dataclasses
import os
import re
import secrets
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRESETS = ["dev", "asan"]
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")
CONVICTIONS = re.compile(r"^(\d+) convicted, (\d+) escaped$")
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

    def __add__(self, other):
        return Tally(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped)

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


def bounded_search():
    """Every order of the small models' events up to the bound that is printed."""
    return explore("--preemptions", "2", "--executions", "4000")


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
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line.strip() or last
    status = process.wait()
    counts = pattern.match(last)
    if not counts:
        return one(False)
    tally = Tally(*map(int, counts.groups()))
    return tally + one(False) if status != 0 and tally.failed == 0 else tally


def parts():
    for preset in PRESETS:
        yield f"build {preset}", lambda preset=preset: build(preset)
        yield f"unit tests {preset}", lambda preset=preset: unit_tests(preset)
    yield "fresh seeds", fresh_search
    yield "bounded search", bounded_search
    yield "mutants", lambda: counted(["src/sim/mutants/run.py", "build/dev"], CONVICTIONS)
    yield "format", lambda: lint("format")
    yield "clang-tidy", lambda: lint("tidy")
    yield "real kernels", lambda: counted(["vm/run.py"], COUNTS)


def main():
    total = Tally()
    summary = []
    for name, part in parts():
        print(f"\n== {name}", flush=True)
        start = time.monotonic()
        tally = part()
        total += tally
        summary.append(f"{name:20} {time.monotonic() - start:6.0f} s  {tally}")
    print("\n" + "\n".join(summary))
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
