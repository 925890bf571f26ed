"""A rule that forbids is edited so that it cannot be evaluated."""

from __future__ import annotations

import random
from pathlib import Path

from gadfly.act.grants.grant import Rule, Rules
from gadfly.act.grants.policy import Request
from gadfly.act.grants.selector import parse
from gadfly.act.plan import Target
from scenario.attack import START, Attack, Found

BROKEN = (
    'group = "database',
    'group ~ "database"',
    'group =~ "(a+)+$"',
    '(group = "database"',
    "=",
    'x = "(',
)


def asked() -> Request:
    target = Target(name="database-001", owner="data", group="database")
    return Request(principal="program:agent", action="database:drop", argument="x", target=target, at=START)


def policy(selector: str, *, skips: bool = False) -> Rules:
    """One rule that permits and one that forbids. `skips`: an engine that leaves out what it cannot evaluate, as
    some do."""
    permit = Rule(name="permit", action="database:*", owner="data", until=START + 3600)
    forbid = Rule(name="forbid", forbids=True, action="database:*", on=selector, until=START + 3600)
    found = [("program:agent", permit), ("*", forbid)]
    return Rules([one for one in found if not skips or evaluates(one[1])])


def evaluates(rule: Rule) -> bool:
    try:
        parse(rule.on)
    except ValueError:
        return False
    return True


def run(folder: Path, dice: random.Random) -> Found:
    elsewhere = policy('group = "elsewhere"')
    control = elsewhere.evaluate(asked()).permitted and not policy("").evaluate(asked()).permitted
    verdicts = [policy(selector).evaluate(asked()) for selector in BROKEN]
    return Found(
        tried=len(BROKEN),
        detected=sum(not one.permitted and bool(one.errors) for one in verdicts),
        control=control,
        bare=len(BROKEN),
        unnoticed=sum(policy(selector, skips=True).evaluate(asked()).permitted for selector in BROKEN),
        words=verdicts[0].because,
    )


ATTACK = Attack(
    name="L9",
    title="A rule that forbids is made one that fails",
    by="the evaluator: what cannot be evaluated denies",
    run=run,
)
