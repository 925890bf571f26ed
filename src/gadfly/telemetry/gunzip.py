"""gzip, unpacked no further than a limit, whatever its content claims."""

from __future__ import annotations

import zlib

from gadfly.errors import FormatError, LimitError


def gunzip(data: bytes, limit: int) -> bytes:
    """All members of a gzip file (RFC 1952). FormatError: it is none; LimitError: beyond `limit` bytes."""
    parts, size = [], 0
    while data:
        unpacker = zlib.decompressobj(31)
        try:
            part = unpacker.decompress(data, limit - size + 1)
        except zlib.error as error:
            raise FormatError(f"gzip: {error}") from None
        size += len(part)
        if size > limit:
            raise LimitError(f"This is more than {limit} bytes unpacked: send less at a time.")
        if not unpacker.eof:
            raise FormatError("gzip: the end is missing")
        parts.append(part)
        data = unpacker.unused_data
    return b"".join(parts)
