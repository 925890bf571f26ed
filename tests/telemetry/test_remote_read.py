"""Remote read: what is asked, and what an answer holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError, LimitError
from gadfly.telemetry import remote_read
from gadfly.telemetry.remote_write_sent import delimited, labels, series

T = 1_790_000_000_000
UP = labels({"__name__": "up"})


def test_a_request() -> None:
    found = remote_read.request([("a", "=", "b"), ("c", "=~", "d")], 1, 300)
    assert (
        found == b"\x0a\x17\x08\x01\x10\xac\x02\x1a\x06\x12\x01a\x1a\x01b\x1a\x08\x08\x02\x12\x01c\x1a\x01d"
    )


def test_an_answer() -> None:
    some = [(T + n, float(n % 3)) for n in range(50)]
    data = b"\x10\x01" + delimited(0x0A, series(UP, some) + b"\x10\x01") + delimited(0x0A, b"")
    written = remote_read.response(data, 50)
    assert list(zip(written.at.tolist(), written.value.tolist(), strict=True)) == some
    assert [one.labels for one in written.fresh] == [{"__name__": "up"}]
    with pytest.raises(LimitError, match="49 samples"):
        remote_read.response(data, 49)


@pytest.mark.parametrize("part", [series(b"", [(T, 1.0)]), b"\x0a\x05ab", b"\x0b"])
def test_what_is_no_answer(part: bytes) -> None:
    with pytest.raises(FormatError):
        remote_read.response(delimited(0x0A, part), 100)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        written = remote_read.response(delimited(0x0A, data), 1000)
    except FormatError:
        return
    assert len(written.series) == len(written.at) == len(written.value)
