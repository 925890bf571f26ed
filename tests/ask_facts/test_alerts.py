"""Alerts, silences and spells of a node that lived a little, as facts."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.alert.reported import Reported
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

SHOP = Subject(name="shop", owner="ops", needs=("db",), declared=True)
DB = Subject(name="db", owner="ops", declared=True)
CATALOGUE = """
[owner.ops]
contact = ["exec:/bin/true"]
[component.shop]
owner = "ops"
needs = ["db"]
probe.http = { url = "http://127.0.0.1:9/" }
[component.db]
owner = "ops"
beats = "1s"
"""
GOOD, DOWN = Verdict.healthy, Verdict.down
ANNA = CATALOGUE.replace('"exec:/bin/true"', '"mailto:Anna@example.org"')


async def change(place: Any, subject: Subject, before: Verdict, after: Verdict, reason: str = "") -> None:
    one = Change(
        at=place.clock.wall(),
        component=subject.name,
        slot=0,
        before=before,
        after=after,
        reason=reason,
        subject=subject,
    )
    await place.engine.take([one])
    await place.engine.tick()


async def rule(place: Any, name: str, ends: float | None = None, **labels: str) -> None:
    said = Reported(
        labels={"alertname": name, "component": "shop", **labels},
        annotations={"summary": "it is hot"},
        starts=place.clock.wall(),
        ends=ends,
        source=f"rule:{name}",
        owner="ops",
    )
    await place.engine.report([said])
    await place.engine.tick()


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_an_alert_of_a_rule_names_its_check_its_component_and_who_was_told(place: Any) -> None:
    place.know(SHOP, DB)
    await rule(place, "hot", severity="critical")
    await rule(place, "warm", severity="warning")
    hot, warm = place.facts("alerts")["alert"]
    assert (hot["check"], hot["component"], hot["owner"], hot["severity"]) == (
        "hot", "shop", "ops", "critical",
    )  # fmt: skip
    assert hot["page"] is True
    assert warm["page"] is False  # it waits for the owner's hours
    assert hot["person"].startswith("~")  # a pseudonym
    assert "ended" not in hot
    assert "acked" not in hot


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_each_alert_has_a_check_also_of_what_beats_undeclared(place: Any) -> None:
    heard, quiet = Subject(name="cron7"), Subject(name="cron8")
    place.know(SHOP, DB, heard, quiet)
    for subject in (heard, DB, SHOP):
        await change(place, subject, GOOD, DOWN, "no beat for 5 s")
    checks = {one["name"]: one["component"] for one in place.facts("checks")["check"]}
    assert {one["check"] for one in place.facts("alerts")["alert"]} == checks.keys()
    assert checks == {"shop http": "shop", "db heartbeat": "db", "cron7 heartbeat": "cron7"}


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_who_took_it_on_before_it_ended_ended_it_else_it_ended_by_itself(place: Any) -> None:
    place.know(SHOP, DB)
    began = place.clock.wall()
    await rule(place, "hot", severity="critical", floor="1")
    incident = (await place.engine.alerts())[0].incident
    await place.clock.advance(60)
    await place.engine.acknowledge(incident, "anna", "on it")
    await place.clock.advance(60)
    await rule(place, "hot", place.clock.wall(), severity="critical", floor="1")
    await place.clock.advance(86_400)
    await rule(place, "hot", severity="critical", floor="2")
    await place.clock.advance(60)
    await rule(place, "hot", place.clock.wall(), severity="critical", floor="2")
    await place.clock.advance(60)
    await place.engine.tick()
    taken, alone = place.facts("alerts")["alert"]
    assert taken["acked"] == pytest.approx(began + 60, abs=1)
    assert taken["end_reason"] == "human"
    assert taken["resolver"] == taken["acked_by"]
    assert "anna" not in str(place.facts("alerts"))
    assert alone["end_reason"] == "itself"
    assert "resolver" not in alone


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_a_verdict_is_of_the_check_that_found_it_and_a_spell_of_the_dependency_before(
    place: Any,
) -> None:
    place.know(SHOP, DB)
    await change(place, DB, GOOD, DOWN, "no beat for 4 s")
    await place.clock.advance(30)
    await change(place, SHOP, GOOD, DOWN, "http: 503")
    await place.clock.advance(300)
    await change(place, SHOP, DOWN, GOOD)
    await change(place, DB, DOWN, GOOD)
    alerts = {one["component"]: one["check"] for one in place.facts("alerts")["alert"]}
    assert alerts == {"db": "db heartbeat", "shop": "shop http"}
    spells = {one["component"]: one for one in place.facts("spells")["spell"]}
    assert spells["shop"]["after"] == "db"
    assert spells["shop"]["within"] == pytest.approx(30, abs=1)
    assert spells["shop"]["ended"] - spells["shop"]["began"] == pytest.approx(300, abs=1)
    assert "after" not in spells["db"]


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_only_what_a_person_took_on_and_a_verdict_said_is_an_incident(place: Any) -> None:
    place.know(SHOP, DB)
    await rule(place, "hot", severity="critical")
    assert "incident" not in place.facts("spells")
    await change(place, DB, GOOD, DOWN, "no beat")
    (alert,) = [one for one in await place.engine.alerts() if one.component == "db"]
    assert "incident" not in place.facts("spells")
    await place.engine.acknowledge(alert.incident, "anna", "")
    (incident,) = place.facts("spells")["incident"]
    assert (incident["component"], incident["found_by"]) == ("db", "db heartbeat")
    assert "ended" not in incident


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_a_silence_tells_what_it_hushed_and_one_that_ended_early_when(place: Any) -> None:
    place.know(SHOP, DB)
    now = place.clock.wall()
    one = await place.engine.add_silence(
        {"alertname": "hot"}, now + 7200, "we know it, anna@example.org", "anna"
    )
    await place.engine.add_silence({"component": "db"}, now + 7200, "planned work", "anna")
    await place.clock.advance(60)
    await rule(place, "hot", severity="critical")
    await place.clock.advance(60)
    await place.engine.end_silence(str(one.id), "anna")
    found = place.facts("alerts")
    first, second = found["silence"]
    assert [row["alert"] for row in found["silenced"]] == [found["alert"][0]["id"]]
    assert found["silenced"][0]["silence"] == first["id"]
    assert first["ended"] == pytest.approx(now + 120, abs=1)
    assert "example.org" not in first["reason"]
    assert "ends" not in first  # until when it was meant to last is forgotten
    assert (second["component"], second["owner"], second["ends"]) == ("db", "ops", now + 7200)
    assert "ended" not in second


@pytest.mark.parametrize("place", [ANNA], indirect=True, ids=["mailbox"])
async def test_what_joins_an_incident_later_has_neither_its_letter_nor_its_acknowledgement(
    place: Any,
) -> None:
    place.know(SHOP, DB)
    began = place.clock.wall()
    await rule(place, "hot", severity="critical", floor="1")
    incident = (await place.engine.alerts())[0].incident
    await place.clock.advance(60)
    await place.engine.acknowledge(incident, "anna@example.org", "on it")
    await place.clock.advance(60)
    await rule(place, "hot", severity="critical", floor="2")
    await place.clock.advance(60)
    await rule(place, "hot", place.clock.wall(), severity="critical", floor="2")
    await place.clock.advance(60)
    await place.engine.tick()
    assert {one.incident for one in await place.engine.alerts()} == {incident}
    await place.db.write(lambda connection: connection.execute("DELETE FROM outbox WHERE id > 1"))
    first, second = place.facts("alerts")["alert"]
    assert (first["page"], first["acked"]) == (True, pytest.approx(began + 60, abs=1))
    assert first["person"] == first["acked_by"] == place.recorder.mask.of("anna@example.org")
    assert (second["page"], second["end_reason"]) == (False, "itself")
    assert not second.keys() & {"acked", "acked_by", "resolver", "person", "traced"}


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_where_the_letters_are_gone_it_is_not_known_who_was_told(place: Any) -> None:
    place.know(SHOP, DB)
    await rule(place, "hot", severity="critical")
    await place.clock.advance(91 * 86_400)
    await place.db.write(lambda connection: connection.execute("DELETE FROM outbox"))
    (alert,) = place.facts("alerts")["alert"]
    assert "page" not in alert


WINDOW = (
    CATALOGUE
    + """
[[maintenance]]
match = { component = "db" }
because = "every night"
schedule = "0 2 * * *"
lasts = "1h"
"""
)


@pytest.mark.parametrize("place", [WINDOW], indirect=True, ids=["nightly"])
async def test_a_window_that_was_overrun_tells_when_it_was_over(place: Any) -> None:
    place.know(SHOP, DB)
    await place.clock.advance(2.5 * 3600)
    await change(place, DB, GOOD, DOWN, "no beat")
    await place.clock.advance(3600)
    await change(place, DB, DOWN, GOOD)
    windows = place.facts("spells")["window"]
    (over,) = [one for one in windows if "finished" in one]
    assert over["finished"] - over["ends"] == pytest.approx(1800, abs=1)
    assert {one["component"] for one in windows} == {"db"}
    other = WINDOW.removeprefix(CATALOGUE).replace('"db"', '"shop"')
    place.take(other + WINDOW)
    again = [one for one in place.facts("spells")["window"] if one["component"] == "db"]
    assert [one["id"] for one in again] == [one["id"] for one in windows]  # wherever in the file it stands
