"""Snappy's block format, as Prometheus' remote write sends it, with a bound on what may come out.

A block begins with the length that it claims to become; memory is asked for by that claim, so it is looked at
before anything is decompressed.
"""

from __future__ import annotations

import cramjam

from gadfly.errors import FormatError, LimitError

RATIO = 64
"""Times a block may grow. The format itself ends at 22: its densest element gives 64 bytes for three."""


def decompress(data: bytes, limit: int) -> bytes:
    """What the block holds. LimitError: more than `limit` bytes. FormatError: it is none."""
    try:
        claimed = cramjam.snappy.decompress_raw_len(data)
        if claimed > RATIO * len(data):
            raise FormatError(f"snappy: {len(data)} bytes cannot become {claimed}")
        if claimed > limit:
            raise LimitError(
                f"This would be {claimed} bytes decompressed; at most {limit} are taken: send less."
            )
        return bytes(cramjam.snappy.decompress_raw(data))
    except cramjam.DecompressionError as error:
        raise FormatError(f"the body is not a snappy block: {error}") from None


def compress(data: bytes) -> bytes:
    """The block of this data."""
    return bytes(cramjam.snappy.compress_raw(data))
