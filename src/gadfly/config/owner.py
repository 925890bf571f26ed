"""Owners: who answers, who stands in for them, and how much they can bear."""

from __future__ import annotations

import datetime as dt

from gadfly.config.section import Duration, Section


class Delegate(Section, frozen=True, kw_only=True):
    """Another owner that answers first for a while. The owner's own contacts come after it, never instead."""

    to: str
    """The owner that stands in."""
    until: dt.datetime
    """With a zone. Without an end it would not be a delegate but another owner."""
    since: dt.datetime | None = None
    """With a zone. Empty: from now on."""
    because: str
    """Why; told to whoever is asked in its place."""


class Load(Section, frozen=True, kw_only=True):
    """What one owner can bear, so that overload is named before it hurts."""

    components: int = 500
    """More than that nobody knows by name."""
    checks: int = 1500
    """Beats, schedules and probes of its components: each can wake somebody. Three for each component."""
    automations: int = 20
    """Each wants to be reviewed twice a year."""
    pages: str = "10 a week"
    """Two a working day; with more, people begin to look away."""
    night: str = "2 a week"
    """Pages outside the owner's hours (without hours: 22 to 7 o'clock UTC). One bad night wants a good one
    after it."""
    approvals: str = "25 a week"
    """Five a working day; with more, a yes is no longer a decision."""
    questions: str = "5 a week"
    """One a working day, so that each gets an answer with a reason."""


class Owner(Section, frozen=True, kw_only=True):
    """A team or role that answers."""

    contact: tuple[str, ...] = ()
    """In order: `mailto:`, `https:`, `exec:`, `receiver:NAME`, or any address apprise knows (with
    gadfly[notify])."""
    after: Duration = Duration(900.0)
    """Not acknowledged for so long: the next contact, then the owner's owner. Long enough to get up, short of
    a quarter of an hour's damage more."""
    owner: str = ""
    """Who answers when this one does not."""
    hours: str = ""
    """`Mon-Fri 08:00-18:00 Europe/Berlin`: outside, only what is `down` (or gray, missing, zombie) is told;
    `degraded` waits. Empty: always."""
    delegate: tuple[Delegate, ...] = ()
    """Who answers in its place for a while, each with an end."""
    load: Load = Load()
    """How much this owner can bear a week."""
