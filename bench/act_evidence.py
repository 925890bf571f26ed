"""What the ledger says against what the observer saw: every effect must have had its intent before it.

This knows nothing of the gate: it reads the ledger's entries as they are committed, replays the ledger's tree and
signatures, and compares. It must find planted effects, too; a check that cannot fail proves nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from act_life import KEY, ORIGIN
from gadfly.ledger import note
from gadfly.ledger.audit import audit
from gadfly.ledger.entry import seconds
from gadfly.ledger.log import Log

SKEW = 1000.0
"""Seconds of simulated time between acts that are in flight together."""
AUTHORITY = 900.0
"""Seconds between an intent and the end that its entry names (`gate.authority`)."""


class Intent(NamedTuple):
    """An intent as the ledger has it."""

    index: int
    allowed: bool
    targets: frozenset[str]
    text: str


class Found(NamedTuple):
    """What one folder shows."""

    effects: int
    intents: int
    entries: int
    unexplained: int
    """Effects without an intent that was allowed and committed before them, for this target and this action."""
    twice: int
    """Effects that one intent had twice on one target."""
    problems: int
    """What the audit of the ledger found."""
    unmatched: int
    """Intents in the ledger without their row, or rows without their entry."""
    missed: int
    """Effects that were planted and that the check did not find."""


def examine(folder: Path) -> Found:
    """Look at one folder after its lives."""
    connection = sqlite3.connect(folder / "gadfly.db", isolation_level=None)
    log = Log(ORIGIN, KEY)
    connection.execute("BEGIN IMMEDIATE")
    log.checkpoint(connection)
    connection.execute("COMMIT")
    intents = _intents(connection)
    seen: set[tuple[str, ...]] = set()
    unexplained = twice = 0
    path = folder / "effects"
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines:
        unexplained += not _explained(line, intents)
        which = tuple(line.split(" ", 2)[:2])
        twice += which in seen
        seen.add(which)
    missed = sum(_explained(line, intents) for line in _planted(lines))
    report = audit(connection, note.verifier_of(ORIGIN, KEY), skew=SKEW)
    rows = {
        number: (entry, plan)
        for number, entry, plan in connection.execute("SELECT id, entry, plan FROM intent")
    }
    unmatched = sum(1 for number, one in intents.items() if rows.get(number, (None,))[0] != one.index)
    unmatched += len(rows.keys() - intents.keys())
    connection.close()
    return Found(
        len(lines),
        len(intents),
        report.entries,
        unexplained,
        twice,
        len(report.problems) + report.further,
        unmatched,
        missed,
    )


def _explained(line: str, intents: dict[int, Intent]) -> bool:
    """Whether an effect had its intent: allowed, committed before it, for this target and this action."""
    fence, component, size, text = line.split(" ", 3)
    intent = intents.get(int(fence))
    return (
        intent is not None
        and intent.allowed
        and intent.index < int(size)
        and component in intent.targets
        and text == intent.text
    )


def _planted(lines: list[str]) -> list[str]:
    """Effects that nobody allowed, made from the last one that was: each is wrong in one way only."""
    if not lines:
        return []
    fence, component, size, text = lines[-1].split(" ", 3)
    return [
        f"999999999 {component} {size} {text}",  # no such intent
        f"{fence} somebody-else {size} {text}",  # another target
        f"{fence} {component} 0 {text}",  # before its intent
        f"{fence} {component} {size} {text} --force",  # another action
    ]


def _intents(connection: sqlite3.Connection) -> dict[int, Intent]:
    found: dict[int, Intent] = {}
    allowed: dict[int, str] = {}
    for index, text in connection.execute("SELECT id, body FROM ledger_entry ORDER BY id"):
        entry: dict[str, Any] = json.loads(text)
        body = entry["body"]
        if entry["kind"] == "decision" and body["allowed"]:
            allowed[index] = body["plan"]
        elif entry["kind"] == "intent":
            found[body["fence"]] = Intent(
                index,
                allowed.get(index - 1) == body["plan"],
                frozenset(body["targets"]),
                f"{body['action'].partition(':')[2]} {body['argument']}",
            )
    return found


class Limits(NamedTuple):
    """What one automation may use."""

    at_once: int
    per_hour: int
    cost: float


class _Run(NamedTuple):
    at: float
    cost: float
    fence: int


def exceeded(folder: Path, limits: dict[str, Limits]) -> tuple[int, dict[str, float], int]:
    """Replay the intents and outcomes of a ledger in its order.

    How often a budget was exceeded, the most that was ever used of each as a share of its limit, and intents.
    """
    connection = sqlite3.connect(folder / "gadfly.db")
    held: dict[str, dict[int, int]] = defaultdict(dict)
    past: dict[str, list[_Run]] = defaultdict(list)
    over, count = 0, 0
    most = {"at once": 0.0, "an hour": 0.0, "cost": 0.0}
    for (text,) in connection.execute("SELECT body FROM ledger_entry ORDER BY id"):
        entry: dict[str, Any] = json.loads(text)
        body = entry["body"]
        if entry["kind"] == "outcome" and body["state"] != "unknown":
            fence = int(
                next(one for one in entry["about"] if one.startswith("intent:")).removeprefix("intent:")
            )
            for one in held.values():
                one.pop(fence, None)
            if body["state"] == "cancelled":  # nothing was begun, so nothing was spent
                for name, runs in past.items():
                    past[name] = [run._replace(cost=0.0) if run.fence == fence else run for run in runs]
        elif entry["kind"] == "intent":
            count += 1
            name = entry["who"]
            limit = limits[name]
            at = seconds(body["until"]) - AUTHORITY
            held[name][body["fence"]] = body["count"]
            past[name] = [one for one in past[name] if one.at > at - 3600.0]
            past[name].append(_Run(at, float(body["cost"]), body["fence"]))
            used = {
                "at once": sum(held[name].values()) / limit.at_once,
                "an hour": len(past[name]) / limit.per_hour,
                "cost": sum(one.cost for one in past[name]) / limit.cost,
            }
            over += sum(share > 1 + 1e-9 for share in used.values())
            most = {what: max(most[what], share) for what, share in used.items()}
    connection.close()
    return over, most, count
