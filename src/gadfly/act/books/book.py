"""The gate's book: a plan is judged, and what is allowed written down, in one transaction before any effect.

Theory of operation. The caller has begun a transaction that locks the store for writing (`Database.write`
does, or ``BEGIN IMMEDIATE``). Inside it the situation is read, the guards are asked, the decision and the
intent are appended to the ledger, and what the act uses is reserved. Nobody else can decide in between, so
two gates on one file cannot both spend the last of a budget; and whoever ends the process at any point leaves
either all of it or nothing. An effect needs a capability, a capability needs a committed intent: no append,
no effect.

What is reserved stays used until somebody other than the actor has measured the outcome. An intent whose time
is over without an outcome is *unknown*, and unknown counts as used.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import msgspec

from gadfly.act.approvals import approving
from gadfly.act.books.outcome import (
    Outcome,
    finish,
    lapse,
    verified_in,
)
from gadfly.act.books.reading import read, symptom
from gadfly.act.books.saying import REASON, about, body
from gadfly.act.books.transaction import Appends, whole
from gadfly.act.clock import latest
from gadfly.act.gate import Decision, Intent, Refusal, decide
from gadfly.act.guard import GUARDS, Guard
from gadfly.act.halt import stop, stop_book
from gadfly.act.ladder.standing_book import belongs
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry, rfc3339

__all__ = ["Outcome", "again", "finish", "lapse", "propose", "verified_in"]

REPEATED = 600.0
"""Seconds for which the same refusal of the same plan is not written again, only counted."""
WAITING = 1000
"""Plans that wait for a person at most: nobody reads more."""


def propose(
    connection: sqlite3.Connection,
    log: Appends,
    plan: Plan,
    seen: Situation,
    *,
    guards: Mapping[str, Guard] = GUARDS,
) -> Decision:
    """Decide, and write down the decision; where it is allowed, the intent with its reservations too.

    `seen` is what the node sees now; what is written is read here. What the ledger does not take is not
    decided: its error ends the transaction. StoreError outside of a transaction.
    """
    with whole(connection):
        belongs(connection, log, seen.terms, seen.now)
        situation = read(connection, plan, seen, guards)
        decision = decide(plan, situation, guards)
        time = situation.time
        latest.move(connection, situation)
        if decision.allowed:
            return _intend(connection, log, plan, situation, decision)
        _brake(connection, plan, situation, decision)
        entry = _refuse(connection, log, plan, decision, time)
        number = _wait(connection, plan, decision, situation) if decision.waits else None
        return msgspec.structs.replace(decision, entry=entry, request=number)


def again(
    connection: sqlite3.Connection,
    log: Appends,
    intent: int,
    left: Plan,
    seen: Situation,
    *,
    guards: Mapping[str, Guard] = GUARDS,
) -> Decision:
    """Ask the guards about the stages of an act that are left, before the next one. `left` is its plan with
    the remaining targets and fresh inputs; what the act holds itself is not counted against it.

    Yes and no are written down; the intent stays as it is, to be tried again or finished by the caller.
    """
    with whole(connection):
        row = connection.execute("SELECT state, body, entry FROM intent WHERE id = ?", (intent,)).fetchone()
        if row is None or row[0] != "open":
            raise Refused(f"Intent {intent} is not open: nothing more is done under it.", 409)
        allowed = msgspec.json.decode(row[1], type=Plan)
        if {one.name for one in left.targets} - {one.name for one in allowed.targets} or (
            left.action,
            left.argument,
            left.principal,
        ) != (allowed.action, allowed.argument, allowed.principal):
            raise Refused(
                f"This is not a part of what intent {intent} allows: propose it as another plan.", 409
            )
        situation = read(connection, left, seen, guards, intent)
        decision = decide(left, situation, guards)
        # A stop that was lifted meanwhile ends the act all the same: it was decided before.
        void = stop.refusal(stop_book.since(connection, row[2]), stop.act_of(left, row[2]))
        if void is not None and "stop" in guards and all(one.guard != "stop" for one in decision.refusals):
            decision = msgspec.structs.replace(decision, refusals=(*decision.refusals, Refusal("stop", void)))
        latest.move(connection, situation)
        if not decision.allowed:
            entry = _refuse(connection, log, left, decision, situation.time)
            return msgspec.structs.replace(decision, entry=entry)
        said = {**body(left, decision), "allowed": True, "intent": intent}
        subjects = (*about(left), f"intent:{intent}")
        one = Entry(kind="decision", who="node", about=subjects, body=said, at=situation.now)
        return msgspec.structs.replace(decision, entry=log.append(connection, [one])[0])


def _intend(
    connection: sqlite3.Connection,
    log: Appends,
    plan: Plan,
    situation: Situation,
    decision: Decision,
) -> Decision:
    time = situation.time
    (fence,) = connection.execute(
        "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'intent'), 0) + 1"
    ).fetchone()
    # Between one cell and the next it rests, which is no delay of the act: without this no act of three
    # would end.
    rests = max(0, len(plan.cells) - 1) if plan.disturbs or plan.destructive else 0
    ends = time + situation.rules.authority + rests * situation.rules.soak
    approved = approving.approvals(plan, situation)[:1]
    subjects = about(plan)
    said = body(plan, decision)
    decided = Entry(
        kind="decision", who="node", about=subjects, body={**said, "allowed": True}, at=situation.now
    )
    meant = Entry(
        kind="intent",
        who=plan.principal,
        about=(*subjects, f"intent:{fence}"),
        body={
            **said,
            "fence": fence,
            "argument": plan.argument,
            "parameters": plan.parameters,
            "cells": list(plan.cells),
            "cost": repr(plan.cost),
            "expect": plan.expect,
            "undo": plan.undo or "irreversible",
            "until": rfc3339(ends),
            "approved": [one.who for one in approved],
        },
        at=situation.now,
    )
    first = log.append(connection, [decided, meant])[0]
    connection.execute(
        "INSERT INTO intent (id, entry, plan, body, principal, automation, "
        "owner, action, symptom, cost, at, ends)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            fence,
            first + 1,
            decision.plan,
            msgspec.json.encode(plan),
            plan.principal,
            plan.automation,
            plan.owner,
            plan.action,
            plan.symptom,
            plan.cost,
            time,
            ends,
        ),
    )
    counted = symptom(plan)
    connection.executemany(
        "INSERT INTO reservation (intent, target, automation, action, argument, symptom, grp, cell,"
        " environment, disturbs, well, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                fence,
                one.name,
                plan.automation,
                plan.action,
                plan.argument,
                counted,
                one.group,
                one.cell,
                one.environment,
                plan.disturbs or plan.destructive,
                one.well,
                time,
            )
            for one in plan.targets
        ),
    )
    connection.executemany(
        "UPDATE approval SET intent = ? WHERE id = ?", ((fence, one.id) for one in approved)
    )
    connection.execute(
        "UPDATE request SET state = 'done' WHERE plan = ? AND state <> 'done'", (decision.plan,)
    )
    connection.execute("DELETE FROM refused WHERE plan = ?", (decision.plan,))
    intent = Intent(id=fence, entry=first + 1, plan=decision.plan, at=time, ends=ends)
    return msgspec.structs.replace(decision, entry=first, intent=intent)


def _refuse(connection: sqlite3.Connection, log: Appends, plan: Plan, decision: Decision, time: float) -> int:
    """Where the refusal stands: the same one within :data:`REPEATED` is counted, not written again."""
    names = " ".join(sorted(one.guard for one in decision.refusals))
    row = connection.execute(
        "SELECT guards, entry, times, at FROM refused WHERE plan = ?", (decision.plan,)
    ).fetchone()
    if row is not None and row[0] == names and 0 <= time - row[3] < REPEATED:
        connection.execute("UPDATE refused SET times = times + 1 WHERE plan = ?", (decision.plan,))
        return int(row[1])
    said = body(plan, decision)
    said["allowed"] = False
    said["refusals"] = [[one.guard, one.reason[:REASON]] for one in decision.refusals]
    if row is not None and row[2]:
        said["times_before"] = row[2]
    (entry,) = log.append(
        connection, [Entry(kind="decision", who="node", about=about(plan), body=said, at=time)]
    )
    connection.execute("DELETE FROM refused WHERE at < ?", (time - REPEATED,))
    connection.execute(
        "INSERT OR REPLACE INTO refused (plan, guards, entry, times, at) VALUES (?, ?, ?, 0, ?)",
        (decision.plan, names, entry, time),
    )
    return entry


def _wait(connection: sqlite3.Connection, plan: Plan, decision: Decision, situation: Situation) -> int | None:
    """The number under which the plan waits; None where too many wait already.

    What was approved and still lacks a consent waits on under its number, for that word alone.
    """
    time, lacks = situation.time, decision.words[:REASON]
    row = connection.execute(
        "SELECT id FROM request WHERE plan = ? AND state IN ('waiting', 'approved') AND ends > ?",
        (decision.plan, time),
    ).fetchone()
    if row is not None:
        connection.execute("UPDATE request SET lacks = ? WHERE id = ?", (lacks, row[0]))
        return int(row[0])
    (waiting,) = connection.execute(
        "SELECT COUNT(*) FROM request WHERE state = 'waiting' AND ends > ?", (time,)
    ).fetchone()
    if waiting >= WAITING:
        return None
    made = connection.execute(
        "INSERT INTO request (plan, body, principal, automation, owner, asked_by, lacks, at, ends)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            decision.plan,
            msgspec.json.encode(plan),
            plan.principal,
            plan.automation,
            plan.owner,
            plan.asker,
            lacks,
            time,
            time + situation.rules.approval,
        ),
    )
    return made.lastrowid


def _brake(connection: sqlite3.Connection, plan: Plan, situation: Situation, decision: Decision) -> None:
    """Where tries are used up the brake is on, until a person releases it."""
    if not any(one.guard == "attempts" for one in decision.refusals) or situation.terms is None:
        return
    limit = situation.terms.tries_per_target
    connection.executemany(
        "INSERT INTO brake (target, symptom, since) VALUES (?, ?, ?)"
        " ON CONFLICT (target, symptom) DO UPDATE SET since = excluded.since WHERE since IS NULL",
        (
            (name, symptom(plan), situation.time)
            for name, tried in situation.used.tries.items()
            if tried >= limit
        ),
    )
