"""Prometheus' remote read: `prometheus.ReadRequest` as it is sent, `prometheus.ReadResponse` as it is read.

Of the two forms of an answer the one in samples is asked for; with it stale markers come, which Prometheus'
HTTP API leaves out. Source: prometheus/prompb/remote.proto.
"""

from __future__ import annotations

from collections.abc import Iterable

from gadfly.errors import FormatError
from gadfly.telemetry import protobuf
from gadfly.telemetry.protobuf import DELIMITED
from gadfly.telemetry.remote_write import series
from gadfly.telemetry.remote_write_sent import delimited, varint
from gadfly.telemetry.written import Columns, Written

OPS = ("=", "!=", "=~", "!~")
"""The enumeration of matchers."""


def request(matchers: Iterable[tuple[str, str, str]], start: int, end: int) -> bytes:
    """One query: matchers as (name, op, value), times in ms, both inclusive."""
    parts = [b"\x08" + varint(start) + b"\x10" + varint(end)]
    for name, op, value in matchers:
        kind = b"\x08" + varint(OPS.index(op)) if OPS.index(op) else b""
        parts.append(delimited(0x1A, kind + delimited(0x12, name.encode()) + delimited(0x1A, value.encode())))
    return delimited(0x0A, b"".join(parts))


def response(data: bytes, limit: int) -> Written:
    """The samples of the one query. FormatError: it is no answer. LimitError: more samples than that."""
    columns = Columns(limit)
    for result in protobuf.fields(data):
        if result.number != 1 or result.wire != DELIMITED:
            continue
        for one in protobuf.fields(data, result.value, result.end):
            if one.number == 1 and one.wire == DELIMITED:
                series(data, one.value, one.end, {}, columns)
    if columns.strays:
        raise FormatError("remote read: a series without labels")
    return columns.written()
