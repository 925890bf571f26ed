"""The wire format of Protocol Buffers, read strictly: what no encoder writes is an error with its position.

A message is walked by `fields`; what a caller does not know it passes over, as the format asks. Nothing is
copied: a nested message or a text is told as the positions between which it stands.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from gadfly.errors import FormatError

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
"""The wire types. The two of groups (3 and 4) were given up long ago and are refused."""

_DOUBLE = struct.Struct("<d")
_FLOAT = struct.Struct("<f")
_U64 = struct.Struct("<Q")
_U32 = struct.Struct("<I")
_LONGEST = 10
"""Bytes of a varint of 64 bits."""


class Field(NamedTuple):
    """One field of a message."""

    number: int
    wire: int
    value: int
    """The number as it stands there, unsigned (`signed`, `zigzag`, `double`, `single` understand it); of a
    DELIMITED one, where it begins."""
    end: int
    """The position behind it."""


class Tally:
    """How many fields may still be read, counted while they are: two bytes are one already."""

    __slots__ = ("_empty", "_error", "left")

    def __init__(self, left: int, empty: int, error: Exception) -> None:
        """`empty`: what one without content counts for, as encoders write few. Beyond, `error` is raised."""
        self.left = left
        self._empty = empty
        self._error = error

    def take(self, size: int) -> None:
        """One more, of so many bytes."""
        self.left -= 1 if size else self._empty
        if self.left < 0:
            raise self._error

    def spend(self, count: int) -> None:
        """What counts for so many."""
        self.left -= count
        if self.left < 0:
            raise self._error


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The number that begins at `at`, unsigned, and the position behind it. FormatError: there is none."""
    value = shift = 0
    start = at
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >> 64:
                break
            return value, at
        shift += 7
        if at - start == _LONGEST:
            break
    else:
        raise FormatError(f"protobuf: the number at byte {start} is cut off")
    raise FormatError(f"protobuf: the number at byte {start} has more than 64 bits")


def fields(data: bytes, at: int = 0, end: int | None = None, tally: Tally | None = None) -> Iterator[Field]:
    """The fields of the message that stands at ``data[at:end]``, in their order; positions are of `data`.

    FormatError where it is none; the fields before that have been told by then. Each is taken from `tally`.
    """
    end = len(data) if end is None else end
    while at < end:
        start = at
        key = data[at]
        if key < 0x80:
            at += 1
        else:
            key, at = varint(data, at, end)
        number, wire = key >> 3, key & 7
        if not 0 < number < 1 << 29:
            raise FormatError(f"protobuf: byte {start} begins a field with the impossible number {number}")
        if wire == DELIMITED:
            length, value = varint(data, at, end)
            at = value + length
        elif wire == VARINT:
            value, at = varint(data, at, end)
        elif wire == FIXED64:
            value, at = (_U64.unpack_from(data, at)[0] if at + 8 <= end else 0), at + 8
        elif wire == FIXED32:
            value, at = (_U32.unpack_from(data, at)[0] if at + 4 <= end else 0), at + 4
        else:
            raise FormatError(f"protobuf: the field at byte {start} is of the unknown wire type {wire}")
        if at > end:
            raise FormatError(f"protobuf: the field at byte {start} is cut off")
        if tally is not None:
            tally.take(1 if wire != DELIMITED else at - value)
        yield Field(number, wire, value, at)


def text(data: bytes, at: int, end: int) -> str:
    """The text that stands there. FormatError where it is not UTF-8."""
    try:
        return str(data[at:end], "utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"protobuf: the text at byte {at} is not UTF-8: {error.reason}") from None


def signed(value: int) -> int:
    """A varint as an int32 or int64."""
    return value - (1 << 64) if value >> 63 else value


def zigzag(value: int) -> int:
    """A varint as a sint32 or sint64."""
    return value >> 1 ^ -(value & 1)


def double(value: int) -> float:
    """A FIXED64 as a double; the bits of a NaN stay what they are."""
    found: float = _DOUBLE.unpack(_U64.pack(value))[0]
    return found


def single(value: int) -> float:
    """A FIXED32 as a float."""
    found: float = _FLOAT.unpack(_U32.pack(value))[0]
    return found


def packed(data: bytes, field: Field) -> Iterator[int]:
    """The numbers of a repeated field, unsigned: one that stands alone, or all of packed varints."""
    if field.wire != DELIMITED:
        yield field.value
        return
    at = field.value
    while at < field.end:
        value, at = varint(data, at, field.end)
        yield value


def packed_fixed64(data: bytes, field: Field) -> tuple[int, ...]:
    """The same of fixed64, sfixed64 or double."""
    if field.wire != DELIMITED:
        return (field.value,)
    size = field.end - field.value
    if size % 8:
        raise FormatError(f"protobuf: the list at byte {field.value} is not of whole numbers of 8 bytes")
    return struct.unpack_from(f"<{size // 8}Q", data, field.value)
