"""How a function stands in the picture, by its calls that are over. Pure.

| how its last call ended | the component |
|---|---|
| it worked, whoever called | `healthy` |
| a trigger's call was given up | `down` |
| a call by hand, by a function or an automation failed | as before: whoever called has the answer |
| it is tried again | as before: most of what fails works again after ten seconds |
"""

from __future__ import annotations

from collections.abc import Iterable

from gadfly.alert.reported import Reported
from gadfly.alert.shown import Alert
from gadfly.monitor.verdict import Verdict

TRIGGERS = ("schedule:", "webhook:", "logs:")
SHOWN = 300
"""Characters of why it failed; what a function says of itself may be long."""
_FORMER = "FunctionFailed"
"""The alert that nodes told of functions when these were no components."""


def standing(state: str, called: str, tries: int, words: str) -> tuple[Verdict, str] | None:
    """What is said of the component; None: nothing new. `state`: done, waiting or dead."""
    if state == "done":
        return Verdict.healthy, "its last call worked"
    if state != "dead" or not called.startswith(TRIGGERS):
        return None
    plain = "".join(one if one.isprintable() else " " for one in words)[:SHOWN]
    times = "once" if tries == 1 else f"{tries} times"
    by = called.partition(":")[0]
    return Verdict.down, f"a call by its {by} failed {times} and was given up: {plain}"


def former(firing: Iterable[Alert], now: float) -> list[Reported]:
    """The ends of alerts from before functions were components, which nothing else would end."""
    return [
        Reported(labels=one.labels, annotations={}, starts=now, ends=now, source=one.source)
        for one in firing
        if one.labels.get("alertname") == _FORMER and one.source.startswith("function:")
    ]
