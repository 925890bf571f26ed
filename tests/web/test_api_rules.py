"""Rules and their alerts as Prometheus' API tells them; alerts that come as Alertmanager takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gadfly.errors import StoreError

HERE = "/prometheus/api/v1"
GOOD = {
    "labels": {"alertname": "Busy", "instance": "db-1:9100", "empty": ""},
    "annotations": {"summary": "busy"},
    "startsAt": "2026-11-22T10:00:00Z",
    "endsAt": "2099-01-01T00:00:00.5+01:00",
    "generatorURL": "http://prom/graph",
    "other": 1,
}


async def test_groups_and_rules(ask: Any) -> None:
    answer = (await ask("GET", f"{HERE}/rules")).json()
    other, web = answer["data"]["groups"]
    assert (web["name"], web["file"], web["interval"], web["limit"]) == ("web", "/etc/rules.yml", 15, 0)
    record, down, waits, near = web["rules"]
    assert record == {
        "name": "job:up:sum",
        "query": "sum by (job) (up)",
        "labels": {},
        "health": "ok",
        "evaluationTime": record["evaluationTime"],
        "lastEvaluation": web["lastEvaluation"],
        "type": "recording",
    }
    assert (down["state"], waits["state"], near["state"]) == ("firing", "pending", "inactive")
    assert down["alerts"][0]["labels"] == {
        "alertname": "Down",
        "instance": "<b onload=x>",
        "job": "a",
        "severity": "page",
    }
    assert down["alerts"][0]["value"] == "0e+00"
    assert (other["rules"][0]["health"], "many-to-many" in other["rules"][0]["lastError"]) == ("err", True)
    assert "near" not in near


async def test_how_near_they_are(ask: Any) -> None:
    groups = (await ask("GET", "/api/v1/rules")).json()["data"]["groups"]
    near = {rule["name"]: rule["near"] for group in groups for rule in group["rules"] if "near" in rule}
    assert near["Near"][0]["value"] == "3"
    assert near["Near"][0]["part"] == pytest.approx(3 / 3.5)
    assert near["Waits"][0]["part"] == 1
    assert near["Never"] == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("type=record", ["job:up:sum"]),
        ("type=alert&rule_group[]=other", ["Broken", "Never"]),
        ("rule_name[]=Near&rule_name[]=Never", ["Never", "Near"]),
        ("file[]=/etc/none.yml", []),
    ],
)
async def test_filtered(ask: Any, query: str, names: list[str]) -> None:
    groups = (await ask("GET", f"{HERE}/rules?{query}")).json()["data"]["groups"]
    assert [rule["name"] for group in groups for rule in group["rules"]] == names


async def test_no_such_type(ask: Any) -> None:
    answer = await ask("GET", f"{HERE}/rules?type=x")
    assert (answer.status, answer.json()["errorType"]) == (400, "bad_data")


async def test_alerts_of_rules_and_of_components(ask: Any) -> None:
    alerts = (await ask("GET", f"{HERE}/alerts")).json()["data"]["alerts"]
    states = {one["labels"]["alertname"]: one["state"] for one in alerts}
    assert (states["Down"], states["Waits"]) == ("firing", "pending")
    assert any(name.startswith("Component") for name in states)


@pytest.mark.parametrize("prefix", ["", "/alertmanager"])
async def test_an_alert_is_taken(ask: Any, node: Any, prefix: str) -> None:
    answer = await ask("POST", f"{prefix}/api/v2/alerts", body=json.dumps([GOOD]).encode())
    assert (answer.status, answer.body) == (200, b"")
    (_, one) = node.done[-1]
    assert one.labels == {"alertname": "Busy", "instance": "db-1:9100"}
    assert (one.starts, one.ends) == (1795341600.0, 4070905200.5)
    assert (one.source, one.generator) == ("alertmanager:127.0.0.1", "http://prom/graph")


async def test_times_that_are_not_given(ask: Any, node: Any) -> None:
    zero = {"labels": {"a": "b"}, "startsAt": "0001-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}
    over = {"labels": {"a": "b"}, "endsAt": "2020-01-01T00:00:00Z"}
    assert (await ask("POST", "/api/v2/alerts", body=json.dumps([zero, over]).encode())).status == 200
    (_, one, other) = node.done[-1]
    assert one.ends - one.starts == 300
    assert other.starts == other.ends


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no list"),
        (b"{}", "no list"),
        (b"[" * 2000, "no list"),
        (b'[{"labels": 1}]', "alert 0: Expected `object`"),
        (b'[{"labels": {"a": "b"}, "startsAt": "yesterday"}]', "alert 0: Invalid RFC3339"),
        (json.dumps([GOOD] * 10_001).encode(), "at most"),
        (b'[{"labels": {}}]', "at least one label pair required"),
        (b'[{"labels": {"a": ""}}]', "at least one label pair required"),
        (b'[{"labels": {"a-b": "c"}}]', "invalid label set"),
        (b'[{"labels": {"a": "b"}, "annotations": {"1": "c"}}]', "invalid annotation set"),
        (json.dumps([{"labels": {"a": "b" * 3000}}]).encode(), "longer"),
        (json.dumps([{"labels": {f"a{n}": "b" for n in range(70)}}]).encode(), "more than"),
        (
            b'[{"labels": {"a": "b"}, "startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"}]',
            "start time must be before end time",
        ),
    ],
)
async def test_refused_with_a_reason(ask: Any, body: bytes, why: str) -> None:
    answer = await ask("POST", "/api/v2/alerts", body=body)
    assert answer.status == 400
    assert why in answer.json()


@pytest.mark.parametrize("wrong", [{"labels": {}}, {"labels": {"alertname": 5}}, 7])
async def test_a_wrong_one_does_not_keep_the_others_out(ask: Any, node: Any, wrong: object) -> None:
    answer = await ask("POST", "/api/v2/alerts", body=json.dumps([wrong, GOOD]).encode())
    assert (answer.status, len(node.done[-1])) == (400, 2)
    assert answer.json().startswith("1 alerts were taken. Not taken: alert 0:")


async def test_not_now(ask: Any, node: Any) -> None:
    async def full(reports: object) -> int:
        raise StoreError("the disk is full")

    async def crowded(reports: object) -> int:
        return 1

    for report in (full, crowded):
        node.report = report
        answer = await ask("POST", "/api/v2/alerts", body=json.dumps([GOOD]).encode())
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")


async def test_from_elsewhere_it_needs_a_token(ask: Any) -> None:
    body = json.dumps([GOOD]).encode()
    assert (await ask("POST", "/api/v2/alerts", body=body, client="192.0.2.1")).status == 401


async def test_what_amtool_and_prometheus_ask(ask: Any, node: Any) -> None:
    status = (await ask("GET", "/api/v2/status")).json()
    assert (status["cluster"]["status"], status["versionInfo"]["version"]) == ("disabled", "0.25.0")
    alerts = (await ask("GET", "/alertmanager/api/v2/alerts")).json()
    assert {one["status"]["state"] for one in alerts} <= {"active", "suppressed"}
    assert all(len(one["fingerprint"]) == 16 for one in alerts)
    assert (await ask("GET", "/-/ready")).body == b"OK"
    node.problems = ["the disk is full"]
    assert (await ask("GET", "/alertmanager/-/ready")).status == 503
