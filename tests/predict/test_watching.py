"""Early warning in a node: told, confirmed by an alert or not, scored, silent, restarted. In virtual time."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gadfly.alert.reported import Reported
from gadfly.monitor.subject import Subject
from gadfly.predict.prediction import EARLY
from gadfly.predict_view import PredictView
from gadfly.store import predictions
from gadfly.store.predictions import Row

HOUR = 3600.0
WATCHED = """
[owner.ops]
contact = ["exec:/bin/true"]
[predict]
budget = "3 alarms a week"
owner = "ops"
"""
pytestmark = pytest.mark.parametrize("world", [WATCHED], indirect=True, ids=["watched"])
LABELS = {"component": "shop"}


def calm(hour: float) -> float:
    """A day's wave with a little noise that is always the same."""
    return 100 + 10 * math.sin(hour / 24 * math.tau) + math.sin(hour * 7919) + math.sin(hour * 104729)


def wild(hour: float) -> float:
    return calm(hour) + 500


async def watch(world: Any, hours: float, value: Any) -> list[Row]:
    """Live so long; what was foretold."""
    for _ in range(round(hours * 4)):
        await world.listen(1 / 4, 180, value, **LABELS)
        await world.predicting.early.turn()
    return [row for row in await world.rows() if row.predictor == EARLY]


async def break_away(world: Any) -> Row:
    """Be calm for more than a day, then not."""
    world.components["shop"] = Subject(name="shop", owner="ops")
    for _ in range(3):
        before = await watch(world, 10, calm)
    (row,) = [row for row in await watch(world, 1, wild) if row not in before and not row.outcome][-1:]
    return row


async def test_what_is_strange_is_told_and_confirmed_by_an_alert(world: Any) -> None:
    row = await break_away(world)
    assert (row.component, row.owner, row.told, row.kind) == ("shop", "ops", True, "warning")
    assert row.entry is not None
    assert row.evidence["why"]
    (alert,) = await world.engine.alerts()
    assert (alert.source, alert.about, alert.labels["severity"]) == (
        "prediction:early warning",
        "shop",
        "info",
    )
    assert 0 < row.base < 0.1
    shown = PredictView(world.node).now("", "", 10)
    assert [one.kind for one in shown.predictors] == ["warning"]
    assert shown.standing[0].component == "shop"

    labels = {"alertname": "ShopSlow", "component": "shop"}
    await world.clock.advance(60)
    await world.engine.report([Reported(labels=labels, annotations={}, starts=world.clock.wall())])
    resolved = [one for one in await watch(world, 1, calm) if one.id == row.id]
    assert resolved[0].outcome == "came true"


async def test_what_is_not_followed_by_anything_was_wrong(world: Any) -> None:
    row = await break_away(world)
    resolved = [one for one in await watch(world, 7, wild) if one.id == row.id]
    assert resolved[0].outcome == "did not"


async def test_what_was_foretold_before_it_was_turned_off_is_void(world: Any) -> None:
    now = world.clock.wall()
    row = Row(
        predictor=EARLY,
        series="s",
        component="shop",
        made=now,
        deadline=now + HOUR,
        probability=0.9,
        base=0.01,
    )
    await world.db.write(lambda connection: predictions.add(connection, [row]))
    early = world.predicting.early
    await early.turn()
    await world.predicting.turn()
    (row,) = early.open
    assert not row.outcome
    world.take(WATCHED.partition("[predict]")[0])
    await world.predicting.turn()
    (ended,) = await world.rows()
    assert (ended.outcome, ended.why) == ("void", "it is declared no longer")
    world.take(WATCHED)
    await early.turn()
    assert early.open == []


async def test_what_was_learnt_survives_a_restart(world: Any) -> None:
    world.components["shop"] = Subject(name="shop", owner="ops")
    await watch(world, 2, calm)
    await world.predicting.early._save()
    count, at = world.predicting.early.watch.count, world.predicting.early.watch.at
    await world.restart()
    await world.predicting.early.turn()
    assert world.predicting.early.watch.count == count
    assert world.predicting.early.watch.at >= at


async def test_who_misleads_falls_silent(world: Any) -> None:
    row = Row(
        predictor=EARLY,
        kind="warning",
        series="s",
        made=world.clock.wall(),
        deadline=world.clock.wall() + HOUR,
        probability=0.9,
        base=0.01,
        outcome="did not",
    )
    await world.db.write(lambda connection: predictions.add(connection, [row] * 30))
    early = world.predicting.early
    await early.turn()
    await early._judge(world.clock.wall())
    assert early.silent
    assert any("early warning is silent" in one for one in early.warnings())
    assert [score.silent for score in (await PredictView(world.node).scorecard(None)).predictors] == [True]
    said = await break_away(world)
    assert not said.told
    assert await world.engine.alerts() == []
