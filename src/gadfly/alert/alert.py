"""One firing of a bad verdict, or of a condition that was reported, until the recovery that held."""

from __future__ import annotations

import msgspec

from gadfly.alert import reported
from gadfly.alert.reported import Reported
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

URGENT = frozenset({Verdict.down, Verdict.gray, Verdict.zombie, Verdict.missing})
"""Told at any hour; the rest (`degraded`) waits for its owner's hours."""

OWNER = "owner:"
"""How the targets begin that are owners."""
REMEMBERED = 8
"""Owners of before; who moves a component to and fro must not fill the disk."""


class Alert(msgspec.Struct, kw_only=True, gc=False):
    """An alert. Times are seconds since the epoch; `recovered` and `due` are on the engine's steady clock."""

    id: int
    component: str
    """Whose verdict it is; of one that was reported, its key."""
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
    was: tuple[str, ...] = ()
    """Owners who answered for it before, in their order; the last :data:`REMEMBERED`."""
    muted: str = ""
    """Why nobody is told now, in words; empty: they are."""
    flapping: bool = False
    reported: Reported | None = None
    """What was said of it; None: it is a component's verdict."""
    expires: float | None = None
    """When it ends if it is not reported again, on the engine's steady clock."""

    @property
    def answering(self) -> str:
        """The owner whom its routes name; empty: none is."""
        return next((one.removeprefix(OWNER) for one in self.targets if one.startswith(OWNER)), "")

    def passed(self, target: str) -> bool:
        """Whether this target is an owner who was told of it, and another one answers now.

        One that is about to be well ends with those who know of it.
        """
        own = target.startswith(OWNER) and target in self.told and target not in self.targets
        return own and bool(self.answering) and self.recovered is None

    @property
    def title(self) -> str:
        """What people call it."""
        return reported.title(self.reported.labels) if self.reported else self.component


def labels(alert: Alert) -> dict[str, str]:
    """What routes, silences and inhibit rules match on.

    A component's own labels cannot hide the known ones; those of an alert that was reported do, as whoever
    wrote its routes knows only them.
    """
    if alert.reported is not None:
        subject = alert.subject
        known = {
            "component": next(iter(subject.needs), ""),
            "kind": subject.kind,
            "owner": subject.owner,
            "group": subject.group,
            "host": subject.host,
            "verdict": alert.verdict.name,
        }
        return {**known, **{name: value for name, value in alert.reported.labels.items() if value}}
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
