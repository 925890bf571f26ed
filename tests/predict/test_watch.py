"""Early warning over the series of a store: what is new is looked at once, and what is strange is named."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.errors import FormatError
from gadfly.predict import watch as module
from gadfly.predict.prediction import key
from gadfly.predict.watch import LAG, Strange, Watch
from gadfly.promql.held import Held
from gadfly.promql.parse import parse_selector

START = 1_800_000_000.0
STEP = 60.0
COUNT = 3000
OF = parse_selector('{__name__=~".+"}')


def source(broken: int | None = None) -> Held:
    """A calm gauge, and a calm counter whose rate breaks away at the sample `broken`."""
    at = np.round((START + np.arange(COUNT) * STEP) * 1000).astype(np.int64)
    rate = 10 + np.random.default_rng(1).normal(0, 1, COUNT)
    if broken is not None:
        rate[broken:] += 400
    calm = np.random.default_rng(2).normal(5, 1, COUNT)
    return Held(
        [
            ({"__name__": "load"}, at, calm),
            ({"__name__": "requests_total"}, at, np.cumsum(rate * STEP)),
            ({"__name__": "requests_bucket", "le": "1"}, at, np.cumsum(rate * STEP)),
        ]
    )


def live(one: Watch, held: Held, first: int, last: int, every: int = 10) -> list[Strange]:
    found = []
    for sample in range(first, last, every):
        found += one.look(held, OF, START + sample * STEP + LAG)
    return found


def test_what_breaks_away_is_named_and_counters_are_rates() -> None:
    one, held = Watch(1.0), source(2900)
    calm = live(one, held, 1500, 2890)
    strange = live(one, held, 2890, 2960)
    assert len(calm) < 10
    assert one.count == 2  # buckets are left out
    first = next(found for found in strange if found.key == key({"__name__": "requests_total"}))
    assert first.value > 300
    assert first.at == START + 2900 * STEP
    assert first.score >= 0.5
    assert first.why == "higher than it used to be"


def test_what_was_learnt_survives_a_restart() -> None:
    held = source(2900)
    whole, first = Watch(1.0), Watch(1.0)
    live(whole, held, 2400, 2800)
    live(first, held, 2400, 2800)
    second = Watch.restored(first.state(), 1.0)
    assert live(second, held, 2800, 2960) == live(whole, held, 2800, 2960)
    assert second.state() == whole.state()


@pytest.mark.parametrize("data", [b"", b"x", b"\x78\x9c\x03\x00\x00\x00\x00\x01"], ids=repr)
def test_what_is_no_state_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        Watch.restored(data, 1.0)


def test_a_state_that_does_not_fit_together_is_refused() -> None:
    one = Watch(1.0)
    live(one, source(), 10, 30)
    one._numbers.popitem()
    with pytest.raises(FormatError):
        Watch.restored(one.state(), 1.0)


def test_series_beyond_the_room_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SERIES", 1)
    one = Watch(1.0)
    live(one, source(), 10, 30)
    assert (one.count, one.unwatched) == (1, 1)


def test_what_is_no_more_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SERIES", 2)
    at = np.round((START + np.arange(3000) * STEP) * 1000).astype(np.int64)
    value = np.zeros(3000)
    old = [({"__name__": f"old{number}"}, at[:60], value[:60]) for number in range(2)]
    held = Held([*old, ({"__name__": "new"}, at[60:], value[60:])])
    one = Watch(1.0)
    live(one, held, 10, 60)
    live(one, held, 60, 1000)
    assert (one.count, one.unwatched) == (2, 1)
    live(one, held, 1600, 1620)
    assert (one.count, one.unwatched) == (1, 0)


def test_after_a_gap_it_goes_on_with_what_is_new() -> None:
    one, held = Watch(1.0), source()
    live(one, held, 10, 100)
    live(one, held, 1000, 1100)
    live(one, held, 500, 510)  # the clock was set back
    assert one.at == START + 500 * STEP
