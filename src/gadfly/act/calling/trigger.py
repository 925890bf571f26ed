"""What calls for an automation, as it is written in `on`.

| form | calls |
|---|---|
| ``component.stalled for 1m, group = "workers"`` | for each component of the selector so for so long |
| ``alert for 5m, group = "workers"`` | for each component of which an alert fires for so long |
| ``prediction disk > 0.8 for 10m, group = "db"`` | for each component of which `disk` foretells it with
more than this probability for so long; a prediction that is demoted to silent calls for nothing |
| ``schedule: 15 3 * * * Europe/Berlin`` | at these times, for `targets` |
| ``manual`` | when a person asks for it, for `targets` |
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from gadfly import duration
from gadfly.act.grants import selector
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.verdict import Verdict

STATES = frozenset(Verdict.__members__) | frozenset(Liveness.__members__)
"""What can be said of a component: the words of the picture and of the ear."""
FORMS = (
    '`component.stalled for 1m, group = "workers"`, `alert for 5m`, `prediction disk > 0.8 for 10m`, '
    "`schedule: 0 2 * * * UTC` or `manual`"
)

_FORETOLD = re.compile(
    r'prediction (?:"([^"\n]{1,100})"|([^\s,"]{1,100})) > (0?\.\d{1,6})(?: for (\S+?))?\s*(?:,(.*))?',
    re.DOTALL,
)
_WHEN = re.compile(r"(?:component\.([a-z]+)|(alert))(?: for (\S+?))?\s*(?:,(.*))?", re.DOTALL)


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """`selector` and `schedule` are as written; empty where there is none."""

    kind: Literal["component", "alert", "prediction", "schedule", "manual"]
    state: str = ""
    """For `component`: the word that must hold; for `prediction`: its name,"""
    level: float = 0.0
    """whose probability must be greater than this,"""
    held: float = 0.0
    """for so many seconds."""
    selector: str = ""
    schedule: str = ""

    def calls(self, words: frozenset[str], since: float, now: float) -> bool:
        """Whether a component of which all of `words` hold since `since` (same clock as `now`) calls now."""
        if self.kind == "component":
            return self.state in words and now - since >= self.held
        word = self.state if self.kind == "prediction" else "alert"
        return self.kind in ("alert", "prediction") and word in words and now - since >= self.held


def parse(text: str) -> Trigger:
    """The trigger in `text`. ValueError, with a message for whoever wrote it, where it is none.

    A schedule's cron text is taken as it is: the catalogue checks it as every other.
    """
    body = text.strip()
    if body == "manual":
        return Trigger(kind="manual")
    if body.startswith("schedule:"):
        return Trigger(kind="schedule", schedule=body.removeprefix("schedule:").strip())
    if (foretold := _FORETOLD.fullmatch(body)) is not None:
        quoted, bare, level, held, chosen = foretold.groups()
        return Trigger(
            kind="prediction",
            state=quoted or bare,
            level=float(level),
            held=duration.parse(held) if held else 0.0,
            selector=_selector(chosen),
        )
    found = _WHEN.fullmatch(body)
    if found is None:
        raise ValueError(f'"{text[:80]}" calls for nothing; write {FORMS}')
    state, _, held, chosen = found.groups()
    if state is not None and state not in STATES:
        raise ValueError(f'a component is never "{state[:40]}"; it is one of {", ".join(sorted(STATES))}')
    return Trigger(
        kind="component" if state else "alert",
        state=state or "",
        held=duration.parse(held) if held else 0.0,
        selector=_selector(chosen),
    )


def _selector(text: str | None) -> str:
    """What stands behind the comma. ValueError where it is no selector."""
    if text is not None:
        selector.parse(text)
    return (text or "").strip()
