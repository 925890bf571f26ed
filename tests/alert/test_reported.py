"""Alerts that are no component's verdict: opened, gone on, ended, expired, grouped, told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gadfly.alert import reported, reporting
from gadfly.alert.notification import alertmanager
from gadfly.alert.reported import Reported
from gadfly.config import Config
from gadfly.config.alerting import Inhibit, Receiver, Route
from gadfly.config.owner import Owner
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

LABELS = {"alertname": "HighErrors", "job": "api", "severity": "critical", "owner": "ops"}


def high(fleet: Any, ends: float | None = None, starts: float | None = None, **labels: str) -> Reported:
    return Reported(
        labels={**LABELS, **labels},
        annotations={"summary": "5 % of requests fail", "runbook_url": "https://wiki.example/errors"},
        starts=fleet.clock.wall() if starts is None else starts,
        ends=None if ends is None else fleet.clock.wall() + ends,
        source="rule:HighErrors",
        generator="http://prom.example/graph",
    )


async def say(fleet: Any, *reports: Reported) -> int:
    refused: int = await fleet.engine.report(reports)
    await fleet.deliver()
    return refused


async def test_told_once_and_its_end(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    await say(fleet, high(fleet))
    await fleet.after(5)
    await say(fleet, high(fleet))
    assert fleet.kinds() == ["firing"]
    assert fleet.last.subject.startswith("HighErrors (job api) fires – 5 % of requests fail, since ")
    assert "- HighErrors (job api): critical, since" in fleet.last.text
    await say(fleet, high(fleet, ends=0))
    assert fleet.kinds() == ["firing"]
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "resolved"]
    assert "Recovered: HighErrors (job api) is over after" in fleet.last.subject
    assert "HighErrors (job api): over, since" in fleet.last.text


async def test_the_json_is_what_was_reported(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    one = high(fleet)
    await say(fleet, one)
    alert = alertmanager(fleet.last, "ops")["alerts"][0]
    assert alert["labels"] == one.labels
    assert alert["annotations"] == one.annotations
    assert alert["generatorURL"] == "http://prom.example/graph"
    assert alert["fingerprint"] == reported.fingerprint(one.labels)
    assert alert["status"] == "firing"
    assert alert["endsAt"].startswith("0001-")


def test_the_fingerprint_is_prometheus_own() -> None:
    assert reported.fingerprint({}) == "cbf29ce484222325"  # as model.LabelSet{}.Fingerprint() has it


async def test_ends_when_it_is_not_reported_again(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    await say(fleet, high(fleet, ends=240))
    await fleet.after(200)
    await say(fleet, high(fleet, ends=240))
    await fleet.after(235)
    assert fleet.kinds() == ["firing"]
    await fleet.after(10)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_an_end_that_is_taken_back(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    await say(fleet, high(fleet, ends=60))
    await say(fleet, high(fleet))
    await fleet.after(100)
    assert fleet.kinds() == ["firing"]
    await say(fleet, high(fleet, ends=0))
    await say(fleet, high(fleet, ends=0))
    await say(fleet, high(fleet, ends=50))
    await fleet.after(10)
    assert fleet.kinds() == ["firing"]  # a relapse is the same alert
    await fleet.after(60)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_an_end_of_what_never_began_is_nothing(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    assert await say(fleet) == 0
    await say(fleet, high(fleet, ends=0))
    assert await fleet.engine.alerts("all") == []


async def test_after_a_restart_it_goes_on_and_then_ends_in_time(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    await say(fleet, high(fleet, ends=60), high(fleet, job="kept"))
    await fleet.after(30)
    await fleet.clock.advance(300)  # the node was away
    await fleet.restart()
    await fleet.engine.aim_again()
    await fleet.after(140)
    assert set(fleet.kinds()) == {"firing"}
    await fleet.after(60)
    assert [one.title for one in await fleet.engine.alerts()] == ["HighErrors (job kept)"]


async def test_in_the_incident_of_its_component(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    fleet.add("api-1", group="front")
    await fleet.down("api-1")
    await fleet.after(60)
    await say(fleet, high(fleet, instance="api-1:9100", severity="warning"), high(fleet, component="api-1"))
    alerts = {one.title: one for one in await fleet.engine.alerts() if one.title}
    assert {one.incident for one in alerts.values()} == {"i1"}
    (waits,) = [one for one in alerts.values() if one.labels["severity"] == "warning"]
    (told,) = [one for one in alerts.values() if one.labels["severity"] == "critical"]
    assert waits.suppressed == "inhibited: api-1 is down"
    assert told.suppressed == ""  # it says more than that the component is down
    assert told.about == "api-1"
    (incident,) = await fleet.engine.incidents()
    assert len(incident.titles) == 2
    assert "firing" not in incident.match


async def test_whose_host_is_gone_is_not_told(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    fleet.add("db1", kind="host")
    fleet.add("api-1", host="db1")
    await fleet.down("db1")
    await fleet.after(10)
    await say(fleet, high(fleet, component="api-1"))
    (alert,) = [one for one in await fleet.engine.alerts() if one.title]
    assert alert.suppressed == "inhibited: db1 is down"


@pytest.mark.parametrize(
    ("labels", "owner"),
    [
        ({"owner": "ops", "component": "api-1"}, "ops"),
        ({"owner": "", "component": "api-1"}, "web"),
        ({"owner": "", "instance": "api-1:80"}, "web"),
        ({"owner": "", "instance": "[::1]:80"}, "six"),
        ({"owner": "", "instance": "elsewhere:80"}, "rules"),
    ],
)
def test_who_answers(labels: dict[str, str], owner: str) -> None:
    known = {"api-1": Subject(name="api-1", owner="web"), "::1": Subject(name="::1", owner="six")}
    one = Reported(labels={**LABELS, **labels}, annotations={}, starts=0, owner="rules")
    assert reported.subject(one, known.get).owner == owner


async def test_routes_see_its_own_labels(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of(
        owner={
            "ops": Owner(contact=("https://ops.example/",)),
            "dba": Owner(contact=("https://dba.example/",)),
        },
        route=(Route(match={"alertname": "HighErrors", "kind": "alert", "job": "~a.*"}, receiver="wall"),),
        receiver={"wall": Receiver(webhook="https://wall.example/")},
    )
    await say(fleet, high(fleet))
    await say(fleet, high(fleet, job="b", owner="dba"))
    assert [to for _, _, to in fleet.told()] == ["https://wall.example/", "https://dba.example/"]


async def test_a_silence_by_its_labels(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    await fleet.engine.add_silence({"alertname": "HighErrors"}, fleet.clock.wall() + 60, "known", "kim")
    await say(fleet, high(fleet))
    assert fleet.got == []
    await fleet.after(70)
    assert fleet.kinds() == ["firing"]


async def test_a_rule_of_inhibition_between_alerts(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of(
        inhibit=(
            Inhibit(source={"severity": "critical"}, target={"severity": "warning"}, equal=("alertname",)),
        )
    )
    await say(fleet, high(fleet), high(fleet, severity="warning"))
    (alert,) = [one for one in await fleet.engine.alerts() if one.labels["severity"] == "warning"]
    assert alert.suppressed == "inhibited: HighErrors (job api) fires"


async def test_many_of_one_name_are_one_incident(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    await say(fleet, *(high(fleet, job=f"job{number}") for number in range(3)))
    assert fleet.kinds() == ["firing"]
    assert "3 alerts HighErrors" in fleet.last.subject
    (incident,) = await fleet.engine.incidents()
    assert incident.match == {"alertname": "HighErrors"}
    await say(fleet, *(high(fleet, ends=0, job=f"job{number}") for number in range(3)))
    await fleet.after(5)
    assert "Recovered: 3 alerts are over" in fleet.last.subject


async def test_other_names_have_nothing_in_common(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    fleet.add("api-1", group="front")
    await say(fleet, high(fleet, component="api-1"), high(fleet, alertname="Late", component="api-1"))
    (incident,) = await fleet.engine.incidents()
    assert incident.match == {}
    assert incident.cause == "2 components that run on or need api-1"


async def test_what_a_silence_for_one_would_match(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    await say(fleet, high(fleet, path="~a.b"))
    (incident,) = await fleet.engine.incidents()
    assert incident.match == {**LABELS, "path": r"~\~a\.b"}


@pytest.mark.parametrize(
    ("severity", "verdict"),
    [("critical", "down"), ("page", "down"), ("", "down"), ("Warning", "degraded"), ("info", "degraded")],
)
def test_what_may_wait(severity: str, verdict: str) -> None:
    assert reported.verdict({"severity": severity}).name == verdict


@pytest.mark.parametrize(
    ("labels", "title"),
    [
        ({"alertname": "A"}, "A"),
        ({}, "an alert without a name"),
        ({"alertname": "A", "severity": "page", "b": "1", "a": "2"}, "A (a 2, b 1)"),
        ({"alertname": "A", "b": "x" * 200}, f"A (b {'x' * 117}…)"),
    ],
)
def test_what_it_is_called(labels: dict[str, str], title: str) -> None:
    assert reported.title(labels) == title


def test_no_words_at_all() -> None:
    assert reported.reason({"summary": " ", "other": "x"}) == ""


async def test_a_component_that_is_called_like_it_changes_nothing(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    name = reported.key(LABELS)
    await say(fleet, high(fleet))
    await fleet.become(Verdict.healthy, name)
    await fleet.after(10)
    assert fleet.kinds() == ["firing"]
    other = reported.key({**LABELS, "job": "b"})
    await fleet.down(other)
    assert await say(fleet, high(fleet, job="b")) == 1


@pytest.mark.parametrize("own", ["rule:HighErrors", "log:HighErrors"])
async def test_who_is_outside_neither_changes_nor_ends_what_the_node_found(
    fleet_of: Callable[..., Any], own: str
) -> None:
    fleet = await fleet_of()
    mine = msgspec.structs.replace(high(fleet), source=own)
    theirs = msgspec.structs.replace(
        mine, source="alertmanager:eve", annotations={"summary": "all is well"}, owner="eve"
    )
    await say(fleet, theirs)
    assert await say(fleet, mine) == 0  # a rule takes over what was said from outside
    assert await say(fleet, theirs, msgspec.structs.replace(theirs, ends=fleet.clock.wall())) == 2
    await fleet.after(10)
    assert fleet.kinds() == ["firing"]
    (alert,) = await fleet.engine.alerts("firing")
    assert alert.annotations == mine.annotations
    await say(fleet, msgspec.structs.replace(mine, ends=fleet.clock.wall()))
    await fleet.after(5)
    assert fleet.kinds() == ["firing", "resolved"]


async def test_no_more_than_there_is_room_for(
    fleet_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "ROOM", 2)
    fleet = await fleet_of()
    assert await say(fleet, *(high(fleet, job=f"{number}") for number in range(3))) == 1
    assert await say(fleet, high(fleet, job="2"), high(fleet, job="1")) == 1
    assert fleet.engine.counts()["firing"] == 2
    assert fleet.engine.firing() == {}  # components only


async def test_a_reload_looks_again_whom_it_is_about(fleet_of: Callable[..., Any]) -> None:
    fleet = await fleet_of()
    await say(fleet, high(fleet, owner="", component="api-1"))
    fleet.add("api-1", owner="ops")
    await fleet.reload(Config(**fleet_config(fleet)))
    (alert,) = await fleet.engine.alerts()
    assert (alert.owner, alert.about) == ("ops", "api-1")


def fleet_config(fleet: Any) -> dict[str, Any]:
    return {name: getattr(fleet.config, name) for name in fleet.config.__struct_fields__}
