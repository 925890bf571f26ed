"""The wire format of Protocol Buffers: what encoders write is read, other bytes are refused."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError
from gadfly.telemetry import protobuf
from gadfly.telemetry.protobuf import Field


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\x08\x96\x01", [Field(1, 0, 150, 3)]),
        (b"\x12\x07testing", [Field(2, 2, 2, 9)]),
        (b"\x12\x00\x18\x01", [Field(2, 2, 2, 2), Field(3, 0, 1, 4)]),
        (b"\x09" + struct.pack("<d", 1.5), [Field(1, 1, 0x3FF8000000000000, 9)]),
        (b"\x0d" + struct.pack("<f", 1.5), [Field(1, 5, 0x3FC00000, 5)]),
        (b"\x08" + b"\xff" * 9 + b"\x01", [Field(1, 0, 2**64 - 1, 11)]),
        (b"\x80\x80\x01\x05", [Field(2048, 0, 5, 4)]),
    ],
)
def test_what_encoders_write(data: bytes, expected: list[Field]) -> None:
    assert list(protobuf.fields(data)) == expected


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x08", "number at byte 1 is cut off"),
        (b"\x08\x80", "number at byte 1 is cut off"),
        (b"\x08" + b"\xff" * 10, "byte 1 has more than 64 bits"),
        (b"\x08" + b"\xff" * 9 + b"\x02", "byte 1 has more than 64 bits"),
        (b"\x08\x01\x12\x05abc", "field at byte 2 is cut off"),
        (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "field at byte 0 is cut off"),
        (b"\x09\x00\x00", "field at byte 0 is cut off"),
        (b"\x0d\x00\x00", "field at byte 0 is cut off"),
        (b"\x00\x01", "byte 0 begins a field with the impossible number 0"),
        (b"\x80\x80\x80\x80\x10\x01", "impossible number"),
        (b"\x0b", "unknown wire type 3"),
        (b"\x0c", "unknown wire type 4"),
        (b"\x0f", "unknown wire type 7"),
    ],
)
def test_what_none_writes(data: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        list(protobuf.fields(data))


def test_a_message_within_another_keeps_to_its_end() -> None:
    data = b"\x12\x02\x08\x80\x18\x01"
    outer = next(protobuf.fields(data))
    with pytest.raises(FormatError, match="number at byte 3 is cut off"):
        list(protobuf.fields(data, outer.value, outer.end))


@pytest.mark.parametrize(
    ("understood", "value", "meaning"),
    [
        (protobuf.signed, 5, 5),
        (protobuf.signed, 2**64 - 1, -1),
        (protobuf.signed, 2**63, -(2**63)),
        (protobuf.zigzag, 0, 0),
        (protobuf.zigzag, 1, -1),
        (protobuf.zigzag, 2**64 - 1, -(2**63)),
        (protobuf.double, 0x3FF8000000000000, 1.5),
        (protobuf.single, 0x3FC00000, 1.5),
    ],
)
def test_what_a_number_means(understood: object, value: int, meaning: float) -> None:
    assert understood(value) == meaning  # type: ignore[operator]


def test_the_bits_of_a_nan_stay() -> None:
    stale = protobuf.double(0x7FF0000000000002)
    assert math.isnan(stale)
    assert struct.pack("<d", stale) == struct.pack("<Q", 0x7FF0000000000002)


def test_texts_are_utf_8() -> None:
    assert protobuf.text(b"\x12\x03n\xc3\xbc", 2, 5) == "nü"
    with pytest.raises(FormatError, match="byte 1 is not UTF-8"):
        protobuf.text(b"a\xff", 1, 2)


def test_repeated_numbers_packed_and_not() -> None:
    data = b"\x0a\x03\x01\x96\x01\x08\x07"
    found = [number for field in protobuf.fields(data) for number in protobuf.packed(data, field)]
    assert found == [1, 150, 7]
    data = b"\x0a\x10" + struct.pack("<2Q", 3, 2**64 - 1) + b"\x09" + struct.pack("<Q", 9)
    found = [number for field in protobuf.fields(data) for number in protobuf.packed_fixed64(data, field)]
    assert found == [3, 2**64 - 1, 9]
    data = b"\x0a\x07" + bytes(7)
    odd = next(protobuf.fields(data))
    with pytest.raises(FormatError, match="list at byte 2"):
        protobuf.packed_fixed64(data, odd)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    end = 0
    try:
        for field in protobuf.fields(data):
            assert end < field.end <= len(data)
            end = field.end
    except FormatError:
        return
    assert end == len(data)
