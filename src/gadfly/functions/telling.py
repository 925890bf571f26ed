"""Who is told of a call that failed for good: the function's owner. The next call that works ends the alert.

Only of calls by a trigger: whoever called by hand, by a function or an automation has the answer. Pure.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from gadfly.alert.reported import Reported
from gadfly.alert.shown import Alert
from gadfly.functions.function import Function

NAME = "FunctionFailed"
SOURCE = "function:"
TRIGGERS = ("schedule:", "webhook:", "logs:")
SHOWN = 300
"""Characters of why it failed; what a function says of itself may be long."""


def triggered(called: str) -> bool:
    """Whether nobody waits for the answer but the function's owner."""
    return called.startswith(TRIGGERS)


def failed(function: Function, called: str, tries: int, words: str, now: float, page: str) -> Reported:
    """The alert of a dead letter. `page`: the address where it is looked at and made again."""
    plain = "".join(one if one.isprintable() else " " for one in words)[:SHOWN]
    times = "once" if tries == 1 else f"{tries} times"
    return Reported(
        labels=_labels(function),
        annotations={
            "summary": f"a call of the function {function.name} failed {times} and was given up: {plain}",
            "because": function.purpose,
            "called": called,
        },
        starts=now,
        source=SOURCE + function.name,
        generator=page,
        owner=function.owner,
    )


def works(function: Function, now: float) -> Reported:
    """The end of that alert."""
    return Reported(
        labels=_labels(function),
        annotations={},
        starts=now,
        ends=now,
        source=SOURCE + function.name,
        owner=function.owner,
    )


def gone(firing: Iterable[Alert], functions: Container[str], now: float) -> list[Reported]:
    """The ends of alerts of functions that are no longer declared: no call of theirs will end them."""
    return [
        Reported(labels=one.labels, annotations={}, starts=now, ends=now, source=one.source)
        for one in firing
        if one.labels.get("alertname") == NAME
        and one.source.startswith(SOURCE)
        and one.source.removeprefix(SOURCE) not in functions
    ]


def _labels(function: Function) -> dict[str, str]:
    """What tells its alert from others; not its owner, who may change while it fires."""
    return {"alertname": NAME, "function": function.name, "severity": "warning"}
