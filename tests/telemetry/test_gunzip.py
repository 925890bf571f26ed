"""gzip is unpacked no further than the limit."""

from __future__ import annotations

import contextlib
import gzip
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError, LimitError
from gadfly.telemetry.gunzip import MEMBERS, PIECE, gunzip


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_all_members_are_unpacked(parts: list[bytes]) -> None:
    assert gunzip(b"".join(map(gzip.compress, parts)), 2000) == b"".join(parts)


@pytest.mark.parametrize("members", [1, 50])
def test_a_bomb_is_refused(members: int) -> None:
    assert len(gunzip(gzip.compress(bytes(1000), mtime=0), 1000)) == 1000
    with pytest.raises(LimitError):
        gunzip(gzip.compress(bytes(1_000_001 // members + 1), mtime=0) * members, 1_000_000)


WHOLE = gzip.compress(b"x" * 999, mtime=0)


@pytest.mark.parametrize("data", [b"no", WHOLE[:-3], WHOLE + b"tail"], ids=["no gzip", "cut", "more behind"])
def test_what_is_no_gzip(data: bytes) -> None:
    with pytest.raises(FormatError):
        gunzip(data, 1000)


def test_a_file_of_many_members_is_refused_before_it_costs_time() -> None:
    empty = gzip.compress(b"", mtime=0)
    assert gunzip(empty * MEMBERS, 0) == b""
    began = time.process_time()
    with pytest.raises(FormatError, match="pack it as one"):
        gunzip(empty * 400_000, 10)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_member_may_end_anywhere_in_a_piece(size: int) -> None:
    content = random.Random(size).randbytes(size)
    for first in (gzip.compress(content, 0, mtime=0), gzip.compress(content[:-40], 0, mtime=0)):
        data = bytearray(first + WHOLE)
        assert gunzip(data, size + 999).endswith(b"x" * 999)
        with pytest.raises(FormatError):
            gunzip(data[:-1], size + 999)


@given(st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(FormatError, LimitError):
        gunzip(data, 10)
