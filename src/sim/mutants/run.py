#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Breaks the scheduler in every way that mutants.toml lists, and shows who convicts each mutant:
the simulator's judges, or where those acquit it the unit tests of src/policy.

  run.py BUILD [--only NAME]

BUILD is a build folder with the program `convict` in it. The last line is `N convicted, N escaped`;
the exit status is 0 only if nothing escaped, and the scheduler itself is acquitted by everybody.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

from mutate import Refused, SOURCE, all_mutants, edits_of, mutate, named

SCHEDULER = "bpf/scx_pair.bpf.c"
FAILED_TEST = re.compile(r"^\[  FAILED  \] (\S+)", re.MULTILINE)
ONE_TRY_S = 600  # of cpu time: how busy the machine is must convict nobody
WATCHED = ["-fsanitize-coverage=func,trace-loads,trace-stores"]  # every access is announced
CXX = ["c++", "-std=c++20", "-O0", "-w"]


@dataclasses.dataclass
class Verdict:
    name: str
    rule: str
    convicted: bool
    by: str
    seconds: float


def run(command):
    try:
        done = subprocess.run(["sh", "-c", f'ulimit -S -t {ONE_TRY_S}; exec "$@"', "sh", *command],
                              capture_output=True, text=True, check=False, timeout=10 * ONE_TRY_S)
    except subprocess.TimeoutExpired:
        raise Refused(f"{os.path.basename(command[0])} does not end") from None
    if done.returncode == -signal.SIGXCPU:
        done.stderr = f"took more than {ONE_TRY_S} s of cpu time"
    return done


def must(command):
    done = run(command)
    if done.returncode != 0:
        raise Refused(f"{os.path.basename(command[0])} failed: {done.stderr.strip()[-400:]}")


def compile_native(build, overlay, name, options):
    """The scheduler as a shared library, compiled as cmake/NativeObject.cmake does. Returns it."""
    compiler, *flags = (build / "native_flags.txt").read_text().splitlines()
    includes = [f"-I{overlay}", *flags]
    stem = overlay / name
    scheduler = overlay / SCHEDULER
    source = scheduler if scheduler.exists() else SOURCE / SCHEDULER
    native = SOURCE / "sim" / "native"
    # A breakage may leave something unused behind. Nobody debugs it.
    must([compiler, *includes, "-Wno-error", "-w", "-g0", *options,
          "-include", f"{native}/prelude.h", "-c", str(source), "-o", f"{stem}.o"])
    must([compiler, *includes, "-DSIM_PREFIX=pair", "-c", f"{native}/kernel_calls.c",
          "-o", f"{stem}.calls.o"])
    must([compiler, "-shared", "-Wl,-Bsymbolic", "-Wl,-z,defs", "-o", f"{stem}.so", f"{stem}.o",
          f"{stem}.calls.o"])
    return f"{stem}.so"


def convicted_by_simulation(build, judges, *schedulers):
    tried = run([str(build / "src/sim/convict"), judges, *schedulers])
    said = tried.stdout.strip().splitlines()
    if tried.returncode == 0:
        return ""
    if tried.returncode == 1 and said:
        return said[-1]
    return f"sim: ended with status {tried.returncode} {tried.stderr.strip()[-80:]}"


def precompile_test_headers(build):
    """What the unit tests spend most of their compilation on."""
    folder = build / "mutants"
    folder.mkdir(exist_ok=True)
    header = folder / "judges.h"
    header.write_text("#include <gtest/gtest.h>\n#include <rapidcheck.h>\n")
    must([*CXX, "-x", "c++-header", str(header), "-o", f"{header}.gch"])


def unit_tests_of(overlay):
    """All of src/policy, those of the changed headers first."""
    changed = {header.stem for header in (overlay / "policy").glob("*.h")}
    tests = sorted((SOURCE / "policy").glob("*_test.cc"))
    return sorted(tests, key=lambda test: not test.stem.startswith(tuple(changed)))


def convicted_by_unit_tests(build, overlay):
    for test in unit_tests_of(overlay):
        program = overlay / test.stem
        must([*CXX, f"-I{build}/mutants", "-include", "judges.h", f"-I{overlay}", f"-I{SOURCE}",
              str(test), "-o", str(program), "-lgtest", "-lgtest_main", "-lrapidcheck",
              "-pthread"])
        tried = run([str(program), "--gtest_brief=1"])
        if tried.returncode != 0:
            failed = FAILED_TEST.search(tried.stdout)
            return f"unit test {failed.group(1)}" if failed else f"unit tests: {tried.returncode}"
    return ""


def convict(build, overlay, has_unit_tests, last="deep"):
    """Who convicts the scheduler of the overlay, the quickest first; an empty text: nobody. For the
    quick judges it is compiled without optimisation, which takes a tenth of the time. `last` are
    the judges that are asked last."""
    return (convicted_by_simulation(build, "quick",
                                    compile_native(build, overlay, "quick", ["-O0"]))
            or (has_unit_tests and convicted_by_unit_tests(build, overlay))
            or convicted_by_simulation(build, last,
                                       compile_native(build, overlay, "coarse", []),
                                       compile_native(build, overlay, "fine", WATCHED)))


def judge(build, mutant):
    begin = time.monotonic()
    overlay = build / "mutants" / mutant["name"]
    shutil.rmtree(overlay, ignore_errors=True)
    overlay.mkdir(parents=True)
    try:
        mutate(mutant, overlay)
        by = convict(build, overlay,
                     any(edit["file"].startswith("policy/") for edit in edits_of(mutant)))
        escaped = not by
    except Refused as refused:
        by, escaped = str(refused), True
    return Verdict(mutant["name"], mutant["rule"], not escaped, by or "nobody",
                   time.monotonic() - begin)


def convict_nobody(build):
    """Who convicts the scheduler itself: judges that convict everybody prove nothing."""
    overlay = build / "mutants" / "none"
    shutil.rmtree(overlay, ignore_errors=True)
    overlay.mkdir(parents=True)
    return convict(build, overlay, has_unit_tests=True, last="itself")


def show(verdict):
    outcome = "convicted" if verdict.convicted else "ESCAPED"
    print(f"{outcome:9} {verdict.name:28} {verdict.seconds:5.1f} s  {verdict.by[:110]}\n"
          f"{'':9} {verdict.rule}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--only")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    try:
        mutants = [named(arguments.only)] if arguments.only else all_mutants()
    except Refused as refused:
        sys.exit(str(refused))
    precompile_test_headers(build)
    convicted = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        itself = pool.submit(convict_nobody, build)
        for verdict in pool.map(lambda mutant: judge(build, mutant), mutants):
            show(verdict)
            convicted += verdict.convicted
    print(f"the scheduler itself: {itself.result() or 'acquitted'}")
    print(f"{convicted} convicted, {len(mutants) - convicted} escaped")
    return 0 if not itself.result() and convicted == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
