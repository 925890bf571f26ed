"""Consents: an owner's yes to what somebody else may do to its components, for a time, and its taking back.

Each is one transaction with its entry. A consent that is withdrawn counts for no decision from then on, also
for none of the stages of an act that is on its way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping

from gadfly.act.books.transaction import Appends, whole
from gadfly.act.clock.latest import latest
from gadfly.act.halt.stop import PERSONS
from gadfly.act.plan import Plan
from gadfly.act.situation import Consent
from gadfly.alert.escalate import lineage
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry, rfc3339

LONGEST = 366 * 86_400.0
REASON = 2000

_COLUMNS = "id, owner, principal, action, target, who, at, ends"


def consent(
    connection: sqlite3.Connection,
    log: Appends,
    *,
    owner: str,
    principal: str,
    action: str,
    target: str = "",
    who: str,
    speaks_for: Collection[str],
    owners: Mapping[str, Owner],
    now: float,
    lasts: float,
) -> Consent:
    """An owner's yes to what somebody else may do to its targets (one, or all where `target` is empty)."""
    with whole(connection):
        if not who.startswith(PERSONS) or who == principal:
            raise Refused(f"{who} cannot consent to this; a person who speaks for {owner} must.")
        if not set(lineage(owners, owner)) & set(speaks_for):
            raise Refused(f"{who} does not speak for {owner}; somebody who does must consent.")
        time = max(now, latest(connection))
        ends = time + min(max(lasts, 1.0), LONGEST)
        made = connection.execute(
            "INSERT INTO consent (owner, principal, action, target, who, at, ends) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (owner, principal, action, target, who, time, ends),
        )
        assert made.lastrowid is not None
        given = Consent(
            id=made.lastrowid,
            owner=owner,
            principal=principal,
            action=action,
            target=target,
            who=who,
            at=time,
            ends=ends,
        )
        _say(connection, log, given, who, {"what": "consented", "until": rfc3339(ends)}, now)
        return given


def withdraw(
    connection: sqlite3.Connection,
    log: Appends,
    number: int,
    *,
    who: str,
    speaks_for: Collection[str],
    owners: Mapping[str, Owner],
    because: str,
    now: float,
) -> Consent:
    """Take a consent back. Refused where none of this number is in force, or `who` is no person who gave it
    or speaks for its owner."""
    with whole(connection):
        time = max(now, latest(connection))
        given = next((one for one in in_force(connection, time) if one.id == number), None)
        if given is None:
            raise Refused(f"No consent {number} is in force; `gadfly act grants` has those that are.", 404)
        speaks = bool(set(lineage(owners, given.owner)) & set(speaks_for))
        if not who.startswith(PERSONS) or not (speaks or who == given.who):
            raise Refused(f"{who} does not speak for {given.owner}; somebody who does must withdraw it.", 403)
        if not because.strip() or len(because) > REASON:
            raise Refused(
                f"Say why in 1 to {REASON} characters: whoever relied on it will want to know.", 422
            )
        _say(connection, log, given, who, {"what": "withdrew", "because": because}, now)
        connection.execute("UPDATE consent SET ends = ?, withdrawn_by = ? WHERE id = ?", (time, who, number))
        return given


def in_force(connection: sqlite3.Connection, time: float) -> list[Consent]:
    """Those that count at `time` (wall seconds), the next to end first, a thousand at most."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM consent WHERE ends > ? ORDER BY ends LIMIT 1000",  # noqa: S608 - fixed words
        (time,),
    )
    names = _COLUMNS.split(", ")
    return [Consent(**dict(zip(names, row, strict=True))) for row in rows]


def concerns(given: Consent, plan: Plan) -> bool:
    """Whether this consent is to something that the plan would do."""
    actors = (plan.principal, f"automation:{plan.automation}")
    return (
        given.principal in actors
        and given.action == plan.action
        and any(one.owner == given.owner and given.target in ("", one.name) for one in plan.targets)
    )


def _say(
    connection: sqlite3.Connection, log: Appends, given: Consent, who: str, body: dict[str, str], now: float
) -> None:
    subjects = (
        f"owner:{given.owner}",
        given.principal,
        *((f"component:{given.target}",) if given.target else ()),
    )
    said = {**body, "consent": given.id, "action": given.action, "target": given.target}
    log.append(connection, [Entry(kind="approval", who=who, about=subjects, body=said, at=now)])
