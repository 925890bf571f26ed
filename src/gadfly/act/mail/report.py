"""What each owner's automations did, saved and broke, who was called for what, and what is left of budgets.

Everything is counted from what was written down. Time saved is said only where it was measured: outages of
the same automation's targets that ended without an act give the median to compare with, and five of them are
the least; otherwise nothing is claimed.
"""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Collection, Iterable, Sequence

import msgspec

from gadfly.act.owner_load.load_book import Page, pages
from gadfly.config import Config
from gadfly.config.act import Automation
from gadfly.monitor.verdict import Verdict

FEWEST = 5
"""Outages without an act that a comparison needs at least."""
HISTORY = 90 * 86_400.0
"""Seconds of history that outages are compared with."""
TARGETS = 500
"""Targets of one automation that are compared at most."""
BROKEN = 50
"""Failures that are listed of each automation."""
CALLS = 1000
"""Calls that are listed of each owner."""
HOUR = 3600.0


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """An act that failed, or whose outcome nobody measured, which counts the same."""

    intent: int
    at: float
    targets: tuple[str, ...]
    state: str
    reason: str


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """One limit now; what is in progress and what is unknown is used."""

    what: str
    used: float
    limit: float


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What verified acts saved, against outages of the same targets that ended without one."""

    seconds: float
    """In all: for each outage that an act ended, the median without one less its length. May be negative."""
    outages: int
    """How many an act ended."""
    compared: int
    """How many ended without one."""


class Did(msgspec.Struct, frozen=True, kw_only=True):
    """One automation within the time of the report."""

    automation: str
    verified: int = 0
    partial: int = 0
    failed: int = 0
    unknown: int = 0
    cancelled: int = 0
    open: int = 0
    asked: int = 0
    """Plans that needed a person's word."""
    refused: int = 0
    """Of these, those that were denied or were not answered."""
    targets: int = 0
    cost: float = 0.0
    saved: Saved | None = None
    """None: there was too little to compare with."""
    broken: tuple[Broken, ...] = ()
    budgets: tuple[Budget, ...] = ()

    @property
    def runs(self) -> int:
        return self.verified + self.partial + self.failed + self.unknown + self.cancelled + self.open


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One owner, between `since` and `until` (wall seconds)."""

    owner: str
    since: float
    until: float
    did: tuple[Did, ...] = ()
    called: tuple[Page, ...] = ()
    """Who was called for what, the newest first."""


class Outage(msgspec.Struct, frozen=True, gc=False):
    """A component was not well from `begins` to `ends`."""

    component: str
    begins: float
    ends: float


def report(connection: sqlite3.Connection, config: Config, owner: str, since: float, until: float) -> Report:
    """One owner's. An automation that is no longer declared is in it as long as it acted in that time."""
    names = [name for name, one in config.automation.items() if one.owner == owner]
    names += [
        name
        for (name,) in connection.execute(
            "SELECT DISTINCT automation FROM intent WHERE owner = ? AND at > ? AND at <= ? ORDER BY 1",
            (owner, since, until),
        )
        if name and name not in config.automation
    ]
    called = [page for page in pages(connection, since, until) if page.owner == owner]
    return Report(
        owner=owner,
        since=since,
        until=until,
        did=tuple(_did(connection, config, name, since, until) for name in names),
        called=tuple(called[: -CALLS - 1 : -1]),
    )


def _did(connection: sqlite3.Connection, config: Config, name: str, since: float, until: float) -> Did:
    states = dict.fromkeys(("verified", "partial", "failed", "unknown", "cancelled", "open"), 0)
    cost = 0.0
    for state, count, spent in connection.execute(
        "SELECT state, COUNT(*), SUM(cost) FROM intent"
        " WHERE automation = ? AND at > ? AND at <= ? GROUP BY state",
        (name, since, until),
    ):
        states[state] = count
        cost += 0.0 if state == "cancelled" else spent
    (targets,) = connection.execute(
        "SELECT COUNT(*) FROM reservation JOIN intent ON intent.id = reservation.intent"
        " WHERE intent.automation = ? AND intent.at > ? AND intent.at <= ?",
        (name, since, until),
    ).fetchone()
    asked, refused = connection.execute(
        "SELECT COUNT(*),"
        " COALESCE(SUM(state IN ('denied', 'lapsed') OR (state = 'waiting' AND ends <= ?)), 0)"
        " FROM request WHERE automation = ? AND at > ? AND at <= ?",
        (until, name, since, until),
    ).fetchone()
    declared = config.automation.get(name)
    return Did(
        automation=name,
        **states,
        asked=asked,
        refused=refused,
        targets=targets,
        cost=cost,
        saved=_saved(connection, config, name, since, until),
        broken=tuple(_broken(connection, name, since, until)),
        budgets=() if declared is None else budgets(connection, name, declared, until),
    )


def budgets(
    connection: sqlite3.Connection, name: str, automation: Automation, now: float
) -> tuple[Budget, ...]:
    """What this automation has used of its own limits at `now`."""
    runs, spent = connection.execute(
        "SELECT COUNT(*), COALESCE(SUM(cost), 0) FROM intent"
        " WHERE automation = ? AND at > ? AND at <= ? AND state <> 'cancelled'",
        (name, now - HOUR, now),
    ).fetchone()
    (held,) = connection.execute(
        "SELECT COUNT(*) FROM reservation WHERE automation = ? AND ended IS NULL", (name,)
    ).fetchone()
    limits = automation.limits
    found = [
        Budget(what="targets at once", used=held, limit=limits.at_once),
        Budget(what="runs an hour", used=runs, limit=limits.per_hour),
    ]
    if limits.cost:
        found.append(Budget(what="cost an hour", used=spent, limit=limits.cost))
    return tuple(found)


def saved(acted: Collection[float], left_alone: Sequence[float]) -> Saved | None:
    """From the lengths (seconds) of outages that an act ended, and of those that ended without one."""
    if not acted or len(left_alone) < FEWEST:
        return None
    usual = statistics.median(left_alone)
    return Saved(
        seconds=sum(usual - length for length in acted), outages=len(acted), compared=len(left_alone)
    )


def outages(flips: Iterable[tuple[str, float, int, int]], told: frozenset[Verdict]) -> list[Outage]:
    """From changes of verdict (component, at, before, after), oldest first: those that began and ended."""
    began: dict[str, float] = {}
    found = []
    for component, at, before, after in flips:
        if Verdict(after) in told:
            if Verdict(before) not in told:
                began[component] = at
        elif component in began:
            found.append(Outage(component, began.pop(component), at))
    return found


def _saved(
    connection: sqlite3.Connection, config: Config, name: str, since: float, until: float
) -> Saved | None:
    acts: dict[str, list[tuple[float, float, str]]] = {}
    for target, at, ended, state, automation in connection.execute(
        "SELECT target, intent.at, COALESCE(finished, ends), state, intent.automation"
        " FROM reservation JOIN intent ON intent.id = reservation.intent"
        " WHERE target IN (SELECT DISTINCT target FROM reservation"
        " WHERE intent IN (SELECT id FROM intent WHERE automation = ?) ORDER BY 1 LIMIT ?)"
        " AND intent.at > ? AND state <> 'cancelled'",
        (name, TARGETS, until - HISTORY),
    ):
        verified = "verified" if state == "verified" and automation == name else "other"
        acts.setdefault(target, []).append((at, ended, verified))
    told = frozenset(Verdict[verdict] for verdict in config.alerting.told)
    acted, left_alone = [], []
    for target, own in acts.items():
        rows = connection.execute(
            "SELECT component, at, before, after FROM flip"
            " WHERE component = ? AND at > ? AND at <= ? ORDER BY id",
            (target, until - HISTORY, until),
        )
        for outage in outages(rows, told):
            within = [kind for at, ended, kind in own if at <= outage.ends and ended >= outage.begins]
            length = outage.ends - outage.begins
            if not within:
                left_alone.append(length)
            elif set(within) == {"verified"} and outage.ends > since:
                acted.append(length)
    return saved(acted, left_alone)


def _broken(connection: sqlite3.Connection, name: str, since: float, until: float) -> Iterable[Broken]:
    for number, at, state, reason in connection.execute(
        "SELECT id, at, state, reason FROM intent WHERE automation = ? AND at > ? AND at <= ?"
        " AND state IN ('failed', 'unknown') ORDER BY id DESC LIMIT ?",
        (name, since, until, BROKEN),
    ).fetchall():
        targets = connection.execute(
            "SELECT target FROM reservation WHERE intent = ? ORDER BY target LIMIT 20", (number,)
        )
        yield Broken(
            intent=number, at=at, targets=tuple(row[0] for row in targets), state=state, reason=reason
        )
