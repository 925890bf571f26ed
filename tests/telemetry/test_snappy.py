"""Snappy blocks: what they hold, and how much they may claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError, LimitError
from gadfly.telemetry import snappy
from gadfly.telemetry.remote_write_sent import varint


@given(st.binary(max_size=1000))
def test_round_trip(data: bytes) -> None:
    assert snappy.decompress(snappy.compress(data), 1000) == data


def test_no_more_than_is_wanted() -> None:
    block = snappy.compress(bytes(100_000))
    assert len(snappy.decompress(block, 100_000)) == 100_000
    with pytest.raises(LimitError, match="100000 bytes decompressed; at most 99999"):
        snappy.decompress(block, 99_999)


@pytest.mark.parametrize("claim", [2**20, 2**31, 2**32 - 1, 2**40])
def test_a_claim_that_cannot_be_true(claim: int) -> None:
    with pytest.raises(FormatError):
        snappy.decompress(varint(claim) + b"\0a", 2**50)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert len(snappy.decompress(data, 100_000)) <= 64 * len(data)
    except (FormatError, LimitError):
        return
