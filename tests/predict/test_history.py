"""The past on a grid: what is read bit by bit is what is read at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from gadfly.errors import QueryError
from gadfly.predict import history as module
from gadfly.predict.history import History
from gadfly.predict.limit import limits
from gadfly.predict.prediction import key
from gadfly.predict.wording import left_out
from gadfly.promql.held import Held

HOUR = 3600.0
DAY = 24 * HOUR
START = 1_800_000_000.0 // DAY * DAY


def disk(
    name: str, there: Callable[[float], bool] = lambda hour: True, hours: int = 72
) -> tuple[dict[str, str], NDArray[np.int64], NDArray[np.float64]]:
    """A sample every ten minutes where there is one; its value is the hour."""
    hour = np.arange(hours * 6) / 6
    hour = hour[[there(one) for one in hour.tolist()]]
    return {"__name__": "disk", "host": name}, np.round((START + hour * HOUR) * 1000).astype(np.int64), hour


def test_bit_by_bit_is_as_at_once() -> None:
    source = Held([disk("a"), disk("b", lambda hour: hour >= 40), disk("c", lambda hour: hour < 5)])
    slow, quick = History("disk", 2 * DAY, 600), History("disk", 2 * DAY, 600)
    for hour in (3.0, 3.05, 20, 39.9, 40, 60, 60):
        slow.read(source, START + hour * HOUR)
    quick.read(source, START + 60 * HOUR)
    assert slow.keys == quick.keys == [key({"__name__": "disk", "host": name}) for name in "ab"]
    np.testing.assert_array_equal(slow.at, quick.at)
    np.testing.assert_array_equal(slow.values, quick.values)
    assert len(quick.at) == 288
    assert quick.values[0, -1] == 60


def test_what_is_known_is_walked_once_however_many_series_are_read() -> None:
    class Walked(list[tuple[tuple[str, str], ...]]):
        times = 0

        def __iter__(self) -> Iterator[tuple[tuple[str, str], ...]]:
            Walked.times += 1
            return super().__iter__()

    source = Held([disk(f"{number}") for number in range(50)])
    past = History("disk", 2 * DAY, 600)
    past.read(source, START + 3 * HOUR)
    past.keys = Walked(past.keys)
    past.read(source, START + 4 * HOUR)
    assert len(past.keys) == 50
    assert 0 < Walked.times < 10


@pytest.mark.parametrize("span", [2 * DAY, 10 * DAY + 1, 58 * DAY], ids=str)
def test_values_stand_at_their_times_however_long_it_is(span: float) -> None:
    past = History("disk", span, 77.7)
    past.read(Held([disk("a")]), START + 50 * HOUR)
    at, values = past.known()
    there = np.isfinite(values[0])
    hour = (at[there] - START) / HOUR
    assert there.sum() > len(at) / 3
    np.testing.assert_allclose(values[0][there], np.floor(hour * 6 + 1e-9) / 6)
    assert at[-1] > START + 49 * HOUR


def test_nothing_is_read_that_is_later_than_now() -> None:
    past = History("disk", 2 * DAY, 600)
    past.read(Held([disk("a")]), START + 50 * HOUR)
    assert past.at[-1] <= START + 50 * HOUR
    assert np.nanmax(past.values) <= 50


@pytest.mark.parametrize("ahead", [0.1, 1, 30 * 24], ids=str)
def test_a_clock_that_was_ahead_and_is_set_back_leaves_nothing(ahead: float) -> None:
    source, past = Held([disk("a")]), History("disk", 2 * DAY, 600)
    for hour in (50, 50 + ahead, 50, 51):
        past.read(source, START + hour * HOUR)
    anew = History("disk", 2 * DAY, 600)
    anew.read(source, START + 51 * HOUR)
    np.testing.assert_array_equal(past.at, anew.at)
    np.testing.assert_array_equal(past.values, anew.values)


def test_it_begins_with_the_first_sample() -> None:
    past = History("disk", 2 * DAY, 600)
    past.read(Held([disk("a", lambda hour: hour >= 40)]), START + 50 * HOUR)
    at, values = past.known()
    assert at[0] == START + 40 * HOUR
    assert values.shape == (1, 61)


def test_without_series_nothing_is_known() -> None:
    past = History("disk", 2 * DAY, 600)
    past.read(Held([]), START)
    assert [part.size for part in past.known()] == [0, 0]


FLOOD = [disk(f"{number}", lambda hour: 50 <= hour < 50.2) for number in range(9)]


@pytest.mark.parametrize("begins", [40.0, 60.0], ids=["it was known before", "it is read anew"])
def test_a_flood_of_series_blinds_nobody(monkeypatch: pytest.MonkeyPatch, begins: float) -> None:
    monkeypatch.setattr(module, "SERIES", 3)
    source, past = Held([*FLOOD, disk("real")]), History("disk", 2 * DAY, 600)
    real = key({"__name__": "disk", "host": "real"})
    past.read(source, START + begins * HOUR, there={real})
    past.read(source, START + 50.1 * HOUR, there={real, *(key(labels) for labels, _, _ in FLOOD)})
    past.read(source, START + 60 * HOUR, there={real})
    assert past.at[-1] == START + 60 * HOUR
    assert np.isfinite(past.values[past.keys.index(real)]).all()
    assert len(past.keys) == 3


def test_of_too_many_series_the_rest_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SERIES", 2)
    source, past = Held([disk(name) for name in "abcde"]), History("disk", 2 * DAY, 600)
    everything = {key({"__name__": "disk", "host": name}) for name in "abcde"}
    past.read(source, START + HOUR, there=everything)
    assert {*past.keys, *past.left_out} == everything
    assert (
        left_out(past.left_out)
        == 'no room for 3 series (disk{host="c"}, disk{host="d"}, disk{host="e"}): narrow `of`'
    )


@pytest.mark.parametrize(
    ("full", "wanted"),
    [
        ("0", [0, 0]),
        ("2 * 3", [6, 6]),
        ("size", [10, np.nan]),
        ("max(size)", [10, 10]),
        ("nothing", [np.nan, np.nan]),
    ],
    ids=["a number", "a sum", "by labels", "one for all", "unknown"],
)
def test_limits_are_found_by_labels(full: str, wanted: list[float]) -> None:
    at = np.array([START * 1000], np.int64)
    source = Held([({"__name__": "size", "host": "a"}, at, np.array([10.0]))])
    keys = [key({"__name__": "disk", "host": name}) for name in "ab"]
    np.testing.assert_array_equal(limits(source, full, keys, START + 60), wanted)


def test_a_limit_that_cannot_be_asked_is_an_error() -> None:
    with pytest.raises(QueryError):
        limits(Held([]), "sum(", [], START)
