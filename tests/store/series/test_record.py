"""Batches and names go into bytes and come back, bit for bit; other bytes are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gadfly.errors import StoreError
from gadfly.promql.source import Metadata
from gadfly.store.series import record
from gadfly.store.series.batch import Batch
from gadfly.store.series.index import Named


@given(st.integers(1, 400), st.data())
def test_batches(count: int, data: st.DataObject) -> None:
    ids = data.draw(arrays(np.int64, count, elements=st.integers(0, 2**31 - 1)))
    at = data.draw(arrays(np.int64, count, elements=st.integers(0, 2**50)))
    bits = data.draw(arrays(np.uint64, count))
    again = record.batch(record.samples(Batch(ids, at, bits.view(np.float64))))
    assert (again.series == ids).all()
    assert (again.at == at).all()
    assert (again.value.view(np.uint64) == bits).all()


def test_a_scrape_is_small() -> None:
    """A thousand series at one time: well under their 16 bytes a sample."""
    batch = Batch(np.arange(1000), np.full(1000, 1_800_000_000_000), np.arange(1000.0))
    assert len(record.samples(batch)) < 4 * 1000


@given(st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    for read in (record.batch, record.named):
        try:
            read(data)
        except StoreError as error:
            assert "another version" in str(error)  # noqa: PT017 - other bytes may be a batch by chance


def test_names() -> None:
    series = [Named(3, ("__name__", "up", "job", "ä\n"), "source"), Named(4, ("__name__", "x"), "")]
    metrics = {"up": Metadata("gauge", "whether it answers", "")}
    assert record.named(record.names(series, metrics)) == (series, metrics)


def test_a_cut_batch_is_refused() -> None:
    payload = record.samples(Batch(np.arange(3), np.arange(3), np.arange(3.0)))
    with pytest.raises(StoreError, match="no batch"):
        record.batch(payload[:-1])
