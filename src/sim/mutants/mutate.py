#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes the files that a mutant of mutants.toml changes into a folder, to be put before src/ in an
include path.

  mutate.py NAME FOLDER
"""

import argparse
import pathlib
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]


class Refused(Exception):
    """A mutant cannot be made or tried; the message says why."""


def all_mutants():
    with open(HERE / "mutants.toml", "rb") as file:
        return tomllib.load(file)["mutant"]


def named(name):
    for mutant in all_mutants():
        if mutant["name"] == name:
            return mutant
    raise Refused(f"no mutant is named {name}")


def edits_of(mutant):
    return [mutant, *mutant.get("also", [])]


def mutate(mutant, overlay):
    """Writes the changed files, each below `overlay` where it is below src/."""
    changed = {}
    for edit in edits_of(mutant):
        text = changed.get(edit["file"]) or (SOURCE / edit["file"]).read_text()
        if text.count(edit["before"]) != 1:
            raise Refused(f"`before` does not stand once in {edit['file']}: the source has changed")
        changed[edit["file"]] = text.replace(edit["before"], edit["after"])
    for name, text in changed.items():
        (overlay / name).parent.mkdir(parents=True, exist_ok=True)
        (overlay / name).write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        mutate(named(arguments.name), arguments.folder)
    except Refused as refused:
        sys.exit(f"mutant {arguments.name}: {refused}")


if __name__ == "__main__":
    main()
