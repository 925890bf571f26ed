"""Rules, probes, heartbeats and jobs as checks: what they compare, how they sum up, whom they wake."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gadfly.ask_facts import alerts, samples
from gadfly.ask_facts.checks import condition
from gadfly.ask_facts.samples import summed
from gadfly.monitor.subject import Subject
from gadfly.promql.parse import parse
from gadfly.store import facts as kept

CATALOGUE = """
[owner.ops]
contact = ["exec:/bin/true"]
[rule.slow]
when = "avg_over_time(latency_seconds{component='shop'}[10m]) > 0.5"
owner = "ops"
for = "5m"
every = "30s"
because = "People leave."
[rule.gone]
when = "absent(latency_seconds)"
owner = "ops"
severity = "warning"
because = "Nobody would see it."
[component.shop]
owner = "ops"
beats = "2s"
probe.http = { url = "http://127.0.0.1:9/", every = "20s" }
[component.backup]
kind = "job"
owner = "ops"
schedule = "0 2 * * *"
grace = "10m"
[function.tidy]
file = "tidy.py"
owner = "ops"
purpose = "Tidies what is left."
review = 2027-05-01
"""


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_each_check_of_the_catalogue_is_a_row(place: Any) -> None:
    place.know(Subject(name="shop", owner="ops"))
    found = {one["name"]: one for one in place.facts("checks")["check"]}
    assert set(found) == {
        "slow",
        "gone",
        "shop http",
        "shop heartbeat",
        "backup schedule",
        "function:tidy calls",
    }
    assert found["slow"] == {
        "name": "slow",
        "component": "shop",
        "owner": "ops",
        "expr": "avg_over_time(latency_seconds{component='shop'}[10m]) > 0.5",
        "reads": "latency_seconds",
        "aggregation": "mean",
        "threshold": 0.5,
        "above": True,
        "hold": 300.0,
        "span": 600.0,
        "interval": 30.0,
        "severity": "critical",
        "pages": True,
        "no_data": "ok",
        "purpose": "People leave.",
    }
    assert (found["gone"]["no_data"], found["gone"]["pages"]) == ("fail", False)
    assert "threshold" not in found["gone"]
    assert (found["shop http"]["kind"], found["shop http"]["interval"]) == ("blackbox", 20.0)
    assert (found["shop heartbeat"]["kind"], found["shop heartbeat"]["interval"]) == ("heartbeat", 2.0)
    assert (found["backup schedule"]["kind"], found["backup schedule"]["hold"]) == ("job", 600.0)
    assert (found["function:tidy calls"]["component"], found["function:tidy calls"]["kind"]) == (
        "function:tidy",
        "job",
    )


@pytest.mark.parametrize(("severity", "pages"), [("Warning", False), ("Critical", True), (None, True)])
async def test_a_rule_wakes_people_as_its_alerts_do_however_its_severity_is_spelt(
    place: Any, severity: str | None, pages: bool
) -> None:
    said = f"labels: {{severity: {severity}}}" if severity else ""
    rules = place.folder / "hot.yml"
    rules.write_text(f"groups: [{{name: g, rules: [{{alert: hot, expr: up > 1, {said}}}]}}]")
    place.take(f'[owner.ops]\ncontact = ["exec:/bin/true"]\n[rules]\nfiles = ["{rules}"]\n')
    (found,) = place.facts("checks")["check"]
    assert found["pages"] is pages


async def test_what_nobody_wrote_down_nobody_promised(place: Any) -> None:
    place.take('[owner.ops]\ncontact = ["exec:/bin/true"]\n[owner.web]\nowner = "ops"\nafter = "5m"\n')
    found = {one["name"]: one.get("promise") for one in place.facts("catalogue")["owner"]}
    assert found == {"ops": None, "web": 300.0}


@pytest.mark.parametrize(
    ("text", "threshold", "above"),
    [
        ("a > 5", 5.0, True),
        ("5 < a", 5.0, True),
        ("(sum(rate(a[5m])) / sum(rate(b[5m]))) >= 0.01", 0.01, True),
        ("a < -2", -2.0, False),
        ("a > 2 * 1024", 2048.0, True),
        ("1 / 0 < a", None, None),
        ("a > b", None, None),
        ("a == 1", None, None),
        ("a > 1 and b > 2", None, None),
        ("up", None, None),
    ],
)
def test_a_comparison_with_one_number_has_a_threshold(
    text: str, threshold: float | None, above: bool | None
) -> None:
    found = condition(parse(text))
    assert (found.threshold, found.above) == (threshold, above) if found else threshold is None


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([[1, 2, 3, 4]], {"min": 1, "max": 4, "mean": 2.5, "p50": 2.5, "past": 0, "coverage": 1, "gap": 0}),
        ([[9.6, 10.4, 11, 1]], {"past": 0.5, "near": 0.5}),
        ([[NAN, NAN, 1, NAN]], {"coverage": 0.25, "gap": 120, "max": 1}),
        ([[1, NAN, NAN, 1], [NAN, 11, NAN, 1]], {"coverage": 0.75, "gap": 60, "past": 0.25}),
        ([[NAN] * 4], {"coverage": 0, "gap": 240}),
        ([[float("inf"), 1, 1, 1]], {"coverage": 0.75, "max": 1}),
    ],
    ids=["plain", "near and past", "gaps", "two series", "none", "infinite"],
)  # fmt: skip
def test_a_day_is_summed_up_over_all_series(values: list[list[float]], cells: dict[str, float]) -> None:
    held = condition(parse("a > 10"))
    assert held is not None
    found = summed(np.array(values, float), np.ones(4, bool), held)
    assert {name: found.get(name) for name in cells} == pytest.approx(cells)


def test_minutes_in_which_the_node_was_away_count_for_nothing() -> None:
    held = condition(parse("a > 10"))
    assert held is not None
    up = np.array([True, True, False, False])
    found = summed(np.array([[1, 2, NAN, NAN]]), up, held)
    assert (found["coverage"], found["gap"]) == (1.0, 0.0)


def test_what_lacks_before_a_series_begins_is_no_gap() -> None:
    held = condition(parse("a > 10"))
    assert held is not None
    values, up = np.array([[NAN, NAN, 1, NAN, 1]]), np.ones(5, bool)
    assert summed(values, up, held)["gap"] == 120.0
    assert summed(values, up, held, begins=True)["gap"] == 60.0


def test_a_gap_is_told_with_its_place_and_what_the_check_said_then() -> None:
    values = np.array([[1, NAN, 1, NAN, NAN, 1, NAN]])
    assert samples.longest(values, np.ones(7, bool)) == (3, 5, 2)
    there = np.array([True, True, True, False, True, True, True])
    assert samples.longest(np.array([[1, 1, NAN, 1, NAN, 1, 1]]), there) == (2, 5, 2)
    assert samples.longest(np.ones((1, 4)), np.ones(4, bool)) == (0, 0, 0)
    gap, day = samples.Gap(60, 120, 60), 20_000
    hour = day * 86_400.0 + 3600
    assert samples.state([], day, gap) == "ok"
    assert samples.state([(hour - 7200, hour), (hour + 3600, hour + 7200)], day, gap) == "ok"
    assert samples.state([(hour - 7200, hour + 60)], day, gap) == "firing"


HOT = """
groups:
- name: g
  rules:
  - {alert: hot, expr: heat > 80, labels: {severity: warning}}
  - {alert: hot, expr: heat > LIMIT, labels: {severity: critical}}
  - {alert: cold, expr: heat < 5}
"""


def take_rules(place: Any, limit: int = 95) -> None:
    (place.folder / "hot.yml").write_text(HOT.replace("LIMIT", str(limit)))
    place.take(f'[owner.ops]\ncontact = ["exec:/bin/true"]\n[rules]\nfiles = ["{place.folder}/hot.yml"]\n')


async def test_rules_of_one_name_and_two_severities_are_two_checks(place: Any) -> None:
    take_rules(place)
    place.sample(2, 240.0, lambda _: 90.0, __name__="heat")
    place.up(2)
    await place.clock.advance(86_400)
    checks = {one["name"]: one["threshold"] for one in place.facts("checks")["check"]}
    assert checks == {"hot (warning)": 80.0, "hot (critical)": 95.0, "cold": 5.0}
    past = {one["check"]: one["past"] for one in place.facts("samples")["sample_daily"]}
    assert past == {"hot (warning)": 1.0, "hot (critical)": 0.0, "cold": 0.0}
    with place.stores() as stores:
        labels = {"alertname": "hot", "severity": "critical"}
        alert = SimpleNamespace(reported=SimpleNamespace(labels=labels), component="x")
        assert alerts.check_of(alert, stores) == "hot (critical)"


async def test_days_are_of_the_expression_that_the_check_has_now(place: Any) -> None:
    take_rules(place)
    place.sample(3, 240.0, lambda _: 90.0, __name__="heat")
    place.up(3)
    await place.clock.advance(2 * 86_400)
    await place.asking.look()
    take_rules(place, limit=85)

    def past() -> list[tuple[int, float]]:
        return [
            (one["day"], one["past"])
            for one in place.facts("samples").get("sample_daily", ())
            if one["check"] == "hot (critical)"
        ]

    series, place.node.series.source = place.node.series.source, None
    assert past() == []  # what was kept is of another threshold
    place.node.series.source = series
    assert past() == [(20_001, 1.0), (20_000, 1.0)]
    await place.asking.look()
    place.node.series.source = None
    assert past() == [(20_000, 1.0), (20_001, 1.0)]


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_a_rule_without_series_is_told_of_from_the_day_on_which_it_is_there(place: Any) -> None:
    place.up(6)
    await place.clock.advance(2 * 86_400 + 60)
    await place.asking.look()
    assert "sample_daily" not in place.facts("samples")  # the days before
    await place.clock.advance(3 * 86_400)
    await place.asking.look()
    assert [(one["day"], one["coverage"]) for one in place.facts("samples")["sample_daily"]] == [
        (20_003, 0.0), (20_004, 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_what_there_is_no_time_for_is_summed_up_at_the_next_look(place: Any) -> None:
    place.sample(9, 240.0, lambda _: 0.1, __name__="latency_seconds", component="shop")
    place.up(9)
    await place.clock.advance(8 * 86_400)
    ticks = iter(range(0, 10_000, 20))
    with place.stores() as stores:
        found = samples.facts(stores, lambda: float(next(ticks)))["sample_daily"]
        assert found["day"] == [20_007, 20_006, 20_005]  # a minute of work, the newest first
        await place.db.write(lambda connection: kept.keep_days(connection, stores.days))
    assert len(place.facts("samples")["sample_daily"]) == 8


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_a_day_on_which_the_node_was_hardly_there_is_not_summed_up(place: Any) -> None:
    place.sample(2, 240.0, lambda _: 0.1, __name__="latency_seconds", component="shop")
    place.up(0.4)
    await place.clock.advance(2 * 86_400)
    assert "sample_daily" not in place.facts("samples")
    place.up(1)
    await place.clock.advance(86_400)
    assert [one["day"] for one in place.facts("samples")["sample_daily"]] == [20_002]


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["shop"])
async def test_beats_and_questions_of_a_day_by_listener(place: Any) -> None:
    place.up(1)
    of = {"component": "shop"}
    place.sample(1, 60.0, lambda day: round(day * 43_200), __name__="heartbeat_received_total", **of)
    lost = lambda day: max(0.0, round((day - 0.5) * 24 * 900)) if day < 0.5 + 1 / 24 else 900.0  # noqa: E731
    place.sample(1, 60.0, lost, __name__="heartbeat_lost_total", **of)
    place.sample(1, 60.0, lambda _: 2.0, __name__="heartbeat_interval_seconds", **of)
    place.sample(1, 240.0, lambda _: 1.0, __name__="probe_success", component="db")
    await place.clock.advance(86_400)
    found = {(one["component"], one["listener"]): one for one in place.facts("heartbeats")["heartbeat_daily"]}
    assert set(found) == {("shop", "north"), ("db", "scrape")}
    heard = found["shop", "north"]
    assert heard["beats"] == pytest.approx(43_200, rel=0.01)
    assert heard["lost"] == pytest.approx(900, rel=0.05)
    assert heard["worst_hour"] == pytest.approx(900 / 2700, rel=0.05)  # 1800 beats and 900 lost
    assert heard["gap_p50"] == 2.0
    assert found["db", "scrape"]["beats"] == pytest.approx(360, rel=0.1)  # an hour ends where the next begins
