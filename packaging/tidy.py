#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs clang-tidy over the C++ sources, each once: a file without findings leaves a stamp in
build/lint, named by the content of everything the verdict depends on: the file, what it includes of
this project, its compile command, the list of checks, and clang-tidy itself.

usage: packaging/tidy.py          every file that has no stamp
       packaging/tidy.py changed  of these, the ones that differ from the commit they start from, in
                                  themselves or in what they include: the merge base with the
                                  upstream branch, or the parent commit where nothing is ahead of it

The compile commands are those of build/asan, which must be configured and need not be built. The
exit status is 0 only if nothing was found.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMANDS = os.path.join(ROOT, "build", "asan", "compile_commands.json")
STAMPS = os.path.join(ROOT, "build", "lint")
TIDY = "clang-tidy-19"
RULES = ".clang-tidy"
ROOMS = ("src", "bench", "vm", "tidy")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def output_of(*command):
    """None where the command fails."""
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Includes:
    """What a file includes of this project, to any depth."""

    def __init__(self):
        self._direct = {}

    def _of(self, path, folders):
        key = (path, folders)
        if key not in self._direct:
            places = (os.path.dirname(path), *folders)
            found = []
            for name in INCLUDE.findall(read(path)):
                candidates = (os.path.normpath(os.path.join(place, name)) for place in places)
                found += [path for path in candidates if os.path.exists(path)][:1]
            self._direct[key] = found
        return self._direct[key]

    def closure(self, path, folders):
        seen, todo = set(), [path]
        while todo:
            path = todo.pop()
            if path not in seen:
                seen.add(path)
                todo += self._of(path, folders)
        return sorted(seen)


def folders_of(command):
    words = shlex.split(command)
    joined = [word[2:] for word in words if word.startswith("-I")]
    return tuple(joined + [after for word, after in zip(words, words[1:]) if word == "-isystem"])


def rules():
    """Every list of checks, and the tool they are written for."""
    found = [os.path.join(folder, RULES) for room in ("", *ROOMS)
             for folder, _, names in os.walk(os.path.join(ROOT, room)) if RULES in names
             and "build" not in os.path.relpath(folder, ROOT).split(os.sep)]
    return (output_of(TIDY, "--version") or "") + "".join(read(path) for path in sorted(set(found)))


def stamp_of(shared, command, closure):
    digest = hashlib.sha256(shared.encode())
    digest.update(command.replace(ROOT, "").encode())
    for path in closure:
        digest.update(os.path.relpath(path, ROOT).encode())
        digest.update(read(path).encode())
    return os.path.join(STAMPS, digest.hexdigest())


def changed_paths():
    """What differs from where this work starts, or None where git does not know."""
    head = output_of("git", "rev-parse", "HEAD")
    base = output_of("git", "merge-base", "HEAD", "@{upstream}")
    if head is None or base in (None, head):
        base = output_of("git", "rev-parse", "--verify", "HEAD~1")
    differing = base and output_of("git", "diff", "--name-only", base)
    untracked = output_of("git", "ls-files", "--others", "--exclude-standard")
    if differing is None or untracked is None:
        return None
    return {os.path.join(ROOT, name) for name in (differing + "\n" + untracked).split("\n")}


def sources():
    """(path, compile command) of each source of ours, once."""
    with open(COMMANDS, encoding="utf-8") as file:
        commands = {entry["file"]: entry["command"] for entry in json.load(file)}
    mine = tuple(os.path.join(ROOT, room) + os.sep for room in ROOMS)
    return sorted((path, command) for path, command in commands.items()
                  if path.startswith(mine) and path.endswith(".cc") and os.path.exists(path))


def without_stamp(only_changed):
    """(path, stamp) of what is to be looked at, and how many of the others have no stamp."""
    changed = changed_paths() if only_changed else None
    everything = changed is None or any(os.path.basename(path) == RULES for path in changed)
    includes, shared = Includes(), rules()
    todo, left = [], 0
    for path, command in sources():
        closure = includes.closure(path, folders_of(command))
        stamp = stamp_of(shared, command, closure)
        if os.path.exists(stamp):
            continue
        if everything or not changed.isdisjoint(closure):
            todo.append((path, stamp))
        else:
            left += 1
    return todo, left


def check(path, stamp):
    done = subprocess.run([TIDY, "--quiet", "-p", os.path.dirname(COMMANDS), path], cwd=ROOT,
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if done.returncode == 0:
        with open(stamp, "w", encoding="utf-8"):
            pass
    return path, done.returncode == 0, done.stdout


def main():
    if sys.argv[1:] not in ([], ["changed"]):
        print("usage: packaging/tidy.py [changed]", file=sys.stderr)
        return 2
    os.makedirs(STAMPS, exist_ok=True)
    todo, left = without_stamp(sys.argv[1:] == ["changed"])
    failed, start = 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(check, *each) for each in todo]
        for done, future in enumerate(concurrent.futures.as_completed(running), 1):
            path, clean, text = future.result()
            failed += not clean
            left_s = (time.monotonic() - start) / done * (len(todo) - done)
            print(f"lint: {done}/{len(todo)} {os.path.relpath(path, ROOT)}, {left_s:.0f} s left")
            if not clean:
                print(text)
            sys.stdout.flush()
    print(f"lint: clang-tidy looked at {len(todo)} files, {failed} with findings; {left} that did "
          "not change were left out")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
