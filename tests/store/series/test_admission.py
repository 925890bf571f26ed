"""Within a series time goes forward, as in Prometheus' head: a table, and the same sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.store.series.admission import NEVER, Newest, admit
from gadfly.store.series.batch import Batch

NAN, OTHER_NAN = np.array([0x7FF8000000000001, 0x7FF0000000000002], dtype=np.uint64).view(np.float64)


def batch(rows: list[tuple[int, int, float]]) -> Batch:
    ids, at, value = zip(*rows, strict=True)
    return Batch(np.array(ids, np.int64), np.array(at, np.int64), np.array(value, np.float64))


def newest(rows: dict[int, tuple[int, float]]) -> Newest:
    made = Newest()
    for number, (at, value) in rows.items():
        made.at[number], made.value[number] = at, value
    return made


@pytest.mark.parametrize(
    ("before", "rows", "keep", "refused"),
    [
        ({}, [(0, 100, 1.0)], [True], {}),
        ({0: (100, 1.0)}, [(0, 100, 1.0)], [False], {}),
        ({0: (100, 1.0)}, [(0, 100, 2.0)], [False], {"duplicate": [0]}),
        ({0: (100, 0.0)}, [(0, 100, -0.0)], [False], {"duplicate": [0]}),
        ({0: (100, NAN)}, [(0, 100, NAN)], [False], {}),
        ({0: (100, NAN)}, [(0, 100, OTHER_NAN)], [False], {"duplicate": [0]}),
        ({0: (100, 1.0)}, [(0, 99, 1.0)], [False], {"out_of_order": [0]}),
        ({0: (100, 1.0)}, [(1, 99, 1.0)], [True], {}),
        ({}, [(0, 100, 1.0), (0, 100, 1.0)], [True, False], {}),
        ({}, [(0, 100, 1.0), (0, 100, 3.0)], [True, False], {"duplicate": [1]}),
        ({}, [(0, 100, 1.0), (0, 90, 1.0), (0, 110, 2.0)], [True, False, True], {"out_of_order": [1]}),
        (
            {0: (100, 1.0)},
            [(0, 90, 1.0), (0, 100, 1.0), (0, 101, 1.0)],
            [False, False, True],
            {"out_of_order": [0]},
        ),
        ({}, [(1, 50, 1.0), (0, 60, 2.0), (1, 51, 3.0)], [True, True, True], {}),
        ({}, [(0, 9, 1.0)], [False], {"too_old": [0]}),
        ({}, [(0, 10, 1.0)], [True], {}),
        ({}, [(0, 1000, 1.0), (0, 1001, 1.0)], [True, False], {"too_far_ahead": [1]}),
        ({}, [(-1, 100, 1.0)], [False], {}),
        ({}, [(7, 100, 1.0)], [False], {"unknown_series": [0]}),
    ],
)
def test_table(
    before: dict[int, tuple[int, float]],
    rows: list[tuple[int, int, float]],
    keep: list[bool],
    refused: dict[str, list[int]],
) -> None:
    given_ = batch(rows)
    found = admit(given_, given_.series < 7, newest(before), 10, 1000)
    assert found.keep.tolist() == keep
    assert {reason: positions.tolist() for reason, positions in found.refused.items()} == refused


sample = st.tuples(st.integers(0, 3), st.integers(0, 12), st.sampled_from([0.0, 1.0, 2.0]))


@given(st.lists(st.lists(sample, min_size=1, max_size=30), min_size=1, max_size=4))
def test_the_same_as_one_by_one(batches: list[list[tuple[int, int, float]]]) -> None:
    newest_ = Newest()
    model: dict[int, tuple[int, float]] = {}
    for rows in batches:
        given_ = batch(rows)
        found = admit(given_, np.ones(len(rows), np.bool_), newest_, 2, 10)
        reason_at = {int(p): reason for reason, positions in found.refused.items() for p in positions}
        for position, (number, at, value) in enumerate(rows):
            last, held = model.get(number, (NEVER, 0.0))
            expected = None
            if at > 10:
                expected = "too_far_ahead"
            elif at < 2:
                expected = "too_old"
            elif at < last:
                expected = "out_of_order"
            elif at == last and value != held:
                expected = "duplicate"
            assert reason_at.get(position) == expected
            taken = expected is None and at != last
            assert found.keep[position] == taken
            if taken:
                model[number] = (at, value)
        kept = Batch(*(column[found.keep] for column in given_))
        newest_.advance(kept)
        for number, (at, value) in model.items():
            assert (newest_.at[number], newest_.value[number]) == (at, value)


def test_room_is_made_for_new_numbers() -> None:
    grown = newest({3: (5, 7.0)})
    grown.reach(5000)
    assert (grown.at[3], grown.value[3], grown.at[4999]) == (5, 7.0, NEVER)
    size = len(grown.at)
    grown.reach(10)
    assert len(grown.at) == size
