"""Who may do what, and uses it: automations, functions, grants, principals."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gadfly.act.automation import IRREVERSIBLE, LEVELS, lower, split_run
from gadfly.act.grants import selector
from gadfly.act.ladder.autonomy import EARNED
from gadfly.act.plans import planning
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.stores import Stores
from gadfly.config.act import Automation, Grant
from gadfly.monitor.subject import Subject

NAMED = 1_000
"""Components that are listed of what an automation may touch; of more only how many."""
DUTIES = {"act": "act", "approve": "approve", "silence": "silence", "reload": "edit-check", "admin": "*"}
"""Scopes of tokens, as the duties that a grant names."""


class Given(NamedTuple):
    """One line of a grant."""

    id: str
    to: str
    action: str
    argument: str
    grant: Grant
    """Of which it is a line."""


def facts(stores: Stores) -> Tables:
    """The tables `automation`, `function`, `grant` and `principal`."""
    return together(_automations(stores), _functions(stores), _grants(stores), _principals(stores))


def _automations(stores: Stores) -> Columns:
    found = Columns("automation")
    rows = stores.connection.execute(
        "SELECT s.automation, s.level, i.at FROM standing s LEFT JOIN intent i ON i.id = s.since"
    )
    earned = {name: (level, at) for name, level, at in rows}
    for name, one in stores.config.automation.items():
        level, since = earned.get(name, (EARNED, None))
        touches = touched(one, stores.subjects)
        found.add(
            name=name,
            owner=one.owner,
            function=one.run,
            level=LEVELS.index(lower(one.level, level)),
            level_since=since,
            target_limit=one.limits.at_once,
            can_touch=touches[:NAMED] if len(touches) <= NAMED else None,
        )
    return found


def touched(automation: Automation, subjects: Sequence[Subject]) -> list[str]:
    """The components on which it may act now."""
    if not automation.on and not automation.targets:
        return []
    return [one.name for one in planning.wanted(automation, subjects)]


def _functions(stores: Stores) -> Columns:
    """What automations run, and the functions of the catalogue."""
    found = Columns("function")
    row = stores.connection.execute("SELECT denied FROM proof WHERE guard = 'targets'").fetchone()
    refuses = None if row is None else bool(row[0])
    said: set[str] = set()
    for one in stores.config.automation.values():
        if one.run in said:
            continue
        said.add(one.run)
        found.add(
            name=one.run,
            owner=one.owner,
            destructive=one.destructive,
            reversible=one.undo != IRREVERSIBLE,
            rollback=None if one.undo == IRREVERSIBLE else one.undo,
            post_condition=one.expect or None,
            refuses_empty=refuses,
        )
    used = dict(stores.connection.execute("SELECT function, COUNT(*) FROM function_use GROUP BY 1"))
    deployed = dict(stores.connection.execute("SELECT function, MIN(at) FROM function_version GROUP BY 1"))
    for name, function in stores.config.function.items():
        found.add(
            name=name,
            owner=function.owner,
            role=f"function:{name}",
            permissions=len(function.grants),
            permissions_used=used.get(name, 0),
            since=deployed.get(name),
        )
    return found


def lines(stores: Stores) -> Iterator[Given]:
    """Every line of every grant that permits, for each of those to whom it is given."""
    for name, one in stores.config.grant.items():
        several = len(one.to) * len(one.may) > 1
        for to in one.to:
            for may in one.may:
                action, argument = split_run(may)
                yield Given(f"{name} {to} {may}" if several else name, to, action, argument or "*", one)


def _grants(stores: Stores) -> Columns:
    found = Columns("grant")
    counts: dict[tuple[str, str], int] = {}
    given = iter(lines(stores))
    for one in stores.config.grant.values():
        if (one.on, one.owner) not in counts:
            counts[one.on, one.owner] = _covered(one.on, one.owner, stores.subjects)
        for to in one.to:
            for may in one.may:
                line = next(given)
                found.add(
                    id=line.id,
                    principal=stores.principal(to),
                    person=stores.person(to) if to.startswith("person:") and not to.endswith("*") else None,
                    owner=one.owner,
                    function=may,
                    scope=one.on or f"all of {one.owner}",
                    targets=counts[one.on, one.owner],
                    by_labels=bool(one.on) and "component" not in one.on,
                    wildcard=line.action == "*" or line.action.endswith(":*") or to.endswith("*"),
                    purpose=one.because,
                    since=None if one.since is None else one.since.timestamp(),
                    expires=one.until.timestamp(),
                )
    for name, function in stores.config.function.items():
        review = _end(function.review)
        for text in function.grants:
            verb, _, scope = text.partition(" ")
            found.add(
                id=f"{name} {text}",
                principal=f"function:{name}",
                owner=function.owner,
                function=verb,
                scope=scope or None,
                wildcard="*" in scope,
                purpose=function.purpose,
                review=review,
                # It is good until its owner looks at it again; who does not look lets it go on without end.
                expires=review if review is not None and review > stores.now else None,
            )
    _tokens(found, stores)
    return found


def _tokens(found: Columns, stores: Stores) -> None:
    rows = stores.connection.execute("SELECT name, scopes, created, expires, person FROM token")
    for name, scopes, created, expires, person in rows:
        for scope in _scopes(scopes):
            duty = DUTIES.get(scope.partition(":")[0])
            if duty is None:
                continue
            found.add(
                id=f"token {name} {scope}",
                principal=stores.principal(f"person:{person}" if person else f"program:{name}"),
                person=stores.person(person),
                owner=scope.partition(":")[2] or None,
                function=duty,
                scope=scope.partition(":")[2] or None,
                wildcard=duty == "*",
                since=created,
                expires=expires,
            )


def _scopes(text: str) -> list[str]:
    """Of a token's row."""
    if text.startswith("["):
        return [str(one) for one in json.loads(text)]
    return text.replace(",", " ").split()


def _principals(stores: Stores) -> Columns:
    found = Columns("principal")
    said: set[str] = set()
    rows = stores.connection.execute("SELECT name, person, MIN(created) FROM token GROUP BY name, person")
    for name, person, created in rows.fetchall():
        principal = stores.principal(f"person:{person}" if person else f"program:{name}")
        if principal not in said:
            said.add(principal)
            found.add(name=principal, since=created)
    for name, one in stores.config.automation.items():
        found.add(name=f"automation:{name}", owner=one.owner)
    for name, function in stores.config.function.items():
        found.add(name=f"function:{name}", owner=function.owner)
    return found


def _covered(on: str, owner: str, subjects: Sequence[Subject]) -> int:
    """Components that a grant covers now."""
    if on:
        chosen = selector.parse(on)
        return sum(chosen(one) for one in subjects)
    return sum(not owner or one.owner == owner for one in subjects)


def _end(day: dt.date | None) -> float | None:
    return None if day is None else dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
