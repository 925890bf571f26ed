"""Alerts, incidents, flips and notifications as people see them, and exactly as the API gives them.

Times are seconds since the epoch.
"""

from __future__ import annotations

import msgspec


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """A change of verdict."""

    at: float
    before: str
    after: str
    reason: str = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    component: str
    verdict: str
    reason: str
    state: str
    """firing or resolved"""
    started: float
    ended: float | None = None
    owner: str = ""
    was: tuple[str, ...] = ()
    """Owners who answered for it before, in their order"""
    incident: str = ""
    """Its incident's id"""
    acknowledged: str = ""
    """By whom; empty: by nobody"""
    note: str = ""
    suppressed: str = ""
    """Why nobody is told: a silence, a maintenance window, an inhibition; empty: they are"""
    flapping: bool = False
    title: str = ""
    """What people call an alert that was reported; empty: it is a component's verdict"""
    about: str = ""
    """The component that an alert that was reported is about, where one is known"""
    labels: dict[str, str] = {}
    """Of an alert that was reported, with those that follow"""
    annotations: dict[str, str] = {}
    source: str = ""
    """Who reported it: `rule:NAME`, `prediction:NAME`, `alertmanager:WHO`, `log:NAME`"""
    generator: str = ""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts of one cause."""

    id: str
    cause: str
    """In words: `host db1 is down`"""
    started: float
    owner: str = ""
    verdict: str = "down"
    """The worst among its alerts"""
    count: int = 1
    """How many components"""
    components: tuple[str, ...] = ()
    """The first twenty of them; alerts that were reported stand here by their keys"""
    titles: dict[str, str] = {}
    """What people call those of them that were reported"""
    acknowledged: str = ""
    note: str = ""
    suppressed: str = ""
    told: tuple[str, ...] = ()
    """Who was told"""
    match: dict[str, str] = {}
    """What a silence for it would match"""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notification about a component."""

    at: float
    to: str
    what: str
    """firing, update, reminder, escalation, acknowledged, passed or resolved"""
    state: str
    """waiting, sent or dead"""
    attempts: int = 0
    error: str = ""
