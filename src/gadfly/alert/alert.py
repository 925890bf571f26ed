"""One firing of a bad verdict, from the flip that opened it to the recovery that held."""

from __future__ import annotations

import msgspec

from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

URGENT = frozenset({Verdict.down, Verdict.gray, Verdict.zombie, Verdict.missing})
"""Told at any hour; the rest (`degraded`) waits for its owner's hours."""


class Alert(msgspec.Struct, kw_only=True, gc=False):
    """An alert. Times are seconds since the epoch; `recovered` and `due` are on the engine's steady clock."""

    id: int
    component: str
    subject: Subject
    verdict: Verdict
    reason: str
    since: float
    incident: int = 0
    resolved: float | None = None
    recovered: float | None = None
    """Good since then, but not yet for long enough."""
    due: float | None = None
    """When the recovery is believed, if nothing happens."""
    targets: tuple[str, ...] = ()
    """Whom its routes name: `owner:NAME` or `receiver:NAME`."""
    told: tuple[str, ...] = ()
    """Those of the targets who were told that it fires and not yet that it ended."""
    muted: str = ""
    """Why nobody is told now, in words; empty: they are."""
    flapping: bool = False


def labels(alert: Alert) -> dict[str, str]:
    """What routes, silences and inhibit rules match on. Its own labels cannot hide the known ones."""
    return subject_labels(alert.subject, alert.verdict)


def subject_labels(subject: Subject, verdict: Verdict) -> dict[str, str]:
    """The same for a component that has no alert."""
    return {
        **subject.labels,
        "component": subject.name,
        "kind": subject.kind,
        "owner": subject.owner,
        "group": subject.group,
        "host": subject.host,
        "verdict": verdict.name,
    }
