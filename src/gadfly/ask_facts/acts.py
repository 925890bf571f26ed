"""Acts, words about them, guards and uses: from the gate's tables and the ledger."""

from __future__ import annotations

import bisect
import math
import sqlite3
from functools import partial
from typing import Any, NamedTuple

import msgspec

from gadfly.act.grants.filled import filled
from gadfly.act.grants.grant import Rule, Rules
from gadfly.act.grants.policy import Request
from gadfly.act.guard import GUARDS
from gadfly.act.plan import Plan, Target
from gadfly.ask_facts.alerts import PAST
from gadfly.ask_facts.authority import lines
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.rehearsals import drills
from gadfly.ask_facts.stores import Stores
from gadfly.ledger.entry import Entry

DAY = 86_400.0
OUTCOMES = {"verified": "verified", "failed": "failed", "partial": "unverified", "unknown": "unknown"}

_plan = msgspec.json.Decoder(Plan).decode


class Passed(NamedTuple):
    """How many passed the gate on one day, and when the last of them did."""

    acts: int
    last: float


def facts(stores: Stores) -> Tables:
    """The tables `action`, `approval`, `guard`, `request`, `drill` and `use`."""
    since = stores.now - PAST
    actions, uses = Columns("action"), Columns("use")
    passed = _intents(actions, uses, stores, since)
    _suggested(actions, stores, since)
    requests = _requests(actions, stores, passed, since)
    _past_the_gate(actions, stores, since)
    _function_uses(uses, stores)
    return together(actions, _approvals(stores, since), _guards(stores), requests, drills(stores), uses)


def _intents(actions: Columns, uses: Columns, stores: Stores, since: float) -> dict[int, Passed]:
    """What was done; by day what passed the gate."""
    passed: dict[int, Passed] = {}
    came = _alerts_of(stores.connection, since)
    policy = _policy(stores)
    rows = stores.connection.execute(
        "SELECT id, body, principal, automation, at, state, finished FROM intent WHERE at > ? ORDER BY id",
        (since,),
    )
    for number, body, principal, automation, at, state, finished in rows:
        day = passed.get(int(at // DAY), Passed(0, at))
        passed[int(at // DAY)] = Passed(day.acts + 1, max(at, day.last))
        plan = _plan(body)
        if state == "cancelled" or plan.letter or not plan.targets:
            continue
        target = plan.targets[0].name
        symptoms = came.get(target, ())
        back = _after(symptoms, finished) if finished is not None else None
        firing = [one for one in symptoms if one[0] <= at and (one[1] is None or one[1] >= at)]
        outcome = OUTCOMES.get(state)
        declared = stores.config.automation.get(automation)
        actions.add(
            id=f"i{number}",
            at=at,
            automation=automation or None,
            function=f"{plan.action} {plan.argument}".strip(),
            actor=stores.principal(principal),
            actor_kind=principal.partition(":")[0],
            mode="real",
            target=target,
            targets=len(plan.targets),
            fleet=len(plan.targets) / len(stores.subjects) if stores.subjects else None,
            target_limit=declared.limits.at_once if declared is not None else None,
            planned=[one.name for one in plan.targets],
            planned_at=plan.made,
            alert=f"a{firing[-1][2]}" if firing else None,
            trigger=plan.symptom or plan.trigger or None,
            outcome=outcome,
            finished=finished if outcome else None,
            back=back,
            recovered=firing[-1][1] if firing else None,
            owner=plan.owner or None,
        )
        for one in plan.targets:
            uses.add(
                **{"class": plan.symptom or plan.trigger or None},
                grant=_grant(policy, principal, plan, one, at),
                principal=stores.principal(principal),
                at=at,
                function=plan.action,
                target=one.name,
            )
    return passed


def _alerts_of(
    connection: sqlite3.Connection, since: float
) -> dict[str, list[tuple[float, float | None, int]]]:
    """Of each component when its verdict began to be bad, until when, and the alert's number."""
    found: dict[str, list[tuple[float, float | None, int]]] = {}
    rows = connection.execute(
        "SELECT component, since, resolved, id FROM alert WHERE since > ? ORDER BY since", (since,)
    )
    for component, began, resolved, number in rows:
        found.setdefault(component, []).append((began, resolved, number))
    return found


def _after(alerts: Any, at: float) -> float | None:
    """When the next one began."""
    place = bisect.bisect_right(alerts, (at, float("inf")))
    return alerts[place][0] if place < len(alerts) else None


def _policy(stores: Stores) -> Rules:
    """The grants as the gate asks them, each line by its id."""
    return Rules(
        (
            one.to,
            Rule(
                name=one.id,
                action=one.action,
                argument=one.argument,
                on=one.grant.on,
                owner=one.grant.owner,
                until=math.inf,  # one that is given anew from day to day is the same grant
            ),
        )
        for one in lines(stores)
    )


def _grant(policy: Rules, principal: str, plan: Plan, target: Target, at: float) -> str | None:
    """The grant by which this was allowed, as the catalogue is now; None: by none, as an automation has its
    own leave."""
    request = Request(
        principal=principal,
        action=plan.action,
        argument=plan.argument,
        filled=partial(filled, plan, target),
        target=target,
        at=at,
    )
    return policy.evaluate(request).by or None


def _suggested(actions: Columns, stores: Stores, since: float) -> None:
    """Plans of automations that waited for a word."""
    rows = stores.connection.execute(
        "SELECT id, body, principal, automation, owner, at, ends, state FROM request"
        " WHERE at > ? AND automation <> '' ORDER BY id",
        (since,),
    )
    for number, body, principal, automation, owner, at, ends, state in rows:
        plan = _plan(body)
        over = state != "waiting"
        actions.add(
            id=f"r{number}",
            at=at,
            automation=automation,
            function=f"{plan.action} {plan.argument}".strip(),
            actor=stores.principal(principal),
            actor_kind=principal.partition(":")[0],
            mode="suggested",
            target=plan.targets[0].name if plan.targets else None,
            targets=len(plan.targets),
            planned=[one.name for one in plan.targets],
            planned_at=plan.made,
            trigger=plan.symptom or plan.trigger or None,
            finished=min(ends, stores.now) if over else None,
            unchanged=state == "done" if over else None,
            owner=owner or None,
        )


def _by_hand(connection: sqlite3.Connection, since: float) -> dict[tuple[str, str], list[float]]:
    """By target and action when a person did it."""
    found: dict[tuple[str, str], list[float]] = {}
    rows = connection.execute(
        "SELECT r.target, r.action, r.at FROM reservation r JOIN intent i ON i.id = r.intent"
        " WHERE r.at > ? AND i.principal LIKE 'person:%' AND i.state <> 'cancelled' ORDER BY r.at",
        (since,),
    )
    for target, action, at in rows:
        found.setdefault((target, action), []).append(at)
    return found


def _done_anyhow(hands: dict[tuple[str, str], list[float]], entry: Entry) -> float | None:
    """When a person did what was refused here, within a day."""
    action = str(entry.body.get("action", ""))
    done: list[float] = []
    for subject in entry.about:
        kind, _, name = subject.partition(":")
        if kind == "component":
            done += [at for at in hands.get((name, action), ()) if entry.at <= at <= entry.at + DAY]
    return min(done, default=None)


def _requests(actions: Columns, stores: Stores, passed: dict[int, Passed], since: float) -> Columns:
    """What the guards were asked: by day how many they let pass, each refusal, and their proofs."""
    found = Columns("request")
    hands = _by_hand(stores.connection, since)
    for count, last in passed.values():
        for guard in GUARDS:
            found.add(guard=guard, at=last, denied=False, synthetic=False, count=count)
    for number, entry in enumerate(stores.entries):
        body = entry.body
        if entry.kind == "proof":
            for guard in body.get("denied", ()):
                found.add(guard=guard, at=entry.at, denied=True, synthetic=True)
            for guard in body.get("failed", ()):
                found.add(guard=guard, at=entry.at, denied=False, synthetic=True)
        elif entry.kind == "decision" and body.get("allowed") is False:
            refusals = [one[0] for one in body.get("refusals", ())]
            by_hand = _done_anyhow(hands, entry)
            for guard in refusals:
                found.add(guard=guard, at=entry.at, denied=True, synthetic=False, by_hand=by_hand)
            _blocked(actions, entry, number, refusals, by_hand)
    return found


def _blocked(actions: Columns, entry: Entry, number: int, refusals: list[str], by_hand: float | None) -> None:
    about = [one.partition(":") for one in entry.about]
    targets = [name for kind, _, name in about if kind == "component"]
    automation = next((name for kind, _, name in about if kind == "automation"), None)
    actions.add(
        id=f"b{number}-{entry.at:.0f}",
        at=entry.at,
        automation=automation,
        function=f"{entry.body.get('action', '')} {entry.body.get('argument', '')}".strip() or None,
        mode="blocked",
        target=targets[0] if targets else None,
        targets=len(targets) or None,
        denied_by=refusals[0] if refusals else None,
        by_hand=by_hand,
        owner=next((name for kind, _, name in about if kind == "owner"), None),
    )


def _past_the_gate(actions: Columns, stores: Stores, since: float) -> None:
    rows = stores.connection.execute(
        "SELECT id, who, at, reviewed FROM breakglass WHERE at > ? OR reviewed IS NULL", (since,)
    )
    for number, who, at, reviewed in rows:
        actions.add(
            id=f"g{number}",
            at=at,
            actor=stores.principal(who),
            actor_kind=who.partition(":")[0],
            mode="real",
            breakglass=True,
            reviewed=reviewed,
        )


def _approvals(stores: Stores, since: float) -> Columns:
    """Words that were given, and those that were refused, which only the ledger remembers."""
    found = Columns("approval")
    asked = {
        number: (at, automation, who, owner)
        for number, at, automation, who, owner in stores.connection.execute(
            "SELECT id, at, automation, asked_by, owner FROM request WHERE at > ?", (since,)
        )
    }
    for number, entry in enumerate(stores.entries):
        what, request = entry.body.get("what"), entry.body.get("request")
        if entry.kind != "approval" or what not in ("approved", "denied") or request not in asked:
            continue
        at, automation, who, owner = asked[request]
        found.add(
            id=f"r{request}-{number}",
            requester=stores.person(who),
            approver=stores.person(entry.who),
            owner=owner or None,
            automation=automation or None,
            asked=at,
            decided=entry.at,
            granted=what == "approved",
            edited=False,
        )
    return found


def _guards(stores: Stores) -> Columns:
    """Those of the gate; each refuses for all automations together."""
    found = Columns("guard")
    if stores.config.automation or stores.config.grant:
        for name in GUARDS:
            found.add(name=name)
    return found


def _function_uses(uses: Columns, stores: Stores) -> None:
    """The first and the last use of each line; those between are only counted."""
    rows = stores.connection.execute("SELECT function, line, first, last FROM function_use")
    for function, line, first, last in rows:
        for at in {first, last}:
            uses.add(
                grant=f"{function} {line}",
                principal=f"function:{function}",
                at=at,
                function=line.partition(" ")[0],
            )
    for name, person, used in stores.connection.execute("SELECT name, person, used FROM token"):
        if used is not None:
            uses.add(principal=stores.principal(f"person:{person}" if person else f"program:{name}"), at=used)
