"""What an automation declares, read into numbers: the terms that guards compare with."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec

from gadfly import hours
from gadfly.act.grants import share
from gadfly.config.act import Automation

IRREVERSIBLE = "irreversible"
LEVELS = ("observe", "suggest", "approve", "act-small", "act")
"""The ladder of autonomy, lowest first."""


class Window(msgspec.Struct, frozen=True):
    """When an automation may act, or may not."""

    hours: hours.Hours
    outside: bool
    """It may act outside these hours (`not …`)."""

    def open(self, wall: float) -> bool:
        return self.hours.covers(wall) is not self.outside


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The terms on which an automation acts. Shares are 0 to 1, times wall seconds."""

    name: str
    owner: str
    at_once: int
    group: float = 0.25
    fleet: float = 0.05
    per_hour: int
    tries_per_target: int
    cost: float = 0.0
    window: Window | None = None
    windows: str = ""
    """The window as it was written."""
    level: str
    expires: float
    review: float
    does: str = ""
    """A digest of what it does to whom, and of what shows that it worked: its record is of this. Empty: not
    known."""


def window(text: str) -> Window | None:
    """`Mon-Fri 08:00-18:00 Europe/Berlin` or `not …`; None where it is empty: always. ValueError
    otherwise."""
    if not text.strip():
        return None
    body = text.strip().removeprefix("not ")
    return Window(hours.parse(body), body != text.strip())


def terms(name: str, automation: Automation) -> Terms:
    """The terms of a checked automation."""
    limits = automation.limits
    return Terms(
        name=name,
        owner=automation.owner,
        at_once=limits.at_once,
        group=share.parse(limits.group),
        fleet=share.parse(limits.fleet),
        per_hour=limits.per_hour,
        tries_per_target=limits.tries_per_target,
        cost=limits.cost,
        window=window(limits.windows),
        windows=limits.windows,
        level=automation.level,
        expires=end_of(automation.expires),
        review=end_of(automation.review),
        does=does(automation),
    )


def does(automation: Automation) -> str:
    """SHA-256, hex, of what it does, on whom, how it is taken back and what shows that it worked."""
    said = (automation.run, automation.on, automation.targets, automation.expect, automation.undo)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def lower(one: str, other: str) -> str:
    """The lower of two levels. ValueError where one is none."""
    return LEVELS[min(LEVELS.index(one), LEVELS.index(other))]


def end_of(day: dt.date) -> float:
    """The moment at which this day (UTC) is over, wall seconds."""
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    return (midnight + dt.timedelta(days=1)).timestamp()


def split_run(run: str) -> tuple[str, str]:
    """`systemd:restart orders-worker@{component}` as its action and the argument."""
    action, _, argument = run.strip().partition(" ")
    return action, argument.strip()
