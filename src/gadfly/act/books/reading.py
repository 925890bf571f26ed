"""The part of a situation that is written down, read inside the transaction in which the decision falls."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Iterable

import msgspec

from gadfly.act.automation import lower
from gadfly.act.halt import stop_book
from gadfly.act.plan import Plan
from gadfly.act.situation import (
    Announcement,
    Approval,
    Consent,
    Freeze,
    Held,
    Proof,
    Situation,
    Standing,
    Used,
)

HOUR = 3600.0
REMOVALS = 600.0
"""Seconds over which the guard `rate` counts what all actors took out."""
TRIES = 86_400.0
"""Seconds for which a try counts: what is needed again after a day is another case."""


def read(
    connection: sqlite3.Connection, plan: Plan, seen: Situation, guards: Iterable[str], own: int = 0
) -> Situation:
    """What the node sees (`seen`), with what is written. `own`: the intent whose further stages are asked
    about; what it holds itself is not counted against it, and its approval still stands."""
    (latest,) = connection.execute("SELECT at FROM latest").fetchone()
    trusted = max(seen.now, seen.witness, seen.trusted, latest)
    names = json.dumps([target.name for target in plan.targets])
    return msgspec.structs.replace(
        seen,
        trusted=trusted,
        used=_used(connection, plan, seen, trusted, names, own),
        stops=stop_book.in_force(connection),
        freezes=(*seen.freezes, *_freezes(connection)),
        approvals=_approvals(connection, plan, own),
        consents=_consents(connection, plan, trusted),
        announcements=() if plan.due is None else _announcements(connection, names),
        standing=standing(connection, plan.automation, seen.terms.does if seen.terms else ""),
        proofs=_proofs(connection, guards),
    )


def standing(connection: sqlite3.Connection, automation: str, does: str = "") -> Standing:
    """Where an automation stands; at the beginning where nothing is written of it, and not above where what
    is written is of something else than it `does`."""
    row = connection.execute(
        "SELECT level, frozen, does FROM standing WHERE automation = ?", (automation,)
    ).fetchone()
    if row is None:
        return Standing()
    level, frozen, did = row
    other = does and did and did != does
    return Standing(level=lower(level, Standing().level) if other else level, frozen=frozen)


def symptom(plan: Plan) -> str:
    """Under which name tries are counted: without a symptom, the act itself."""
    return plan.symptom or f"act {plan.action} {plan.argument}".strip()


def _used(
    connection: sqlite3.Connection, plan: Plan, seen: Situation, time: float, names: str, own: int
) -> Used:
    # By whomever: an automation's budget is not another one for each who has a grant for it.
    by, name = ("automation", plan.automation) if plan.automation else ("principal", plan.principal)
    runs, spent = connection.execute(
        "SELECT COUNT(*), COALESCE(SUM(cost) FILTER (WHERE state <> 'cancelled'), 0) FROM intent"  # noqa: S608 - two words
        f" WHERE {by} = ? AND at > ? AND id <> ?",
        (name, time - HOUR, own),
    ).fetchone()
    return Used(
        held=_held(connection, "ended IS NULL AND intent <> ?", own),
        targets=frozenset(
            name
            for (name,) in connection.execute(
                "SELECT target FROM reservation WHERE ended IS NULL AND intent <> ?"
                " AND target IN (SELECT value FROM json_each(?))",
                (own, names),
            )
        ),
        runs=runs,
        spent=spent,
        removed=dict(
            connection.execute(
                "SELECT grp, COUNT(*) FROM reservation WHERE disturbs AND at > ? AND "
                "intent <> ? GROUP BY grp",
                (time - REMOVALS, own),
            ).fetchall()
        ),
        tries=_tries(connection, plan, time, names, own),
        touched=dict(
            connection.execute(
                "SELECT target, COUNT(*) FROM reservation WHERE target IN (SELECT value FROM json_each(?))"
                " AND at > ? AND intent <> ? AND action NOT LIKE 'notify%' GROUP BY target",
                (names, time - HOUR, own),
            ).fetchall()
        ),
        braked=frozenset(
            name
            for (name,) in connection.execute(
                "SELECT target FROM brake WHERE since IS NOT NULL AND symptom = ?"
                " AND target IN (SELECT value FROM json_each(?))",
                (symptom(plan), names),
            )
        ),
        soaking=_held(
            connection, "ended IS NOT NULL AND ended > ? AND disturbs AND well", time - seen.rules.soak
        ),
    )


def _held(connection: sqlite3.Connection, where: str, given: float) -> tuple[Held, ...]:
    columns = "automation, action, argument, grp, cell, environment, disturbs"
    rows = connection.execute(
        f"SELECT {columns}, COUNT(*) FROM reservation WHERE {where} GROUP BY {columns}",  # noqa: S608 - fixed words
        (given,),
    )
    return tuple(
        Held(
            automation=automation,
            action=action,
            argument=argument,
            group=group,
            cell=cell,
            environment=environment,
            disturbs=bool(disturbs),
            targets=count,
        )
        for automation, action, argument, group, cell, environment, disturbs, count in rows
    )


def _tries(connection: sqlite3.Connection, plan: Plan, time: float, names: str, own: int) -> dict[str, int]:
    """Of a remedy every try counts; of what is no remedy only those that failed or are not measured."""
    return dict(
        connection.execute(
            "SELECT tried.target, COUNT(*) FROM reservation AS tried JOIN intent ON intent.id = tried.intent"
            " LEFT JOIN brake ON brake.target = tried.target AND brake.symptom = tried.symptom"
            " WHERE tried.target IN (SELECT value FROM json_each(?)) AND tried.symptom = ?"
            " AND tried.at > MAX(?, COALESCE(brake.released, 0)) AND tried.intent <> ?"
            " AND (intent.symptom <> '' OR intent.state IN ('failed', 'unknown')) GROUP BY tried.target",
            (names, symptom(plan), time - TRIES, own),
        ).fetchall()
    )


def _freezes(connection: sqlite3.Connection) -> list[Freeze]:
    return [
        Freeze(name=name, on=on, automation=automation, who=who, because=because, starts=starts, ends=ends)
        for name, on, automation, who, because, starts, ends in connection.execute(
            "SELECT name, selector, automation, who, because, starts, ends FROM freeze WHERE lifted IS NULL"
        )
    ]


def _approvals(connection: sqlite3.Connection, plan: Plan, own: int) -> tuple[Approval, ...]:
    if own:
        # It was used up by this act, and holds to the act's end: cells that rest outlast an approval.
        rows = connection.execute(
            "SELECT approval.id, who, approval.owner, approval.at, MAX(approval.ends, intent.ends), asked_by"
            " FROM approval JOIN intent ON intent.id = approval.intent WHERE approval.intent = ?",
            (own,),
        )
    else:
        rows = connection.execute(
            "SELECT id, who, owner, at, ends, asked_by FROM approval WHERE plan = ? AND intent IS NULL",
            (plan.hash,),
        )
    return tuple(
        # The stages that are left are part of what was approved.
        Approval(id=number, plan=plan.hash, who=who, owner=owner, at=at, ends=ends, asked_by=asked_by)
        for number, who, owner, at, ends, asked_by in rows
    )


def _consents(connection: sqlite3.Connection, plan: Plan, time: float) -> tuple[Consent, ...]:
    return tuple(
        Consent(
            id=number,
            owner=owner,
            principal=principal,
            action=plan.action,
            target=target,
            who=who,
            at=at,
            ends=ends,
        )
        for number, owner, principal, target, who, at, ends in connection.execute(
            "SELECT id, owner, principal, target, who, at, ends FROM consent"
            " WHERE principal IN (?, ?) AND action = ? AND ends > ?",
            (plan.principal, f"automation:{plan.automation}", plan.action, time),
        )
    )


def _announcements(connection: sqlite3.Connection, names: str) -> tuple[Announcement, ...]:
    found: dict[tuple[str, str, float], list[float]] = {}
    for target, action, due, told in connection.execute(
        "SELECT target, action, due, told FROM announcement WHERE target IN (SELECT value FROM json_each(?))",
        (names,),
    ):
        found.setdefault((target, action, due), []).append(told)
    return tuple(
        Announcement(target=target, action=action, due=due, told=tuple(told))
        for (target, action, due), told in found.items()
    )


def _proofs(connection: sqlite3.Connection, guards: Iterable[str]) -> dict[str, Proof]:
    """One for each guard in force: unproven where nothing is written."""
    known = {
        name: _proof(at, denied)
        for name, at, denied in connection.execute("SELECT guard, at, denied FROM proof")
    }
    return {name: known.get(name, _UNPROVEN) for name in guards}


@functools.lru_cache(maxsize=256)
def _proof(at: float, denied: int) -> Proof:
    return Proof(at=at, denied=bool(denied))


_UNPROVEN = Proof()
