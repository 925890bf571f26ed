"""Alerts, incidents, silences and dead letters, and what people do about them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gadfly.alert.shown import Alert, Incident
from gadfly.alert.silence import LONGEST
from gadfly.web.answers import Answer, Request, Text, Word


class AlertCounts(Answer, frozen=True, kw_only=True):
    firing: int = 0
    unacknowledged: int = 0
    incidents: int = 0
    silences: int = 0
    dead_letters: int = 0
    approvals: int = 0
    """Plans of automations that wait for somebody"""
    stops: int = 0
    """Stops in force"""
    frozen: int = 0
    """Automations whose brake is on"""


class Silence(Answer, frozen=True, kw_only=True):
    id: str
    match: dict[str, str]
    starts: float
    ends: float
    reason: str
    who: str


class DeadLetter(Answer, frozen=True, kw_only=True):
    """A notification that could not be delivered."""

    id: str
    at: float
    to: str
    subject: str
    attempts: int
    error: str = ""


class Alerts(Answer, frozen=True, kw_only=True):
    version: int
    alerts: list[Alert]


class Incidents(Answer, frozen=True, kw_only=True):
    version: int
    incidents: list[Incident]


class Silences(Answer, frozen=True, kw_only=True):
    silences: list[Silence]


class DeadLetters(Answer, frozen=True, kw_only=True):
    dead_letters: list[DeadLetter]


class Acknowledged(Answer, frozen=True, kw_only=True):
    id: str
    who: str
    note: str = ""
    at: float = 0.0
    count: int = 1
    """How many alerts it covers"""


class Acknowledge(Request, frozen=True, kw_only=True):
    note: Text = ""


class Silencing(Request, frozen=True, kw_only=True):
    """A silence always ends, and says why."""

    match: Annotated[dict[Word, Word], Meta(min_length=1, max_length=20)]
    """Labels and values; `~` in front of a value makes it a regular expression, `!` negates."""
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]
    lasts: Annotated[float, Meta(gt=0, le=LONGEST)] | None = None
    """Seconds from now; or `ends`"""
    ends: float | None = None
