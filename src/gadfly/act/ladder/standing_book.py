"""The record of each automation, and what it has earned by it. Each change is one transaction with its
entry."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping

import msgspec

from gadfly.act.automation import Terms, lower
from gadfly.act.books.reading import standing
from gadfly.act.books.transaction import Appends, whole
from gadfly.act.halt import breakglass
from gadfly.act.halt.stop import PERSONS
from gadfly.act.ladder import autonomy
from gadfly.act.plan import Plan
from gadfly.act.situation import Standing
from gadfly.alert.escalate import lineage
from gadfly.config.owner import Owner
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry

RECORD = 200
"""Runs that count, the newest: what was long ago says little about now."""
CHANGED = "it does something else now than what its record is of"


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """Where an automation stands, with the record that counts at its present level."""

    automation: str
    level: str
    verified: int
    runs: int
    bound: float
    """The success rate that is exceeded with 95 % confidence."""
    failures: int
    """In a row."""
    frozen: str
    proposed: str
    """The level that its record would bear; empty: none yet."""


def rung(connection: sqlite3.Connection, automation: str, does: str = "") -> Rung:
    """The rung on which it stands; the first where nothing is written of it, or only of what did something
    else than it `does` (:func:`~gadfly.act.automation.does`; empty: not asked)."""
    row = connection.execute(
        "SELECT level, since, failures, frozen, proposed, does FROM standing WHERE automation = ?",
        (automation,),
    ).fetchone()
    level, since, failures, frozen, proposed, did = row or (Standing().level, 0, 0, "", "", "")
    if does and did and did != does:
        level, since, failures, proposed = lower(level, autonomy.EARNED), _last(connection), 0, ""
    runs, verified = connection.execute(
        "SELECT COUNT(*), COALESCE(SUM(counted = 'verified'), 0) FROM (SELECT counted FROM intent"
        " WHERE automation = ? AND id > ? AND counted <> '' ORDER BY id DESC LIMIT ?)",
        (automation, since, RECORD),
    ).fetchone()
    return Rung(
        automation=automation,
        level=level,
        verified=verified,
        runs=runs,
        bound=autonomy.lower_bound(verified, runs),
        failures=failures,
        frozen=frozen,
        proposed=proposed,
    )


def belongs(connection: sqlite3.Connection, log: Appends, terms: Terms | None, at: float) -> None:
    """Let the record be of what the automation does now. Where it did something else, it falls back to what
    acts on approval, and its record begins anew: what another act has shown says nothing of this one."""
    if terms is None or not terms.does:
        return
    row = connection.execute(
        "SELECT does, level FROM standing WHERE automation = ?", (terms.name,)
    ).fetchone()
    if row is not None and row[0] == terms.does:
        return
    if row is not None and row[0]:
        now = rung(connection, terms.name, terms.does)
        if now.level != row[1]:
            body = {"what": "lowered", "from": row[1], "to": now.level, "because": CHANGED}
            _say(connection, log, terms.name, terms.owner, "node", at, body)
        _put(connection, terms.name, level=now.level, since=_last(connection), failures=0, proposed="")
    _put(connection, terms.name, does=terms.does)


def record(
    connection: sqlite3.Connection, log: Appends, plan: Plan, intent: int, state: str, at: float
) -> Standing:
    """What the outcome of an act does to its automation: a failure lowers it, two in a row freeze it, a good
    record is proposed for more. Unknown is failure.

    What was not begun, or ended by another's word after a part, says nothing of it. Nor does a rollback: it
    neither makes good the failure that it takes back, nor is it one more. Nor what somebody did with it in
    their own name: when and on what was not its choice.
    """
    its_own = plan.principal == f"automation:{plan.automation}"
    if not its_own or plan.undoes or state in ("cancelled", "partial"):
        return standing(connection, plan.automation)
    connection.execute("UPDATE intent SET counted = ? WHERE id = ?", (state, intent))
    now = rung(connection, plan.automation)
    if state == "verified":
        better = autonomy.earns(now.level, now.verified, now.runs)
        if better and not now.proposed:
            _say(connection, log, plan.automation, plan.owner, "node", at, _earned(now, better))
        _put(connection, plan.automation, failures=0, proposed=better or now.proposed)
        return standing(connection, plan.automation)
    failures = now.failures + 1
    level = autonomy.after_failure(now.level)
    frozen = now.frozen
    if level != now.level:
        why = f"intent {intent}: {state}"
        lowered = {"what": "lowered", "from": now.level, "to": level, "because": why}
        _say(connection, log, plan.automation, plan.owner, "node", at, lowered)
        _put(connection, plan.automation, level=level, since=intent)
    if failures >= autonomy.FAILURES and not frozen:
        frozen = f"{failures} failures in a row"
        body: dict[str, str | int] = {"what": "frozen", "because": frozen, "intent": intent}
        _say(connection, log, plan.automation, plan.owner, "node", at, body, kind="freeze")
    _put(connection, plan.automation, failures=failures, frozen=frozen, proposed="")
    return standing(connection, plan.automation)


def raise_level(
    connection: sqlite3.Connection,
    log: Appends,
    automation: str,
    owner: str,
    *,
    who: str,
    speaks_for: Collection[str],
    owners: Mapping[str, Owner],
    because: str,
    now: float,
    terms: Terms | None = None,
) -> Standing:
    """One level up, as its record has earned, by what it does now (`terms`). Refused where it has not, or
    where `who` speaks only for the automation's own owner: nobody raises their own."""
    with whole(connection):
        belongs(connection, log, terms, now)
        rung_now = rung(connection, automation)
        better = autonomy.earns(rung_now.level, rung_now.verified, rung_now.runs)
        above = lineage(owners, owner)[1:] or lineage(owners, owner)
        if not who.startswith(PERSONS) or not set(above) & set(speaks_for):
            raise Refused(f"Whoever speaks for the owner of {owner} raises {automation}; {who} does not.")
        if not better:
            raise Refused(
                f"{automation} has {rung_now.verified} of {rung_now.runs} runs verified "
                "at its level; it needs "
                f"{autonomy.RUNS} and a rate that is surely {autonomy.BOUND:.0%}, which "
                f"is {rung_now.bound:.1%} now.",
                409,
            )
        if rung_now.frozen:
            raise Refused(f"{automation} is frozen ({rung_now.frozen}): release it first.", 409)
        if owed := breakglass.owed(connection):
            raise Refused(
                f"Break-glass b{owed[0].id} owes a review; somebody must give it before anything is raised.",
                409,
            )
        body = {**_earned(rung_now, better), "what": "raised", "because": because}
        _say(connection, log, automation, owner, who, now, body)
        _put(connection, automation, level=better, since=_last(connection), proposed="")
        return standing(connection, automation)


def lower_one(
    connection: sqlite3.Connection,
    log: Appends,
    automation: str,
    owner: str,
    *,
    declared: str,
    because: str,
    now: float,
) -> tuple[str, str]:
    """One level down, in the caller's transaction, as nobody answers for its safety; :func:`below` of before.
    `declared`: the most that its file allows."""
    level, lowered = below(connection, automation, declared)
    if lowered != level:
        body = {"what": "lowered", "from": level, "to": lowered, "because": because}
        _say(connection, log, automation, owner, "node", now, body)
        _put(connection, automation, level=lowered, since=_last(connection), proposed="")
    return level, lowered


def below(connection: sqlite3.Connection, automation: str, declared: str) -> tuple[str, str]:
    """The level at which it acts, and the one below: the same where a person looks at each act already."""
    level = lower(declared, rung(connection, automation).level)
    return level, autonomy.after_failure(level)


def release(
    connection: sqlite3.Connection,
    log: Appends,
    automation: str,
    owner: str,
    *,
    who: str,
    because: str,
    now: float,
) -> Standing:
    """A person has looked at a frozen automation, and lets it go on. Refused where `who` is no person, or it
    is not frozen; who may speak for its owner is the caller's to know."""
    with whole(connection):
        if not who.startswith(PERSONS):
            raise Refused(f"{who} cannot release {automation}: a person must have looked.")
        if not standing(connection, automation).frozen:
            raise Refused(f"{automation} is not frozen.", 409)
        _say(
            connection,
            log,
            automation,
            owner,
            who,
            now,
            {"what": "released", "because": because},
            kind="freeze",
        )
        _put(connection, automation, frozen="", failures=0)
        return standing(connection, automation)


def release_brake(
    connection: sqlite3.Connection,
    log: Appends,
    target: str,
    symptom: str,
    *,
    who: str,
    because: str,
    now: float,
) -> None:
    """A person has looked at a target on which nothing helped: tries are counted anew."""
    with whole(connection):
        if not who.startswith(PERSONS):
            raise Refused(f"{who} cannot release the brake on {target}: a person must have looked.")
        row = connection.execute(
            "SELECT since FROM brake WHERE target = ? AND symptom = ?", (target, symptom)
        ).fetchone()
        if row is None or row[0] is None:
            raise Refused(f"No brake is on for {target} ({symptom}).", 404)
        body = {"what": "released", "brake": symptom, "because": because}
        log.append(
            connection, [Entry(kind="review", who=who, about=(f"component:{target}",), body=body, at=now)]
        )
        connection.execute(
            "UPDATE brake SET since = NULL, released = MAX(?, (SELECT at FROM latest)), released_by = ?"
            " WHERE target = ? AND symptom = ?",
            (now, who, target, symptom),
        )


def _last(connection: sqlite3.Connection) -> int:
    """The newest intent: what comes after it counts."""
    (last,) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM intent").fetchone()
    return int(last)


def _earned(now: Rung, better: str) -> dict[str, str | int]:
    return {
        "what": "proposed",
        "from": now.level,
        "to": better,
        "verified": now.verified,
        "runs": now.runs,
        "bound": f"{now.bound:.4f}",
    }


def _say(
    connection: sqlite3.Connection,
    log: Appends,
    automation: str,
    owner: str,
    who: str,
    at: float,
    body: Mapping[str, str | int],
    kind: str = "autonomy",
) -> None:
    about = (f"automation:{automation}", *((f"owner:{owner}",) if owner else ()))
    log.append(connection, [Entry(kind=kind, who=who, about=about, body=dict(body), at=at)])


def _put(connection: sqlite3.Connection, automation: str, **changed: str | int) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO standing (automation, level, since, failures, frozen, proposed)"
        " VALUES (?, ?, 0, 0, '', '')",
        (automation, Standing().level),
    )
    for column, value in changed.items():
        connection.execute(
            f"UPDATE standing SET {column} = ? WHERE automation = ?",  # noqa: S608 - the columns above
            (value, automation),
        )
