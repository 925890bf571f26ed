"""Paths into JSON: ``checks.db.status``, ``items[0].id``, ``$.ok``, ``labels["a.b"]``. Pure."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"\[(-?\d{1,9})\]|\[\"([^\"]*)\"\]|\['([^']*)'\]|\.?([^.\[\]]+)")


class Absent(Exception):
    """Nothing lies at the path."""


def parse(path: str) -> tuple[str | int, ...]:
    """The steps of a path: names of members and indices of items.

    :raises ValueError: with a message for whoever wrote it.
    """
    rest = path.removeprefix("$")
    steps: list[str | int] = []
    end = 0
    while end < len(rest):
        found = _STEP.match(rest, end)
        if found is None:
            raise ValueError(f'"{path[:80]}" is not a JSON path; write checks.db.status or items[0].id')
        index, double, single, name = found.groups()
        steps.append(
            int(index)
            if index is not None
            else next(part for part in (double, single, name) if part is not None)
        )
        end = found.end()
    return tuple(steps)


def look(value: Any, steps: tuple[str | int, ...]) -> Any:
    """What lies at the steps. :raises Absent: if nothing does."""
    for step in steps:
        if isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        elif isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        else:
            raise Absent
    return value


def equal(found: Any, wanted: str | int | float | bool | None) -> bool:
    """Equality as JSON means it: ``true`` is not 1, 1.0 is 1."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    return bool(found == wanted)
