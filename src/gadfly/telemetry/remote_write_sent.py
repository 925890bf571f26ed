"""Prometheus' remote write, version 1, as it is sent: the message `prometheus.WriteRequest`."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from gadfly.telemetry.written import TYPES, Described

_VALUE = struct.Struct("<Bd")


def varint(value: int) -> bytes:
    """An unsigned number; a negative one as an int64."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def delimited(tag: int, content: bytes) -> bytes:
    """A field of bytes, text or a message behind its tag."""
    return bytes((tag,)) + varint(len(content)) + content


def labels(given: Mapping[str, str]) -> bytes:
    """The labels of a series, by name, as they stand before its samples."""
    return b"".join(
        delimited(0x0A, delimited(0x0A, name.encode()) + delimited(0x12, value.encode()))
        for name, value in sorted(given.items())
    )


def sample(at: int, value: float) -> bytes:
    """One sample, its time in ms. A value keeps its bits; that of 0 is left out, as protobuf does it."""
    bits = _VALUE.pack(0x09, value)
    stands = b"" if bits == _ZERO else bits
    return delimited(0x12, stands + (b"\x10" + varint(at) if at else b""))


_ZERO = _VALUE.pack(0x09, 0.0)


def series(named: bytes, samples: Iterable[tuple[int, float]]) -> bytes:
    """A series as a part of a request: what `labels` made, and (ms, value) ascending."""
    return delimited(0x0A, named + b"".join(sample(at, value) for at, value in samples))


def described(one: Described) -> bytes:
    """What a metric is, as a part of a request."""
    kind = TYPES.index(one.type) if one.type in TYPES else 0
    words = ((0x12, one.metric), (0x22, one.help), (0x2A, one.unit))
    body = b"".join(delimited(tag, word.encode()) for tag, word in words if word)
    return delimited(0x1A, (b"\x08" + varint(kind) if kind else b"") + body)
