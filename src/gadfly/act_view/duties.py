"""What somebody must see to: freezes and brakes, reviews that are owed, proofs, effects nobody explains."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from typing import Any

from gadfly.act.automation import end_of
from gadfly.act.halt import breakglass
from gadfly.act.halt.breakglass import Glass
from gadfly.act.proof.proving import WEEK
from gadfly.alert.escalate import top_owner
from gadfly.config import Config
from gadfly.ledger.entry import decode
from gadfly.store.schema.indexes import UNEXPLAINED

REVIEW = 86_400.0
"""Seconds after its end by which a break-glass should have been reviewed: everybody has slept since."""
LATELY = 86_400.0
"""Seconds for which an unexplained effect stands on the board."""
EFFECTS = 20
OF_A_DAY = 5000
"""Entries of effects that are looked through: three a minute are written at most."""


def mark(kind: str, *names: str) -> str:
    """An id for what has none, or one that fits into no path."""
    return kind + hashlib.sha256("\0".join(names).encode()).hexdigest()[:15]


def freezes(connection: sqlite3.Connection, config: Config, now: float) -> list[dict[str, Any]]:
    """:class:`.act_board.Freeze`: brakes first, then what was ordered, the next to end first."""
    found: list[dict[str, Any]] = []
    for automation, why in connection.execute(
        "SELECT automation, frozen FROM standing WHERE frozen <> '' ORDER BY automation"
    ):
        since = _last(connection, automation)
        found.append(
            {
                "id": mark("a", automation),
                "what": f"automation {automation}",
                "why": why,
                "since": since or now,
                "automation": automation,
                "releasable": True,
            }
        )
    for target, symptom, since in connection.execute(
        "SELECT target, symptom, since FROM brake WHERE since IS NOT NULL ORDER BY since DESC LIMIT 1000"
    ):
        found.append(
            {
                "id": mark("k", target, symptom),
                "what": f"{target}, against {symptom}",
                "why": "its tries are used up, and nothing helped",
                "since": since,
                "releasable": True,
            }
        )
    declared: list[dict[str, Any]] = [
        {
            "id": mark("c", name),
            "what": one.on or "everything",
            "why": one.because,
            "who": f"owner {one.owner}",
            "since": one.starts.timestamp(),
            "ends": one.ends.timestamp(),
        }
        for name, one in config.freeze.items()
    ]
    both = declared + ordered(connection)
    in_force = [one for one in both if one["since"] <= now and (one["ends"] is None or now < one["ends"])]
    return found + sorted(in_force, key=lambda one: one["ends"] or float("inf"))


def ordered(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """:class:`.act_board.Freeze`: those that persons ordered and nobody lifted, the newest last.
    What the catalogue declares ends there."""
    return [
        {
            "id": f"w{number}",
            "what": on or "everything",
            "why": why,
            "who": who,
            "since": starts,
            "ends": ends,
            "releasable": True,
        }
        for number, on, who, why, starts, ends in connection.execute(
            "SELECT id, selector, who, because, starts, ends FROM freeze WHERE lifted IS NULL ORDER BY id"
        )
    ]


def _last(connection: sqlite3.Connection, automation: str) -> float:
    row = connection.execute(
        "SELECT MAX(finished) FROM intent WHERE automation = ?", (automation,)
    ).fetchone()
    return float(row[0] or 0.0)


def brakes(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Those that are on: target and symptom."""
    return connection.execute("SELECT target, symptom FROM brake WHERE since IS NOT NULL").fetchall()


def open_glasses(glasses: Iterable[Glass], time: float) -> list[dict[str, Any]]:
    """:class:`.act_board.Breakglass`: those that are open at `time`."""
    return [
        {"id": f"b{one.id}", "who": one.who, "reason": one.because, "since": one.at, "ends": one.ends}
        for one in glasses
        if breakglass.stands(one, time)
    ]


def reviews(
    glasses: Iterable[Glass], automations: Iterable[dict[str, Any]], config: Config
) -> list[dict[str, Any]]:
    """:class:`.act_board.Review`, the next due first. Without an id it is closed elsewhere."""
    found = [
        {
            "id": f"b{one.id}",
            "what": f"break-glass b{one.id} of {one.who}",
            "owner": top_owner(config.owner),
            "due": one.ends + REVIEW,
            "why": f"another than {one.who} must say what was found: {one.because}",
        }
        for one in glasses
    ]
    found += [
        {
            "id": "",
            "what": f"automation {one['name']}",
            "owner": one["owner"],
            "due": end_of(config.automation[one["name"]].review),
            "why": "until its owner has looked and gives it a new review date, it only suggests",
        }
        for one in automations
        if one["overdue"]
    ]
    return sorted(found, key=lambda one: float(one["due"]))


def proofs(connection: sqlite3.Connection, guards: Iterable[str]) -> list[dict[str, Any]]:
    """:class:`.act_board.Proof`, one for each guard in force and for each that ever was."""
    known = {
        guard: {
            "guard": guard,
            "denied": bool(denied),
            "at": at,
            "due": at + WEEK,
            "words": "" if denied else reason,
        }
        for guard, at, denied, reason in connection.execute("SELECT guard, at, denied, reason FROM proof")
    }
    return [known.get(name, {"guard": name, "denied": False}) for name in dict.fromkeys([*guards, *known])]


def unexplained(connection: sqlite3.Connection, now: float) -> list[dict[str, Any]]:
    """:class:`.act_board.Unexplained` of the last day, newest first. Only what should have gone
    through the gate: of what nobody declared an act for, the ledger tells."""
    day = f"SELECT id, body FROM ledger_entry WHERE {UNEXPLAINED} ORDER BY id DESC LIMIT ?"  # noqa: S608 - fixed words
    rows = connection.execute(
        f"SELECT body FROM ({day}) WHERE instr(body, ?) = 0 ORDER BY id DESC LIMIT ?",  # noqa: S608 - fixed words
        (OF_A_DAY, b'"covered":0', EFFECTS),
    )
    found: list[dict[str, Any]] = []
    for (body,) in rows:
        entry = decode(body)
        if entry.at < now - LATELY:
            break
        if entry.kind != "unexplained":
            continue
        names = [one.partition(":")[2] for one in entry.about if one.startswith("component:")]
        owners = [one.partition(":")[2] for one in entry.about if one.startswith("owner:")]
        effects = entry.body.get("effects")
        said = [str(one.get("what", "")) for one in effects if isinstance(one, dict)] if effects else []
        count = int(entry.body.get("covered", entry.body.get("count", 1)))
        words = said[0] if said else str(entry.body.get("why", "an effect that no intent explains"))
        found.append(
            {
                "at": entry.at,
                "component": names[0] if names else "",
                "effect": words + (f", and {count - 1:,} more" if count > 1 else ""),
                "owner": owners[0] if owners else "",
            }
        )
    return found
