"""How functions stand in the picture, by their calls that are over.

| how its last call ended | the component |
|---|---|
| it worked, whoever called | `healthy` |
| a trigger's call was given up | `down` |
| a call by hand, by a function or an automation failed | as before: whoever called has the answer |
| it is tried again | as before: most of what fails works again after ten seconds |
| there was none | `healthy` where it is deployed, as it was loaded then; else `unknown` |
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from gadfly.alert.reported import Reported
from gadfly.alert.shown import Alert
from gadfly.monitor.declared import of_function
from gadfly.monitor.verdict import Verdict

TRIGGERS = ("schedule:", "webhook:", "logs:")
SHOWN = 300
"""Characters of why it failed; what a function says of itself may be long."""
_FORMER = "FunctionFailed"
"""The alert that nodes told of functions when these were no components."""


class Standings:
    """What was said of each, so that it is said once. `tell` takes a verdict and its reason by component."""

    def __init__(self, tell: Callable[[dict[str, tuple[Verdict, str]]], None]) -> None:
        self._tell = tell
        self._works: dict[str, bool] = {}
        """Of those of which any call is known."""
        self._declared: Container[str] = ()

    def keep(self, names: Container[str]) -> None:
        """These are declared from now on: of others what was known is forgotten, and nothing is said."""
        self._declared = names
        self._works = {name: works for name, works in self._works.items() if name in names}

    def knows(self, name: str) -> bool:
        """Whether any call of it is known."""
        return name in self._works

    def over(self, name: str, state: str, called: str, tries: int, words: str) -> None:
        """What became of a call; see :func:`standing`."""
        if name not in self._declared or (state == "done" and self._works.get(name)):
            return
        if (said := standing(state, called, tries, words)) is not None:
            self._works[name] = said[0] is Verdict.healthy
            self._tell({of_function(name): said})

    def others(self, names: Iterable[str], deployed: Callable[[str], bool]) -> None:
        """Say of those of which no call is known what is known all the same."""
        self._tell({of_function(one): uncalled(deployed(one)) for one in names if one not in self._works})


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


def uncalled(deployed: bool) -> tuple[Verdict, str]:
    """What is said of one of which no call is known."""
    if deployed:
        return Verdict.healthy, "it was loaded when it was deployed; no call of it is known yet"
    return Verdict.unknown, "nothing is deployed yet"


def former(firing: Iterable[Alert], now: float) -> list[Reported]:
    """The ends of alerts from before functions were components, which nothing else would end."""
    return [
        Reported(labels=one.labels, annotations={}, starts=now, ends=now, source=one.source)
        for one in firing
        if one.labels.get("alertname") == _FORMER and one.source.startswith("function:")
    ]
