# SPDX-License-Identifier: GPL-2.0-only
"""Values that a guest reported. One that is missing never counts as 0 or as good: asking for it
raises, and whoever judges says what was missing."""


class Missing(Exception):
    """A value that was not reported. Its text names it."""


def value(raw, path):
    """What lies at `path`, names with dots between them, in nested JSON objects. null is none."""
    place = raw
    for name in path.split("."):
        place = place.get(name) if isinstance(place, dict) else None
        if place is None:
            raise Missing(f"{path} was not reported")
    return place


def number(raw, path):
    """The same, where it must be a number."""
    found = value(raw, path)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Missing(f"{path} is no number")
    return found


def worst(numbers, what):
    """The greatest, if there is one at all."""
    numbers = list(numbers)
    if not numbers:
        raise Missing(f"{what} was not reported")
    return max(numbers)


def or_missing(measure, *arguments):
    """A text to show: what `measure` gives, or what it misses."""
    try:
        return measure(*arguments)
    except Missing as missing:
        return f"({missing})"
