"""What of a function is otherwise at AWS: in words for its owner, before it is deployed there. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gadfly.functions.export.expression import ExportError
from gadfly.functions.function import Function
from gadfly.functions.trigger import on
from gadfly.functions.trigger.on import Lines, Schedule

RETRIES = 2
"""Tries after the first that Lambda makes of a call at most."""
LEAST_JITTER, MOST_JITTER = 60.0, 86_400.0
"""Seconds of a flexible window of a schedule."""
_DEBUG = 7
_USUAL = Function(name="", path="", module="", handler="", owner="", purpose="")


def lost(function: Function) -> list[str]:
    """A sentence each. ExportError where what is left would be called for something else altogether."""
    triggers = [on.read(text) for text in function.on]
    found: list[str] = []
    for number, one in enumerate((one for one in triggers if isinstance(one, Lines)), 1):
        found += _of_lines(number, one)
    if any(isinstance(one, Lines) for one in triggers):
        for name in ("batch", "gather"):
            if getattr(function, name) != getattr(_USUAL, name):
                found.append(f"{name} is not there: CloudWatch Logs sends as many lines at once as it likes")
    if any(isinstance(one, Schedule) for one in triggers):
        found += _of_schedules(function)
    if function.retries > RETRIES:
        found.append(f"retries = {function.retries} is {RETRIES} there, the most that Lambda makes")
    return found


def _of_lines(number: int, one: Lines) -> Iterator[str]:
    if one.severity != _DEBUG and not one.match:
        raise ExportError(
            f'"{one.text[:80]}" goes by severity, which a log group does not know: every line would call it '
            "and be paid for; write a match= that such lines have"
        )
    if one.severity != _DEBUG:
        yield f'severity of "{one.text}" is not asked there: lines of any severity that match call it'
    names = [f"{name}={value}" for name in ("source", "host", "unit") if (value := getattr(one, name))]
    if names:
        yield f"Follows{number} must be a log group of {' '.join(names)} alone: a filter there knows neither"


def _of_schedules(function: Function) -> Iterator[str]:
    if function.overlap == "skip":
        yield (
            "overlap = skip is not there: a call that is due while the one before runs is made as well"
            + (", or throttled and made later" if function.limits.at_once == 1 else "")
        )
    if function.catchup == "none":
        yield "catchup = none is not there: AWS makes a late call for as long as the window says"
    if function.catchup == "all":
        yield "catchup = all is not there: what is not made within the window is not made later"
    if 0 < function.jitter < LEAST_JITTER or function.jitter > MOST_JITTER:
        yield f"jitter is a minute to a day there, by whole minutes; of {function.jitter:g} s it is cut"
