"""One component's verdict became another: what the picture hands to the alerts."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A change of verdict. The facts stand in it, so that it can be stored and told without asking back."""

    at: float
    """When, in seconds since the epoch."""
    component: str
    slot: int
    before: Verdict
    after: Verdict
    reason: str
    """Why, in words: `GET /health answered 503 for 40 s`."""
    subject: Subject


def condensed(changes: Iterable[Change]) -> list[Change]:
    """Of each component one change, from where it began to where it is; none where it came back."""
    last: dict[str, Change] = {}
    for change in changes:
        first = last.pop(change.component, change)
        last[change.component] = msgspec.structs.replace(change, before=first.before)
    return [change for change in last.values() if change.before is not change.after]
