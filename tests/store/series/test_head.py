"""The head answers the same whatever its runs are, and forgets what is in a block."""

from __future__ import annotations

import numpy as np
import pytest

from gadfly.store.series import csr, head
from gadfly.store.series.batch import Batch
from gadfly.store.series.head import Head


@pytest.mark.parametrize("tail", [1, 7, 64, 10_000])
def test_the_same_for_every_size_of_tail(tail: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head, "TAIL", tail)
    monkeypatch.setattr(head, "RUN", 100)
    kept = Head()
    for step in range(50):
        kept.append(Batch(np.array([4, 2, 9]), np.full(3, step * 10), np.array([step, -step, 0.5])))
    assert len(kept) == 150
    assert (kept.oldest(), kept.latest()) == (0, 490)
    found = csr.join(head.select(kept.runs(), np.array([2, 5, 9]), 95, 300))
    assert found.ids.tolist() == [2, 9]
    assert found.at.tolist() == list(range(100, 301, 10)) * 2
    assert found.value.tolist() == [-float(step) for step in range(10, 31)] + [0.5] * 21
    if tail == 1:
        assert max(len(run.piece.at) for run in kept.runs()) <= 100
        assert len(kept.runs()) < 10

    kept.drop(250)
    assert (kept.oldest(), len(kept)) == (250, 75)
    kept.drop(1000)
    assert (kept.oldest(), kept.latest(), len(kept)) == (None, None, 0)


def test_what_a_reader_holds_does_not_change() -> None:
    kept = Head()
    kept.append(Batch(np.array([1]), np.array([1]), np.array([1.0])))
    runs = kept.runs()
    kept.append(Batch(np.array([1]), np.array([2]), np.array([2.0])))
    kept.drop(2)
    assert [piece.at.tolist() for piece in head.select(runs, None, 0, 9)] == [[1]]
