"""What stands in a frame of the journal: samples in columns, or names of series and metrics.

Columns are laid out byte by byte (all first bytes, then all second ones …), numbers of series as differences
and times as offsets: a scrape has one time and neighbouring numbers, so that zlib at its quickest leaves
little of either.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from gadfly.errors import StoreError
from gadfly.promql.source import Metadata
from gadfly.store.series.batch import Batch
from gadfly.store.series.index import Named

_HEAD = struct.Struct("<IqB")
SMALL = 256
"""Bytes of columns below which compressing costs more than it saves."""


def samples(batch: Batch) -> bytes:
    """The payload of a batch."""
    base = int(batch.at.min())
    wide = int(batch.at.max()) - base > 0xFFFFFFFF  # 49 days
    times = (batch.at - base).astype("<i8" if wide else "<u4")
    ids = np.diff(batch.series, prepend=0).astype(np.int32).view(np.uint32)
    body = b"".join(
        _planes(column) for column in (ids, times, np.ascontiguousarray(batch.value, dtype="<f8"))
    )
    packed = len(body) > SMALL
    return _HEAD.pack(len(batch.series), base, packed | wide << 1) + (
        zlib.compress(body, 1) if packed else body
    )


def batch(payload: bytes) -> Batch:
    """The batch again. StoreError where it is none."""
    try:
        count, base, form = _HEAD.unpack_from(payload)
        body = payload[_HEAD.size :]
        if form & 1:
            body = zlib.decompress(body)
    except (struct.error, zlib.error) as error:
        raise StoreError(_FOREIGN.format("batch")) from error
    time = np.dtype("<i8" if form & 2 else "<u4")
    if len(body) != (12 + time.itemsize) * count:
        raise StoreError(_FOREIGN.format("batch"))
    ids = np.cumsum(_joined(body[: 4 * count], np.dtype("<i4")), dtype=np.int64)
    values = (4 + time.itemsize) * count
    at = _joined(body[4 * count : values], time).astype(np.int64) + base
    return Batch(ids, at, _joined(body[values:], np.dtype("<f8")))


def _planes(column: NDArray[Any]) -> bytes:
    return column.view(np.uint8).reshape(len(column), column.itemsize).T.tobytes()


def _joined(body: bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    planes = np.frombuffer(body, dtype=np.uint8).reshape(dtype.itemsize, -1)
    return np.ascontiguousarray(planes.T).view(dtype).ravel()


_FOREIGN = (
    "A frame of the journal is no {}: another version of gadfly wrote it. Start that one, or move "
    "journal-*.log and names.log away."
)


class Names(msgspec.Struct, frozen=True, array_like=True):
    """What a frame of the file of names says."""

    series: list[tuple[int, tuple[str, ...], str]]
    """Number, names and values in turn, source."""
    metrics: list[tuple[str, str, str, str]] = []
    """Name, type, help, unit."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Names)


def names(series: list[Named], metrics: dict[str, Metadata]) -> bytes:
    """The payload of new series and of what was said of metrics."""
    said = [(name, *meta) for name, meta in metrics.items()]
    return _encoder.encode(Names([(one.number, one.key, one.source) for one in series], said))


def named(payload: bytes) -> tuple[list[Named], dict[str, Metadata]]:
    """The same again. StoreError where it is none."""
    try:
        read = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(_FOREIGN.format("list of names")) from error
    series = [Named(*one) for one in read.series]
    return series, {name: Metadata(*meta) for name, *meta in read.metrics}
