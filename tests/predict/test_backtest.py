"""What is replayed knows nothing of what comes after."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.config.predict import Prediction
from gadfly.config.section import Duration
from gadfly.predict.backtest import replay
from gadfly.predict.prediction import Foreseen, Key
from gadfly.predict.scorecard import score
from gadfly.promql.held import Held
from gadfly.store.predictions import Row

HOUR = 3600.0
DAY = 24 * HOUR
START = 1_800_000_000.0 // DAY * DAY
END = START + 8 * DAY
DISK = Prediction(of="disk", full="0", act=Duration(12 * HOUR), owner="ops", every=Duration(HOUR))


def source(after: float = float("inf"), then: float = 0.0) -> Held:
    """A disk that fills in five days and is then emptied; from `after` hours on it is `then`."""
    hour = np.arange(0, 8 * 24 + 1, 0.5)
    free = 120.0 - hour % 120
    free[hour >= after] = then
    at = np.round((START + hour * HOUR) * 1000).astype(np.int64)
    return Held([({"__name__": "disk", "host": "a"}, at, free)])


def test_it_is_scored_by_what_came_after() -> None:
    rows, reached = replay(source(), "disk", DISK, START + 3 * DAY, END)
    assert reached == END
    told = [row for row in rows if row.told]
    assert told
    assert all(START + 3 * DAY <= row.made < END for row in rows)
    assert {row.outcome for row in rows if row.deadline <= END and not row.told} == {"did not"}
    assert {row.outcome for row in told} == {"void"}  # it was emptied, with half an hour left


@pytest.mark.parametrize("hour", [90, 100, 130])
def test_another_future_changes_nothing_before_it(hour: int) -> None:
    def until(rows: list[Row]) -> list[tuple[float, float, bool, float]]:
        end = START + hour * HOUR
        return [(row.made, row.probability, row.told, row.base) for row in rows if row.made < end]

    one = until(replay(source(), "disk", DISK, START + 3 * DAY, END)[0])
    other = until(replay(source(hour, 500.0), "disk", DISK, START + 3 * DAY, END)[0])
    assert one
    assert one == other


def test_where_too_little_is_stored_nothing_is_replayed() -> None:
    assert replay(Held([]), "disk", DISK, START, END) == ([], END)


def test_who_is_stopped_says_how_far_it_came() -> None:
    turns = iter([False] * 55)  # the past is read by days first
    rows, reached = replay(source(), "disk", DISK, START + 3 * DAY, END, over=lambda: next(turns, True))
    assert START + 3 * DAY < reached < START + 4 * DAY
    assert all(row.made < reached for row in rows)


def test_who_would_have_fallen_silent_tells_nothing_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says of a hundred that stay as they are that they fill, again and again."""
    at = np.round((START + np.arange(0, 8 * 24 + 1) * HOUR) * 1000).astype(np.int64)
    labels = [{"__name__": "disk", "host": f"{n}"} for n in range(9)]
    disks = Held([(one, at, np.full(len(at), 50.0)) for one in labels])
    turn = iter(range(1000))

    def cries(keys: list[Key], *_: object, **__: object) -> list[Foreseen]:
        wolf = 0.99 * (next(turn) % 20 < 10)
        return [Foreseen(key=one, probability=wolf, value=50.0, limit=0.0) for one in keys]

    monkeypatch.setattr("gadfly.predict.backtest.foresee", cries)
    rows, _ = replay(disks, "disk", DISK, START + 3 * DAY, END)
    told = [row.made for row in rows if row.told]
    assert len(told) == 18
    assert max(told) < START + 4 * DAY < max(row.made for row in rows)


def test_an_alarm_that_comes_true_soon_after_its_deadline_is_right_as_on_the_scorecard() -> None:
    hour = np.arange(0, 8 * 24 + 1, 0.5)
    free = 120.0 - hour % 120
    paused = hour >= 108  # twelve are left, and for twelve hours nothing is written
    free[paused] = np.where(hour[paused] < 120, 12.0, np.maximum(0.0, 132 - hour[paused]))
    at = np.round((START + hour * HOUR) * 1000).astype(np.int64)
    disk = Held([({"__name__": "disk", "host": "a"}, at, free)])
    rows, _ = replay(disk, "disk", DISK, START + 3 * DAY, END)
    late = [row for row in rows if row.told and row.outcome == "did not"]
    assert [(row.happened, row.why) for row in late] == [
        (START + 132 * HOUR, "it came true after its deadline")
    ]
    card = score(rows, "disk", 8 * DAY)
    assert card.told_true == card.told == 2
