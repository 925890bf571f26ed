"""OpenTelemetry's attributes in both encodings: read as values, written as the text of a label.

Source: opentelemetry-proto, common/v1/common.proto, and its mapping to JSON in the OTLP specification.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from gadfly.errors import FormatError
from gadfly.telemetry import protobuf
from gadfly.telemetry.protobuf import DELIMITED, FIXED64, VARINT, Field, double, fields, signed, text

MESSAGES = 500_000
"""Points or records of one request."""
HOLDER = 4
"""What a metric, or what holds some, counts for."""
FIELDS, EMPTY = 5_000_000, 20
"""Fields of one request that are read one by one, and what one without content counts for. The collector
writes three of these with every record, so they are not refused for being there."""
OBJECTS = 1_000_000
"""Objects of one request in JSON."""
DEPTH = 16
"""Lists and maps within each other."""
MOST = 1000
"""Attributes of one thing; what a series may bear is fewer."""

_INTEGER = re.compile(r"-?[0-9]{1,20}")

Value = str | bool | int | float | bytes | list[Any] | dict[str, Any] | None


def shown(value: Value) -> str:
    """As the text of a label: numbers as Prometheus writes them, lists and maps as JSON, bytes as Base64."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, int):
        return str(value)
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value == int(value) and abs(value) < 1e21 else repr(value)


def _plain(value: Value) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return _number(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


# Protocol Buffers.


def fields_left() -> protobuf.Tally:
    """What a request may still have; beyond, FormatError."""
    return protobuf.Tally(FIELDS, EMPTY, too_many())


def attributes(
    data: bytes, number: int, at: int = 0, end: int | None = None, left: protobuf.Tally | None = None
) -> dict[str, str]:
    """The attributes that are the fields of this number in a message. FormatError where they are none.

    What is read is taken from `left`, that of the request.
    """
    found: dict[str, str] = {}
    left = left or fields_left()
    count = 0
    for field in fields(data, at, end, left):
        if field.number == number:
            count += 1
            name, value = attribute(data, field, left, count)
            found[name] = value
    return found


def attribute(data: bytes, field: Field, left: protobuf.Tally, count: int) -> tuple[str, str]:
    """One of them, the how-manyth of its thing."""
    expect(field, DELIMITED)
    if count > MOST:
        raise FormatError(f"OTLP: more than {MOST} attributes stand together at byte {field.value}")
    name, value = _pair(data, field, 0, left)
    return name, shown(value)


def expect(field: Field, wire: int) -> None:
    """FormatError where the field is not of that wire type."""
    if field.wire != wire:
        raise FormatError(f"OTLP: field {field.number} at byte {field.value} is not of the type it must be")


def _pair(data: bytes, field: Field, depth: int, left: protobuf.Tally) -> tuple[str, Value]:
    name, value = "", None
    for one in fields(data, field.value, field.end, left):
        if one.number == 1:
            expect(one, DELIMITED)
            name = text(data, one.value, one.end)
        elif one.number == 2:
            expect(one, DELIMITED)
            value = any_value(data, one, left, depth)
    return name, value


def any_value(data: bytes, field: Field, left: protobuf.Tally, depth: int = 0) -> Value:
    """What an AnyValue holds; None: nothing."""
    if depth > DEPTH:
        raise FormatError(f"OTLP: the value at byte {field.value} is nested too deep")
    found: Value = None
    for one in fields(data, field.value, field.end, left):
        if one.number in (1, 5, 6, 7):
            expect(one, DELIMITED)
            if one.number == 1:
                found = text(data, one.value, one.end)
            elif one.number == 7:
                found = data[one.value : one.end]
            elif one.number == 5:
                found = [any_value(data, item, left, depth + 1) for item in _items(data, one, left)]
            else:
                found = dict(_pair(data, item, depth + 1, left) for item in _items(data, one, left))
        elif one.number in (2, 3):
            expect(one, VARINT)
            found = bool(one.value) if one.number == 2 else signed(one.value)
        elif one.number == 4:
            expect(one, FIXED64)
            found = double(one.value)
    return found


def _items(data: bytes, field: Field, left: protobuf.Tally) -> Iterator[Field]:
    for one in fields(data, field.value, field.end, left):
        if one.number == 1:
            expect(one, DELIMITED)
            yield one


class Tally:
    """How many messages a request may still hold. Two bytes are one; in memory it is a hundred times more."""

    def __init__(self) -> None:
        self.left = MESSAGES
        self.fields = fields_left()

    def take(self, count: int = 1) -> None:
        """So many more. FormatError where these are too many."""
        self.left -= count
        if self.left < 0:
            raise too_many()


def too_many() -> FormatError:
    return FormatError("OTLP: too many points or records in one request: send fewer at a time")


Span = tuple[int, int]
"""Where a message begins, and the position behind it."""


class Key:
    """The bytes of those fields of a point that are its attributes, tags and all, put together."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._parts: list[bytes] = []

    def add(self, field: Field) -> None:
        """One more of them."""
        expect(field, DELIMITED)
        if len(self._parts) == MOST:
            raise FormatError(f"OTLP: more than {MOST} attributes stand together at byte {field.value}")
        self._parts.append(_tagged(field.number, self._data[field.value : field.end]))

    @property
    def bytes(self) -> bytes:
        return b"".join(self._parts)


def _tagged(number: int, content: bytes) -> bytes:
    size, length = bytearray(), len(content)
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    size.append(length)
    return bytes((number << 3 | DELIMITED,)) + size + content


# JSON.


class AnyJson(msgspec.Struct, rename="camel"):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str | None = None
    bytes_value: str | None = None
    array_value: _ListJson | None = None
    kvlist_value: _MapJson | None = None


class PairJson(msgspec.Struct):
    key: str = ""
    value: AnyJson | None = None


class _ListJson(msgspec.Struct):
    values: list[AnyJson] | None = None


class _MapJson(msgspec.Struct):
    values: list[PairJson] | None = None


_decode = msgspec.json.Decoder(list[PairJson] | None).decode


def few_objects(data: bytes) -> None:
    """FormatError for JSON of more objects than may be in memory; to be asked before it is read."""
    if data.count(b"{") > OBJECTS:
        raise too_many()


def json_attributes(raw: bytes) -> dict[str, str]:
    """The attributes in a JSON list of them."""
    try:
        pairs = _decode(raw) or ()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"OTLP: attributes that are none: {error}") from None
    if len(pairs) > MOST:
        raise FormatError(f"OTLP: more than {MOST} attributes stand together")
    return {pair.key: shown(json_value(pair.value)) for pair in pairs}


def json_value(value: AnyJson | None, depth: int = 0) -> Value:
    """What an AnyValue of JSON holds; None: nothing."""
    if value is None:
        return None
    if depth > DEPTH:
        raise FormatError("OTLP: a value is nested too deep")
    if value.int_value is not None:
        return integer(value.int_value)
    if value.double_value is not None:
        return number(value.double_value)
    if value.bytes_value is not None:
        try:
            return base64.b64decode(value.bytes_value, validate=True)
        except binascii.Error:
            raise FormatError("OTLP: bytes that are not Base64") from None
    if value.array_value is not None:
        return [json_value(one, depth + 1) for one in value.array_value.values or ()]
    if value.kvlist_value is not None:
        return {one.key: json_value(one.value, depth + 1) for one in value.kvlist_value.values or ()}
    return value.string_value if value.string_value is not None else value.bool_value


def integer(value: int | str | None) -> int:
    """An integer, which JSON may have as a text, too."""
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise FormatError(f"OTLP: {value[:40]!r} is no integer")
        value = int(value)
    if value is not None and not -(1 << 63) <= value < 1 << 64:
        raise FormatError("OTLP: an integer has more than 64 bits")
    return value or 0


def number(value: float | str | None) -> float:
    """A double, which JSON may have as a text, too: "NaN", "Infinity", "-Infinity"."""
    if isinstance(value, str):
        try:
            return float(value[:400])
        except ValueError:
            raise FormatError(f"OTLP: {value[:40]!r} is no number") from None
    return 0.0 if value is None else float(value)  # -0.0 is not nothing
