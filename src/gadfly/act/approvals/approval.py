"""Approvals: a person's word, written down with its entry, for one plan and for a time.

Nobody approves their own: not whoever asked for the act, and not the automation that would do it. An approval
is for one plan, by its hash, and is used up by one act.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping

import msgspec

from gadfly.act.books.saying import about
from gadfly.act.books.transaction import Appends, whole
from gadfly.act.halt.stop import PERSONS
from gadfly.act.plan import Plan
from gadfly.act.situation import Approval
from gadfly.alert.escalate import lineage
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry, rfc3339

LONGEST = 86_400.0
"""Seconds that an approval holds at most."""
NOTE = 2000
OPEN = ("waiting", "approved")
"""States of a request that may still be done."""
AT_ONCE = 200
"""Requests that lapse in one transaction at most: no write waits long for them."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that waits for a person, or did."""

    id: int
    plan: Plan
    hash: str
    asked_by: str
    lacks: str
    """What the guards want, for people."""
    at: float
    ends: float
    state: str
    """`waiting`, `approved` (and not yet done), `denied`, `lapsed` or `done`."""
    decided_by: str = ""


def requests(connection: sqlite3.Connection, now: float, *, state: str = "waiting") -> list[Request]:
    """Those in this state, the next to end first; of those that wait or are approved, the ones in their
    time."""
    time = _time(connection, now)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM request WHERE state = ?"  # noqa: S608 - fixed words
        " AND (ends > ? OR state IN ('denied', 'lapsed', 'done')) ORDER BY ends, id LIMIT 1000",
        (state, time),
    )
    return [_request(row) for row in rows]


def find(connection: sqlite3.Connection, number: int) -> Request:
    """Refused (404) where there is none."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM request WHERE id = ?", (number,)).fetchone()  # noqa: S608 - fixed words
    if row is None:
        raise Refused(f"No plan waits under the number {number}.", 404)
    return _request(row)


def approve(
    connection: sqlite3.Connection,
    log: Appends,
    number: int,
    *,
    who: str,
    speaks_for: Collection[str],
    owners: Mapping[str, Owner],
    note: str,
    now: float,
    lasts: float = 3600.0,
) -> Approval:
    """Say yes to a waiting plan, for `lasts` seconds and one act. The caller then proposes the plan again.

    Refused where `who` is no person, asked for it, or speaks neither for the plan's owner nor for one above.
    """
    with whole(connection):
        request, time = _decidable(connection, number, who, speaks_for, owners, now)
        if who in (request.asked_by, request.plan.principal):
            raise Refused(f"{who} asked for this; somebody else must approve it: nobody approves their own.")
        owner = next(one for one in _line(request.plan, owners) if one in speaks_for)
        ends = time + min(max(lasts, 1.0), LONGEST)
        said = {"what": "approved", "note": note[:NOTE], "until": rfc3339(ends)}
        _write(connection, log, request, who, said, now)
        made = connection.execute(
            "INSERT INTO approval (plan, who, owner, asked_by, note, at, ends) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (request.hash, who, owner, request.asked_by, note[:NOTE], time, ends),
        )
        connection.execute(
            "UPDATE request SET state = 'approved', decided_by = ?, ends = ? WHERE id = ?",
            (who, ends, number),
        )
        assert made.lastrowid is not None
        return Approval(
            id=made.lastrowid,
            plan=request.hash,
            who=who,
            owner=owner,
            at=time,
            ends=ends,
            asked_by=request.asked_by,
        )


def deny(
    connection: sqlite3.Connection,
    log: Appends,
    number: int,
    *,
    who: str,
    speaks_for: Collection[str],
    owners: Mapping[str, Owner],
    note: str,
    now: float,
) -> Request:
    """Say no to a waiting plan, or take back a yes that was not used. Whoever asked may take it back in the
    same way."""
    with whole(connection):
        said = (*speaks_for, *_own(connection, number, who))
        request, _ = _decidable(connection, number, who, said, owners, now, OPEN)
        _void(connection, log, request, who, note, now)
        return find(connection, number)


def called_off(connection: sqlite3.Connection, log: Appends, number: int, why: str, now: float) -> None:
    """A plan that nothing calls for any more waits no longer, and a yes to it is used up."""
    with whole(connection):
        request = find(connection, number)
        if request.state in OPEN:
            _void(connection, log, request, "node", why, now, "lapsed")


def lapse(connection: sqlite3.Connection, log: Appends, now: float) -> int:
    """End what nobody answered in its time, or what was approved and not done in it, each with its entry; how
    many. Call again where it is :data:`AT_ONCE`."""
    with whole(connection):
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM request WHERE state IN ('waiting', 'approved') AND ends <= ?"  # noqa: S608 - fixed words
            " ORDER BY ends LIMIT ?",
            (_time(connection, now), AT_ONCE),
        ).fetchall()
        for row in rows:
            request = _request(row)
            why = (
                "nobody answered in time" if request.state == "waiting" else "approved, and not done in time"
            )
            _void(connection, log, request, "node", why, now, "lapsed")
        return len(rows)


def _void(
    connection: sqlite3.Connection,
    log: Appends,
    request: Request,
    who: str,
    note: str,
    now: float,
    what: str = "denied",
) -> None:
    """It is done no more: neither does it wait, nor does a yes that was not used still count."""
    _write(connection, log, request, who, {"what": what, "note": note[:NOTE]}, now)
    connection.execute("UPDATE request SET state = ?, decided_by = ? WHERE id = ?", (what, who, request.id))
    connection.execute(
        "UPDATE approval SET ends = MIN(ends, ?) WHERE plan = ? AND intent IS NULL",
        (_time(connection, now), request.hash),
    )


_COLUMNS = "id, plan, body, asked_by, lacks, at, ends, state, decided_by"


def _request(row: tuple[int, str, bytes, str, str, float, float, str, str]) -> Request:
    number, hashed, body, asked_by, lacks, at, ends, state, decided_by = row
    return Request(
        id=number,
        plan=msgspec.json.decode(body, type=Plan),
        hash=hashed,
        asked_by=asked_by,
        lacks=lacks,
        at=at,
        ends=ends,
        state=state,
        decided_by=decided_by,
    )


def _decidable(
    connection: sqlite3.Connection,
    number: int,
    who: str,
    speaks_for: Collection[str],
    owners: Mapping[str, Owner],
    now: float,
    states: Collection[str] = ("waiting",),
) -> tuple[Request, float]:
    """The request, and the time by which ends are judged."""
    request, time = find(connection, number), _time(connection, now)
    if request.state not in states:
        raise Refused(f"Plan {number} does not wait any more: it is {request.state}.", 409)
    if time >= request.ends:
        raise Refused(f"Plan {number} waited too long; it must be proposed again.", 409)
    if not who.startswith(PERSONS):
        raise Refused(f"{who} cannot decide on plan {number}; a person must.")
    if not set(_line(request.plan, owners)) & set(speaks_for):
        raise Refused(
            f"{who} does not speak for {request.plan.owner or 'its owner'}, nor for an owner above; "
            f"somebody who does must decide on plan {number}."
        )
    return request, time


def _line(plan: Plan, owners: Mapping[str, Owner]) -> list[str]:
    return lineage(owners, plan.owner)


def _own(connection: sqlite3.Connection, number: int, who: str) -> tuple[str, ...]:
    """Whoever asked for it may take it back, whomever they speak for."""
    request = find(connection, number)
    return (request.plan.owner,) if who == request.asked_by else ()


def _time(connection: sqlite3.Connection, now: float) -> float:
    (latest,) = connection.execute("SELECT at FROM latest").fetchone()
    return max(now, float(latest))


def _write(
    connection: sqlite3.Connection,
    log: Appends,
    request: Request,
    who: str,
    body: dict[str, str],
    now: float,
) -> None:
    said = {**body, "request": request.id, "plan": request.hash, "asked_by": request.asked_by}
    log.append(connection, [Entry(kind="approval", who=who, about=about(request.plan), body=said, at=now)])
