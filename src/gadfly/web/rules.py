"""Handlers: rules and their alerts, in the form of Prometheus' HTTP API."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from gadfly.alert.shown import Alert
from gadfly.rules import shown
from gadfly.rules.standing import GroupStanding, RuleStanding
from gadfly.web import prometheus
from gadfly.web.prometheus import failure
from gadfly.web.route import Call, shape

KINDS = {"": None, "alert": False, "record": True}


async def rules(call: Call) -> Response:
    """The groups and their rules. Under ``/api/v1`` with what is ours beside it."""
    asked = call.request.query_params
    kind = asked.get("type", "").strip().lower()
    if kind not in KINDS:
        return failure("bad_data", f'invalid parameter "type": not supported value "{kind[:40]}"')
    records = KINDS[kind]
    names, groups, files = (
        frozenset(asked.getlist(f"{field}[]")) for field in ("rule_name", "rule_group", "file")
    )

    def wanted(group: GroupStanding, one: RuleStanding) -> bool:
        return (
            (records is None or one.rule.records is records)
            and (not names or one.rule.name in names)
            and (not groups or group.group.name in groups)
            and (not files or group.group.file in files)
        )

    more = not call.request.url.path.startswith("/prometheus/")
    found = shown.groups(call.node.rules.groups(), wanted, more=more)
    if names or groups or files or records is not None:
        found = [one for one in found if one["rules"]]
    data = msgspec.json.encode({"groups": found})
    return Response(prometheus.success(data), 200, None, "application/json")


async def alerts(call: Call) -> Response:
    """What is pending or fires: of rules, of components (`ComponentDown`), and what others reported."""
    of_rules = [
        shown.alert_of(alert)
        for group in call.node.rules.groups()
        for one in group.rules
        for alert in one.alerts.standing()
    ]
    others = [shape(one, Alert) for one in await call.node.alerts("firing")]
    found = [*of_rules, *(_alert(one) for one in others if not one.source.startswith("rule:"))]
    data = msgspec.json.encode({"alerts": found})
    return Response(prometheus.success(data), 200, None, "application/json")


def _alert(one: Alert) -> dict[str, Any]:
    named = one.labels or {
        "alertname": f"Component{one.verdict.capitalize()}",
        "component": one.component,
        "owner": one.owner,
        "verdict": one.verdict,
    }
    return {
        "labels": {key: word for key, word in named.items() if word},
        "annotations": one.annotations or {"summary": one.reason},
        "state": "firing",
        "activeAt": prometheus.moment(one.started),
        "value": "1e+00",
    }
