"""Remote write: bytes that say nothing are counted while they are read, and refused before they cost much."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gadfly.errors import LimitError
from gadfly.telemetry import protobuf, remote_write, remote_write_2
from gadfly.telemetry.remote_write_sent import delimited, labels, sample, varint
from gadfly.telemetry.written import Written

MANY = 2_000_000
NAMED = labels({"__name__": "up"})
SYMBOLS = b"\x22\x00" + delimited(0x22, b"__name__") + delimited(0x22, b"up")
REFS = delimited(0x0A, varint(1) + varint(2))
Decode = Callable[[bytes, Mapping[Any, int]], Written]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many fields were taken from the tally."""
    found = [0]
    take = protobuf.Tally.take

    def counted(tally: protobuf.Tally, size: int) -> None:
        found[0] += 1
        take(tally, size)

    monkeypatch.setattr(protobuf.Tally, "take", counted)
    return found


@pytest.mark.parametrize(
    ("decode", "data"),
    [
        pytest.param(remote_write.decode, delimited(0x0A, NAMED + b"\x12\x00" * MANY), id="samples"),
        pytest.param(remote_write.decode, delimited(0x0A, b"\x0a\x00" * MANY), id="labels"),
        pytest.param(remote_write.decode, delimited(0x0A, NAMED + b"\x1a\x00" * MANY), id="exemplars"),
        pytest.param(
            remote_write.decode, delimited(0x0A, delimited(0x0A, b"\x0a\x00" * MANY)), id="names of a label"
        ),
        pytest.param(
            remote_write.decode,
            delimited(0x0A, NAMED + delimited(0x12, b"\x1a\x00" * MANY)),
            id="parts of a sample",
        ),
        pytest.param(remote_write.decode, delimited(0x1A, b"\x12\x00" * MANY), id="names of a description"),
        pytest.param(remote_write.decode, b"\x3a\x00" * MANY, id="parts of a request"),
        pytest.param(
            remote_write_2.decode, SYMBOLS + delimited(0x2A, REFS + b"\x12\x00" * MANY), id="samples, 2"
        ),
        pytest.param(
            remote_write_2.decode, SYMBOLS + delimited(0x2A, b"\x0a\x00" * MANY), id="lists of labels, 2"
        ),
        pytest.param(
            remote_write_2.decode,
            SYMBOLS + delimited(0x2A, REFS + delimited(0x2A, b"\x32\x00" * MANY)),
            id="parts of a description, 2",
        ),
        pytest.param(remote_write_2.decode, b"\x3a\x00" * MANY, id="parts of a request, 2"),
    ],
)
def test_empty_parts_are_refused_while_they_are_read(decode: Decode, data: bytes, read: list[int]) -> None:
    with pytest.raises(LimitError, match="fields; send smaller"):
        decode(data, {})
    assert read[0] <= 10_100


@pytest.mark.parametrize(
    ("decode", "data"),
    [
        (remote_write.decode, delimited(0x0A, NAMED + b"\x12\x02\x10\x01" * 1000)),
        (remote_write_2.decode, SYMBOLS + delimited(0x2A, REFS + b"\x12\x02\x10\x01" * 1000)),
    ],
    ids=["1", "2"],
)
def test_the_same_with_content_by_their_number(
    decode: Decode, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(decode(data, {}).at) == 1000
    monkeypatch.setattr(remote_write, "FIELDS", 1500)
    with pytest.raises(LimitError, match="1,500 fields"):
        decode(data, {})


def test_labels_by_their_number_in_all_series_together(monkeypatch: pytest.MonkeyPatch) -> None:
    one = delimited(0x0A, labels({"__name__": "up", "a": "b"}) + sample(1_790_000_000_000, 1.0))
    assert len(remote_write.decode(one * 100, {}).at) == 100
    monkeypatch.setattr(remote_write, "FIELDS", 500)
    with pytest.raises(LimitError, match="500 fields"):
        remote_write.decode(one * 100, {})


def test_more_references_than_a_series_may_have_are_not_read() -> None:
    data = SYMBOLS + delimited(0x2A, delimited(0x0A, b"\x01" * MANY) + sample(1_790_000_000_000, 1.0))
    written = remote_write_2.decode(data, {})
    assert written.strays == 1
    assert not written.fresh


def test_references_by_their_number_in_all_series_together(monkeypatch: pytest.MonkeyPatch) -> None:
    one = delimited(0x2A, delimited(0x0A, varint(1) * 400) + b"\x12\x02\x10\x01")
    assert remote_write_2.decode(SYMBOLS + one * 20, {}).strays == 20
    monkeypatch.setattr(remote_write, "FIELDS", 7900)
    with pytest.raises(LimitError, match="7,900 fields"):
        remote_write_2.decode(SYMBOLS + one * 20, {})


def test_more_references_than_are_read_together_are_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    one = delimited(0x2A, REFS + sample(1_790_000_000_000, 1.0))
    (fresh,) = remote_write_2.decode(SYMBOLS + one, {}).fresh
    rows = []
    for room in (remote_write_2.TOGETHER, 10):
        monkeypatch.setattr(remote_write_2, "TOGETHER", room)
        written = remote_write_2.decode(SYMBOLS + one * 9, {fresh.key: 7})
        rows.append((written.series.tolist(), written.at.tolist(), written.value.tolist()))
    assert rows[0] == rows[1] == ([7] * 9, [1_790_000_000_000] * 9, [1.0] * 9)
    monkeypatch.setattr(remote_write, "FIELDS", 20)
    with pytest.raises(LimitError, match="20 fields"):
        remote_write_2.decode(SYMBOLS + one * 9, {fresh.key: 7})
