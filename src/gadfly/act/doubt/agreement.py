"""Whether what the gate keeps is what the ledger says: its rows against :class:`~gadfly.act.doubt.told.Told`.

Who can write the database can lift a stop, raise a level or write a yes there, and leaves no entry. Here that
is a difference. Pure, on a connection; what is not compared is said in docs/ledger.md.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator

from gadfly.act.automation import LEVELS
from gadfly.act.doubt.told import Act, Told
from gadfly.act.situation import Standing
from gadfly.ledger.entry import rfc3339, seconds

CLOSE = 0.01
"""Seconds that a time may differ by having been written as text."""
FORGOTTEN = 10_000
"""Records beyond which the oldest are deleted (`store.retention`): then one that is missing shows nothing."""

Mask = Callable[[str], str]


def differences(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> list[str]:
    """In words what does not agree; empty where all does. `mask`: how the ledger writes a name; `now`: the
    latest time that anybody vouches for, wall seconds."""
    found: list[str] = []
    for part in (_stops, _freezes, _standing, _approvals, _consents, _glasses, _proofs, _acts):
        found += part(connection, told, mask, now)
    return found


def _stops(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> Iterator[str]:
    rows = {
        number: (scope, mask(name))
        for number, scope, name in connection.execute("SELECT id, scope, name FROM stop WHERE lifted IS NULL")
    }
    for number in sorted(told.stops.keys() | rows.keys()):
        if number not in rows:
            yield f"stop s{number} was put and not lifted, and is not in force"
        elif number not in told.stops:
            yield f"stop s{number} is in force, and no entry says so"
        elif rows[number] != told.stops[number]:
            yield f"stop s{number} covers something else than was said"


def _freezes(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> Iterator[str]:
    rows = Counter(
        (mask(name), mask(on), math.inf if ends is None else seconds(rfc3339(ends)))
        for name, on, ends in connection.execute(
            "SELECT name, selector, ends FROM freeze WHERE lifted IS NULL AND COALESCE(ends, ?) > ?",
            (now + 1.0, now),
        )
    )
    said = Counter(one for one in told.freezes if one[2] > now)
    for name, _, _ in sorted(said - rows):
        yield f"the freeze {name} was ordered and not lifted, and is not in force as it was ordered"
    for name, _, _ in sorted(rows - said):
        yield f"the freeze {name} is in force, and no entry says so"


def _standing(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> Iterator[str]:
    first, known = Standing().level, set()
    for name, level, frozen in connection.execute("SELECT automation, level, frozen FROM standing"):
        shown = mask(name)
        known.add(shown)
        if level != told.levels.get(shown, first):
            said = told.levels.get(shown, first)
            yield f"{name} stands at {level}, and by the entries at {said}"
        if bool(frozen) != (shown in told.frozen):
            here, there = ("is", "is not") if frozen else ("is not", "is")
            yield f"{name} {here} frozen, and by the entries it {there}"
    for name in sorted((told.frozen | told.levels.keys()) - known):
        lower = LEVELS.index(told.levels.get(name, first)) < LEVELS.index(first)
        if name in told.frozen or (lower and len(known) < FORGOTTEN):
            yield f"the record of {name} is gone"


def _approvals(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> Iterator[str]:
    left = {plan: list(ends) for plan, ends in told.approvals.items()}
    for number, plan, ends in connection.execute(
        "SELECT id, plan, ends FROM approval WHERE intent IS NULL AND ends > ?", (now,)
    ):
        said = left.get(plan, [])
        match = next((one for one in said if abs(one - ends) < CLOSE), None)
        if match is None:
            yield f"approval {number} stands to be used, and no entry says so"
        else:
            said.remove(match)


def _consents(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> Iterator[str]:
    for number, owner, principal, action, target, ends in connection.execute(
        "SELECT id, owner, principal, action, target, ends FROM consent WHERE ends > ?", (now,)
    ):
        row = (mask(owner), mask(principal), action, mask(target))
        if not any(
            one.number in (number, 0) and one[1:5] == row and abs(one.until - ends) < CLOSE
            for one in told.consents
        ):
            yield f"consent {number} is in force, and no entry says so"


def _glasses(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> Iterator[str]:
    rows = dict(connection.execute("SELECT id, ends FROM breakglass WHERE reviewed IS NULL"))
    for number in sorted(told.glasses.keys() | rows.keys()):
        if number not in rows:
            yield f"break-glass b{number} owes a review, and is not there"
        elif number not in told.glasses:
            yield f"break-glass b{number} is there, and no entry says so"
        elif abs(rows[number] - told.glasses[number]) > CLOSE:
            yield f"break-glass b{number} ends at another time than was said"


def _proofs(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> Iterator[str]:
    for guard, at in connection.execute("SELECT guard, at FROM proof WHERE denied"):
        good, when = told.proofs.get(guard, (False, 0.0))
        if not good or at > when + CLOSE:
            yield f"the guard {guard} stands as proven, and no entry says so"


def _acts(connection: sqlite3.Connection, told: Told, mask: Mask, now: float) -> Iterator[str]:
    """What counts as used: every act that has no outcome, and those of the last hour."""
    for acts, states, what in (
        (told.open, ("open", "unknown"), "has no outcome"),
        (told.over, ("verified", "partial", "failed"), "is over"),
    ):
        for number, act in acts.items():
            row = connection.execute(
                "SELECT plan, principal, automation, cost, at, state,"
                " (SELECT COUNT(*) FROM reservation WHERE intent = intent.id) FROM intent WHERE id = ?",
                (number,),
            ).fetchone()
            if row is None or row[5] not in states:
                yield f"intent {number} {what}, and the state has it otherwise"
            elif not _same(row, act, mask) or (acts is told.open and row[6] != act.targets):
                yield f"intent {number} is another than was said"
    known = {*told.open}
    for (number,) in connection.execute(
        "SELECT id FROM intent WHERE state IN ('open', 'unknown') ORDER BY id"
    ):
        if number not in known:
            yield f"intent {number} has no outcome, and no entry says that it was"


def _same(row: tuple[str, str, str, float, float, str, int], act: Act, mask: Mask) -> bool:
    plan, principal, automation, cost, at, _, _ = row
    return (plan, mask(principal), mask(automation), repr(cost)) == (
        act.plan,
        act.who,
        act.automation,
        act.cost,
    ) and at >= act.at - 1.0
