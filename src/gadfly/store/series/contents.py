"""What is in a block, told by a small file beside it: which series, in which rows, and a checksum.

``NAME.parquet`` has its contents in ``NAME.contents``, a single frame as in the journal. Where a file is not
what was written, the disk is at fault: the checksum tells before a wrong number is read out of it.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from gadfly.store.series.csr import Ints
from gadfly.store.series.journal import frame, frames

PART = 1 << 22
"""Bytes read at a time for the checksum."""


class Contents(NamedTuple):
    """The series of a block in the order of its rows. Row ``starts[i]`` is the first of ``series[i]``."""

    series: NDArray[np.uint32]
    starts: Ints
    """len(series) + 1; the last is the number of rows."""
    order: NDArray[np.int32]
    """Positions in `series`, by ascending number."""
    checksum: int
    """CRC-32 of the block's file."""

    @property
    def ids(self) -> Ints:
        """The series in it, ascending."""
        return self.series[self.order].astype(np.int64)

    def _places(self, ids: Ints) -> NDArray[np.int32]:
        """Where in `series` those of these numbers stand that are in it, ascending."""
        if not len(self.series):
            return self.order
        ascending = self.series[self.order]
        where = np.searchsorted(ascending, ids)
        where[where == len(ascending)] = 0
        return np.sort(self.order[where[ascending[where] == ids]])

    def count(self, ids: Ints) -> int:
        """How many rows these series (ascending) have."""
        places = self._places(ids)
        return int((self.starts[places + 1] - self.starts[places]).sum())

    def ranges(self, ids: Ints, gap: int) -> list[tuple[int, int]]:
        """Where the rows of these series (ascending) stand: ``first <= row < end``, ascending.

        Rows of other series between two of them are taken along, if they are at most `gap`.
        """
        found = self._places(ids)
        if not len(found):
            return []
        first, end = self.starts[found], self.starts[found + 1]
        apart = np.flatnonzero(first[1:] - end[:-1] > gap)
        firsts, ends = first[np.append(0, apart + 1)], end[np.append(apart, len(found) - 1)]
        return list(zip(firsts.tolist(), ends.tolist(), strict=True))


class _Written(msgspec.Struct, frozen=True, array_like=True):
    series: bytes
    """uint32, little-endian, compressed."""
    counts: bytes
    """Rows of each, likewise."""
    checksum: int


def made(series: NDArray[Any], counts: NDArray[Any], checksum: int) -> Contents:
    """Of the series in the order of the rows, and how many rows each has."""
    return Contents(
        series.astype(np.uint32),
        np.concatenate(([0], np.cumsum(counts, dtype=np.int64))),
        np.argsort(series, kind="stable").astype(np.int32),
        checksum,
    )


def packed(contents: Contents) -> bytes:
    """As it stands in its file."""
    series = zlib.compress(contents.series.astype("<u4").tobytes(), 1)
    counts = zlib.compress(np.diff(contents.starts).astype("<u4").tobytes(), 1)
    return frame(msgspec.msgpack.encode(_Written(series, counts, contents.checksum)))


def unpacked(data: bytes) -> Contents | None:
    """The contents again; None where the file is not whole."""
    for _, payload in frames(data, "") if data[:4] else ():
        try:
            read = msgspec.msgpack.decode(payload, type=_Written)
            series, counts = (
                np.frombuffer(zlib.decompress(column), dtype="<u4") for column in (read.series, read.counts)
            )
        except (msgspec.DecodeError, zlib.error, ValueError):
            return None
        return made(series, counts, read.checksum) if len(series) == len(counts) else None
    return None


def checksum(path: Path) -> int:
    """CRC-32 of the file."""
    found = 0
    with path.open("rb") as file:
        while part := file.read(PART):
            found = zlib.crc32(part, found)
    return found


def beside(path: Path) -> Path:
    """The file that tells the contents of that block."""
    return path.with_suffix(".contents")
