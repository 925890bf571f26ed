"""The node's own store answers as arrays in memory do, from its newest hours and from its blocks at once."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.errors import QueryError
from gadfly.promql import Source, range_query
from gadfly.promql.held import Held
from gadfly.promql.values import key
from gadfly.store.series import Batch, Series

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
from promql_expressions import Maker
from promql_world import BASE, HOURS, Line, made


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[tuple[Series, list[Line]]]:
    """The world of the comparison, come in as time went by, the older part of it rolled into blocks."""
    lines = made(1)
    clock = VirtualClock(float(BASE))
    series = Series(tmp_path / "series", Settings(), clock)
    await series.open()
    ids, refused = series.intern([line.labels for line in lines])
    assert not refused
    whole = Batch(
        np.repeat(ids, [len(line.at) for line in lines]),
        np.concatenate([np.array(line.at, dtype=np.int64) for line in lines]),
        np.concatenate([np.array(line.value) for line in lines]),
    )
    for start in range(BASE, BASE + HOURS * 3600 + 600, 600):
        await clock.advance(600)
        now = (whole.at >= start * 1000) & (whole.at < (start + 600) * 1000)
        taken = await series.append(Batch(whole.series[now], whole.at[now], whole.value[now]))
        assert taken.samples == now.sum(), taken.refused
    await clock.advance(3600)
    late, _ = series.intern([{"__name__": "late"}])
    await series.append(Batch(late, np.array([int(clock.wall() * 1000)]), np.ones(1)))
    await series.upkeep()
    assert len(series.standing().blocks) >= 2
    assert series.standing().head > 1000
    yield series, lines
    await series.close()


def answered(source: Source, text: str, start: int, step: int) -> dict[object, object]:
    """By labels, times and values; or the refusal."""
    try:
        matrix = range_query(source, text, start, start + 20 * step, step)
    except QueryError as error:
        return {"refused": str(error).split(":")[0]}
    return {key(one.labels): (one.at.tolist(), one.value) for one in matrix.series}


async def test_the_same_answers(store: tuple[Series, list[Line]]) -> None:
    series, lines = store
    held = Held((line.labels, np.array(line.at), np.array(line.value)) for line in lines)
    maker, compared = Maker(5, BASE), 0
    for number in range(400):
        text = maker.expression()
        if any(word in text for word in ("topk", "bottomk", "cancel", "std")):
            continue  # these depend on the order of the series
        start = (BASE + number * 27) * 1000
        got, wanted = answered(series, text, start, 60_000), answered(held, text, start, 60_000)
        assert got.keys() == wanted.keys(), text
        for labels, want in wanted.items():
            if isinstance(want, tuple):
                have = got[labels]
                assert isinstance(have, tuple)
                assert have[0] == want[0], text
                np.testing.assert_allclose(have[1], want[1], rtol=1e-9, err_msg=text)
                compared += len(want[0])
    assert compared > 5000
