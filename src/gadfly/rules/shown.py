"""Rules as people and programs see them: the objects of Prometheus' ``/api/v1/rules``, and what we add."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gadfly.promql.number import json_number
from gadfly.rules.active import Active
from gadfly.rules.go_value import number
from gadfly.rules.standing import GroupStanding, RuleStanding

NEVER = "0001-01-01T00:00:00Z"
ALERTS = 1000
"""Alerts of one rule that are listed."""

Wanted = Callable[[GroupStanding, RuleStanding], bool]


def moment(seconds: float | None) -> str:
    """RFC 3339, as Go writes it."""
    if seconds is None:
        return NEVER
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat().replace("+00:00", "Z")


def groups(standing: Sequence[GroupStanding], wanted: Wanted, *, more: bool) -> list[dict[str, Any]]:
    """The groups that have wanted rules. `more`: with owner, reason, and how near each is to firing."""
    found = []
    for group in sorted(standing, key=lambda one: (one.group.file, one.group.name)):
        rules = [one for one in group.rules if wanted(group, one)]
        if rules or not group.rules:
            found.append(
                {
                    "name": group.group.name,
                    "file": group.group.file,
                    "rules": [_rule(one, more) for one in rules],
                    "interval": group.interval,
                    "limit": group.group.limit,
                    "evaluationTime": group.took,
                    "lastEvaluation": moment(group.at if group.turns else None),
                }
            )
    return found


def _rule(one: RuleStanding, more: bool) -> dict[str, Any]:
    rule = one.rule
    health = "err" if one.error else "ok" if one.at is not None else "unknown"
    shared: dict[str, Any] = {
        "name": rule.name,
        "query": rule.text,
        "labels": {name: value.text for name, value in rule.labels},
        "health": health,
        "evaluationTime": one.took,
        "lastEvaluation": moment(one.at),
        "type": "recording" if rule.records else "alerting",
    }
    if one.error:
        shared["lastError"] = one.error
    if more:
        shared |= {"owner": rule.owner, "because": rule.because, "review": rule.review}
    if rule.records:
        return shared
    active = sorted(one.alerts.standing(), key=lambda alert: (alert.firing is None, alert.since))
    shared |= {
        "state": max((alert.state for alert in active), key=_ORDER.index, default="inactive"),
        "duration": rule.hold,
        "keepFiringFor": rule.keep,
        "annotations": {name: value.text for name, value in rule.annotations},
        "alerts": [alert_of(alert) for alert in active[:ALERTS]],
    }
    if more:
        shared["near"] = [
            {**msgspec.structs.asdict(near), "value": number(near.value), "threshold": number(near.threshold)}
            for near in one.near
        ]
        shared["count"] = len(active)
    return shared


_ORDER = ("inactive", "pending", "firing")


def alert_of(one: Active) -> dict[str, Any]:
    """One alert of a rule."""
    found = {
        "labels": one.labels,
        "annotations": one.annotations,
        "state": one.state,
        "activeAt": moment(one.since),
        "value": exponent(one.value),
    }
    if one.keeping is not None:
        found["keepFiringSince"] = moment(one.keeping)
    return found


def exponent(value: float) -> str:
    """As Go's `FormatFloat(value, 'e', -1, 64)`: `1.5e+03`."""
    if value != value or value in (float("inf"), float("-inf")):
        return json_number(value)
    digits, _, power = f"{value:e}".partition("e")
    shortest = repr(value)
    for places in range(17):
        digits, _, power = f"{value:.{places}e}".partition("e")
        if float(f"{digits}e{power}") == float(shortest):
            break
    return f"{digits}e{power}"
