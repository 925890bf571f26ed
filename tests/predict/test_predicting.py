"""A disk that fills, from the first sample to the scorecard, in virtual time."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from gadfly.errors import Refused, StoreError
from gadfly.monitor.subject import Subject
from gadfly.predict.resolve import MOVED, RENEWED
from gadfly.predict_view import PredictView
from gadfly.promql import instant
from gadfly.promql.values import Vector
from gadfly.store import predictions
from gadfly.store.predictions import Row

HOUR = 3600.0
LIMITED = """
[owner.ops]
contact = ["exec:/bin/true"]
[prediction.disk]
of = "disk_free_bytes"
full = "0"
act = "8h"
owner = "ops"
every = "1h"
"""


def falls(hour: float) -> float:
    """Full after 100 hours."""
    return max(0.0, 100e9 - 1e9 * hour)


async def tell(world: Any) -> Row:
    """Live until the alarm begins."""
    await world.listen(84, HOUR, falls, host="a")
    while True:
        await world.live(1, HOUR, falls, host="a")
        if told := [row for row in await world.rows() if row.told]:
            return told[0]
        assert world.clock.monotonic() < 100 * HOUR


async def test_it_is_told_before_it_is_full_and_resolved_after(world: Any) -> None:
    told = await tell(world)
    assert told.probability >= 0.5
    assert told.deadline == told.made + 12 * HOUR
    (alert,) = await world.engine.alerts()
    assert alert.source == "prediction:disk"
    assert alert.labels["host"] == "a"
    assert alert.owner == "ops"
    assert "will be full before" in alert.annotations["summary"]
    assert alert.annotations["because"] == "Nothing can be written to a disk that is full."

    await world.live(15, HOUR, falls, host="a")
    rows = await world.rows()
    assert {row.outcome for row in rows if row.deadline < world.clock.wall()} <= {"came true", "did not"}
    assert [row for row in rows if row.told] == [row for row in rows if row.id == told.id]
    resolved = next(row for row in rows if row.id == told.id)
    assert resolved.happened is not None
    assert abs(resolved.happened - (world.clock.wall() - world.clock.monotonic() + 100 * HOUR)) <= HOUR
    score = (await PredictView(world.node).scorecard(None)).predictors[0]
    assert (score.told, score.told_true, score.budget) == (1, 1, 2)
    assert score.skill is not None
    assert score.skill > 0


async def test_it_stands_in_the_ledger_before_anybody_is_told(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    report = world.engine.report

    async def watched(reports: Any) -> int:
        if reports:
            seen.append(len([entry for entry in await world.entries("prediction") if entry.body["told"]]))
        return await report(reports)

    monkeypatch.setattr(world.engine, "report", watched)
    told = await tell(world)
    assert seen[0] == 1
    (entry,) = [entry for entry in await world.entries("prediction") if entry.body["told"]]
    assert entry.body["probability"] == pytest.approx(told.probability, abs=1e-4)
    assert entry.body["evidence"]["why"]
    assert told.entry is not None


async def test_what_the_disk_does_not_take_is_not_told(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.listen(84, HOUR, falls, host="a")
    await world.predicting.turn()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(predictions, "add", full)
        await world.listen(8, HOUR, falls, host="a")
        with pytest.raises(StoreError):
            await world.predicting.turn()
        assert await world.engine.alerts() == []
    await world.live(1, HOUR, falls, host="a")
    assert len(await world.engine.alerts()) == 1


async def test_what_is_foreseen_is_a_series(world: Any) -> None:
    await tell(world)

    def ask(text: str) -> list[tuple[dict[str, str], float]]:
        found = instant(world.store, text, round(world.clock.wall() * 1000))
        assert isinstance(found, Vector)
        return [(one.labels, one.value) for one in found.samples]

    ((labels, value),) = ask('gadfly_forecast{quantile="0.5", ahead="12h"}')
    assert labels["host"] == "a"
    assert labels["of"] == "disk_free_bytes"
    assert labels["prediction"] == "disk"
    assert value == pytest.approx(falls(world.clock.monotonic() / HOUR + 12), abs=3e9)
    assert ask('gadfly_predicted_full{within="12h"}')[0][1] >= 0.5
    assert ask('gadfly_predicted_full_seconds{quantile="0.5"}')[0][1] == pytest.approx(
        12 * HOUR, abs=2 * HOUR
    )


async def test_what_somebody_prevented_is_no_false_alarm(world: Any) -> None:
    told = await tell(world)
    (alert,) = await world.engine.alerts()
    await world.engine.acknowledge(alert.id, "anna", "deleting old builds")
    await world.live(13, HOUR, lambda hour: falls(hour) + 50e9, host="a")
    (row,) = [row for row in await world.rows() if row.id == told.id]
    assert (row.outcome, row.happened) == ("void", None)
    assert "somebody acted" in row.why


async def test_a_silence_covers_it_and_the_week_forgets_it(world: Any) -> None:
    await tell(world)
    await world.engine.add_silence({"alertname": "disk"}, world.clock.wall() + 9 * 86_400, "known", "anna")
    (alert,) = await world.engine.alerts()
    assert alert.suppressed
    assert world.predicting.running["disk"].told == 1
    await world.live(14, 12 * HOUR, lambda hour: 50e9, host="a")
    await world.live(1, HOUR, lambda hour: 50e9, host="a")
    await world.clock.advance(7 * 86_400)
    await world.live(1, HOUR, lambda hour: 50e9, host="a")
    assert world.predicting.running["disk"].told == 0


async def test_a_restart_tells_nothing_twice(world: Any) -> None:
    told = await tell(world)
    for hours in (2, 14):  # before its deadline, and when it is resolved and the alarm stands all the same
        await world.restart()
        await world.live(hours, HOUR, lambda hour: max(1e9, falls(hour)), host="a")
        assert [row.id for row in await world.rows() if row.told] == [told.id]
        assert len(await world.engine.alerts("all")) == 1
    await world.restart()
    await world.live(1, HOUR, lambda hour: 1e9, host="a")
    assert [row.id for row in await world.rows() if row.told] == [told.id]


@pytest.mark.parametrize("told", [1, 0], ids=["told", "withheld"])
async def test_what_was_written_down_and_not_told_is_told_once(
    world: Any, monkeypatch: pytest.MonkeyPatch, told: int
) -> None:
    """As after a power cut between the two; and one that the budget withholds is no second prediction."""
    world.take(LIMITED)
    if not told:  # the week's budget is spent
        spent = Row(
            predictor="disk",
            series="s",
            made=world.clock.wall(),
            deadline=0,
            probability=1,
            base=0,
            told=True,
        )
        await world.db.write(lambda connection: predictions.add(connection, [spent] * 3))
    await world.listen(84, HOUR, falls, host="a")
    with monkeypatch.context() as cut:
        cut.setattr(world.predicting._promising, "_tell", lambda *_: 1 / 0)
        while not (
            made := [row for row in await world.rows() if row.probability >= 0.5 and row.series != "s"]
        ):
            await world.live(1, HOUR, falls, host="a")
            world.predicting.running["disk"].due = 0.0
    assert await world.engine.alerts() == []
    for _ in range(2):
        await world.restart()
        world.take(LIMITED)
        await world.predicting.turn()
        rows = [row for row in await world.rows() if row.probability >= 0.5 and row.series != "s"]
        assert [row.id for row in rows] == [row.id for row in made]
        assert [row.told for row in rows] == [bool(told)]
        assert len(await world.engine.alerts("all")) == told


async def test_another_limit_judges_nothing_that_was_said_before(world: Any) -> None:
    await world.live(84, 12 * HOUR, falls, host="a")
    before = [row.id for row in await world.rows() if not row.outcome]
    assert before
    world.take(LIMITED.replace('"0"', '"50e9"'))  # it is below that already
    await world.live(1, HOUR, falls, host="a")
    assert {row.outcome for row in await world.rows() if row.id in before} == {""}


async def test_what_is_taken_out_ends_and_is_void(world: Any) -> None:
    await tell(world)
    world.take(LIMITED.partition("[prediction")[0])
    assert await world.predicting.turn() is None
    await world.clock.advance(30)
    await world.engine.tick()
    assert await world.engine.alerts() == []
    rows = await world.rows()
    assert {row.outcome for row in rows if row.deadline > world.clock.wall()} == {"void"}
    assert PredictView(world.node).now("", "", 10).predictors == []


async def test_a_page_can_show_all_of_it(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gadfly.predict_view.SHOWN", 2)
    await tell(world)
    view = PredictView(world.node)
    now = view.now("", "", 10)
    assert (now.total, now.standing[0].state, now.predictors[0].alarms) == (1, "told", 1)
    fan = view.fan("disk", now.standing[0].series)
    assert len(fan.ahead.at) == len(fan.ahead.values)
    assert all(len(values) == len(fan.ahead.levels) for values in fan.ahead.values)
    assert fan.ahead.at[0] > fan.past.at[-1]
    assert len(fan.past.at) == len(fan.past.value) == 2 * len(fan.ahead.at)
    with pytest.raises(Refused, match="foresees no series") as refused:
        view.fan("disk", "nothing")
    assert refused.value.status == 404
    assert view.report("").items[0].a_day == pytest.approx(-24e9, rel=0.01)
    assert view.report("nobody").items == []
    made = await view.history(predictor="disk", series="", owner="ops", told=True, open=True, limit=10)
    assert [one.told for one in made.predictions] == [True]


async def letters(world: Any) -> list[str]:
    """The subjects of notices on their way."""
    rows = await world.db.read(
        lambda connection: connection.execute(
            "SELECT json_extract(body, '$.subject') FROM outbox WHERE kind = 'notice'"
        ).fetchall()
    )
    return [subject for (subject,) in rows]


async def test_the_planning_report_is_sent_once_a_week(world: Any) -> None:
    await world.listen(76, HOUR, falls, host="a")
    await world.live(6, HOUR, falls, host="a")  # over eight o'clock of a Monday
    assert await letters(world) == ["1 gauge fills in the weeks to come"]


async def test_the_planning_report_that_a_node_missed_is_sent_when_it_is_back(world: Any) -> None:
    await world.listen(75, HOUR, falls, host="a")
    await world.live(1, HOUR, falls, host="a")
    await world.stop()
    await world.clock.advance(9 * 3600)  # eight o'clock of a Monday is among them
    await world.start()
    await world.listen(1, HOUR, falls, host="a")
    await world.predicting.turn()
    assert await letters(world) == ["1 gauge fills in the weeks to come"]
    await world.restart()
    await world.live(2, HOUR, falls, host="a")
    assert len(await letters(world)) == 1


async def test_the_planning_report_that_the_disk_refused_is_sent_later(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    await world.listen(76, HOUR, falls, host="a")
    await world.live(1, HOUR, falls, host="a")
    with monkeypatch.context() as broken:
        broken.setattr("gadfly.predicting.notice.put", full)
        with pytest.raises(StoreError):
            await world.live(6, HOUR, falls, host="a")
    await world.live(1, HOUR, falls, host="a")
    assert await letters(world) == ["1 gauge fills in the weeks to come"]


async def test_who_misleads_falls_silent_and_says_so(world: Any) -> None:
    await world.listen(84, HOUR, falls, host="a")
    bad = [
        Row(
            predictor="disk",
            series="s",
            made=world.clock.wall() - HOUR,
            deadline=world.clock.wall(),
            probability=0.9,
            base=0.05,
            outcome="did not",
        )
    ] * 30
    await world.db.write(lambda connection: predictions.add(connection, bad))
    await world.live(16, HOUR, falls, host="a")
    assert world.predicting.running["disk"].silent
    await world.predicting.turn()
    await world.clock.advance(30)
    await world.engine.tick()
    assert await world.engine.alerts() == []
    assert any("is silent" in one for one in world.predicting.warnings())
    events = [entry.body["event"] for entry in await world.entries("prediction")]
    assert "falls silent" in events
    assert "The prediction disk falls silent" in await letters(world)
    assert world.predicting.standing("disk", 0.1) == {}
    await world.restart()
    await world.predicting.turn()
    assert world.predicting.running["disk"].silent


def wrong(world: Any, probability: float, count: int, **of: Any) -> list[Row]:
    """Predictions of something that did not come."""
    made = world.clock.wall() - HOUR
    return [
        Row(
            predictor="disk",
            made=made,
            deadline=made + 1,
            probability=probability,
            base=0.05,
            outcome="did not",
            **of,
        )
    ] * count


@pytest.mark.parametrize(
    "good",
    [{"series": 'disk_free_bytes{host="a"}', "count": 5}, {"series": "another", "owner": "ops", "count": 20}],
    ids=["its own record is good", "its owner's is"],
)
async def test_others_series_silence_nobody(world: Any, good: dict[str, Any]) -> None:
    await world.listen(84, HOUR, falls, host="a")
    bad = [one for n in range(30) for one in wrong(world, 0.9, 1, series=f"bad {n}", owner="somebody")]
    rows = [*bad, *wrong(world, 0.01, **good)]
    await world.db.write(lambda connection: predictions.add(connection, rows))
    await world.restart()
    await world.live(16, HOUR, falls, host="a")
    one = world.predicting.running["disk"]
    assert one.silent
    (alert,) = await world.engine.alerts()
    assert alert.labels["host"] == "a"
    await world.restart()
    await world.predicting.turn()
    assert {alarm.state for alarm in world.predicting.running["disk"].alarms.values()} == {"told"}


CERTIFICATE = """
[owner.ops]
contact = ["exec:/bin/true"]
[prediction.disk]
of = "disk_free_bytes"
full = "time()"
act = "10h"
owner = "ops"
every = "1h"
budget = "20 alarms a week"
"""


@pytest.mark.parametrize("world", [CERTIFICATE], indirect=True, ids=["an end"])
async def test_ends_that_are_moved_before_they_come_silence_nobody(world: Any) -> None:
    begun = world.clock.wall()

    def ends(hour: float) -> float:
        return begun + (8 if hour < 5 else 900) * HOUR  # renewed three hours before

    await world.live(14, HOUR, ends, host="a")
    (told,) = [row for row in await world.rows() if row.told]
    assert (told.probability, told.outcome, told.why) == (1.0, "void", RENEWED)
    bad = wrong(world, 1.0, 30, series="s")
    await world.db.write(lambda connection: predictions.add(connection, bad))
    await world.live(12, HOUR, ends, host="a")
    one = world.predicting.running["disk"]
    assert one.tally.known >= 30
    assert not one.silent


@pytest.mark.parametrize("before", [False, True], ids=["the first time", "once more"])
async def test_what_somebody_empties_without_a_word_is_void_but_once(world: Any, before: bool) -> None:
    def emptied(hour: float) -> float:
        return max(1.0, 100 - hour) if hour < 97 else max(1.0, 400 - 2 * (hour - 97))

    await world.listen(84, HOUR / 6, emptied, host="a")
    if before:
        (row,) = wrong(world, 0.9, 1, series='disk_free_bytes{host="a"}')
        row = msgspec.structs.replace(row, outcome="void", why=MOVED)
        await world.db.write(lambda connection: predictions.add(connection, [row]))
    begun = world.clock.wall()
    await world.live(28, HOUR, emptied, host="a")
    told = [row for row in await world.rows() if row.made > begun and row.probability > 0.5 and row.outcome]
    assert told
    wanted = ("did not", "") if before else ("void", MOVED)
    assert {(row.outcome, row.why) for row in told} == {wanted}


async def test_nothing_rests_on_what_was_foreseen_long_ago(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.components["a"] = Subject(name="a", owner="ops")
    await world.listen(93, HOUR, falls, component="a")
    await world.predicting.turn()
    assert world.predicting.standing("disk", 0.5) == {"a": 0.0}
    view = PredictView(world.node)

    def refused(*_: object) -> None:
        raise StoreError("a damaged block")

    monkeypatch.setattr(world.predicting.running["disk"].gauge, "look", refused)
    await world.live(2, 600, falls, component="a")
    await world.engine.tick()
    assert "damaged" in world.predicting.running["disk"].trouble
    assert world.predicting.standing("disk", 0.5) == {}
    assert world.predicting.planned() == []
    assert view.now("", "", 10).standing == []
    assert await world.engine.alerts() == []


async def test_a_broken_expression_is_named_and_tried_again(world: Any) -> None:
    world.take(LIMITED.replace('"0"', "'some_size'"))
    await world.listen(60, HOUR, falls, host="a")
    await world.predicting.turn()
    (one,) = world.predicting.running["disk"].look.foreseen
    assert one.probability != one.probability  # without a limit nothing can be said
    world.take(LIMITED.replace('"disk_free_bytes"', "'disk_free_bytes * on() disk_free_bytes'"))
    await world.listen(1, HOUR / 2, falls, host="b")
    await world.predicting.turn()
    assert any("cannot be made" in one for one in world.predicting.warnings())


async def test_a_defect_of_one_is_named_and_ends_nothing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.predicting.running["disk"].gauge, "look", lambda *_: 1 / 0)
    await world.predicting.turn()
    assert any("a defect" in one for one in world.predicting.warnings())


async def test_a_defect_in_what_is_told_is_named_and_ends_nothing(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.predicting._promising, "_tell", lambda *_: 1 / 0)
    await world.predicting.turn()
    assert any("a defect" in one for one in world.predicting.warnings())


async def test_an_alarm_stands_while_its_limit_is_away(world: Any) -> None:
    await tell(world)
    (before,) = await world.engine.alerts()
    world.predicting.running["disk"].gauge.full = "quota_bytes"
    await world.live(2, HOUR, falls, host="a")
    (foreseen,) = world.predicting.running["disk"].look.foreseen
    assert foreseen.probability != foreseen.probability
    (alert,) = await world.engine.alerts()
    assert (alert.id, alert.started) == (before.id, before.started)
    assert "too little to say" in alert.annotations["summary"]


async def test_what_should_have_been_reviewed_is_named(world: Any) -> None:
    world.take(LIMITED + "review = 2026-12-31")
    assert any("should have been reviewed" in one and "disk" in one for one in world.predicting.warnings())


async def test_components_that_fail_are_foreseen_by_themselves(world: Any) -> None:
    shop = Subject(name="shop", owner="web", group="front")
    world.components["shop"] = shop
    world.node.acting = SimpleNamespace(subjects=lambda: iter([shop, Subject(name="other")]))
    lines = LIMITED.replace('of = "disk_free_bytes"\nfull = "0"', "fails = 'group = \"front\"'")
    world.take(lines)
    await world.listen(1, HOUR, falls, host="a")
    await world.predicting.turn()
    (one,) = PredictView(world.node).now("", "", 10).standing
    assert (one.kind, one.component, one.owner, one.probability) == ("failure", "shop", "web", None)


async def test_without_a_prediction_nothing_is_done(world: Any) -> None:
    world.take(LIMITED.partition("[prediction")[0])
    assert await world.predicting.turn() is None
    assert await world.rows() == []
