"""gzip, unpacked no further than a limit, whatever its content claims."""

from __future__ import annotations

import zlib

from gadfly.errors import FormatError, LimitError

MEMBERS = 10_000
"""In one file. Who packs in blocks of 64 KiB, as bgzip, needs 16 for each MiB."""
PIECE = 16_384
"""Bytes given to zlib at a time: what lies behind the end of a member is copied, so it must be little."""


def gunzip(data: bytes | bytearray, limit: int) -> bytes:
    """All members of a gzip file (RFC 1952), in linear time.

    FormatError: it is none, or has more than `MEMBERS`; LimitError: beyond `limit` bytes.
    """
    view, parts, size, members, at = memoryview(data), [], 0, 0, 0
    unpacker = None
    while at < len(view):
        if unpacker is None:
            unpacker = zlib.decompressobj(31)
            members += 1
            if members > MEMBERS:
                raise FormatError(f"gzip: more than {MEMBERS} members; pack it as one")
        piece = view[at : at + PIECE]
        try:
            part = unpacker.decompress(piece, limit - size + 1)
        except zlib.error as error:
            raise FormatError(f"gzip: {error}") from None
        size += len(part)
        if size > limit:
            raise LimitError(f"This is more than {limit} bytes unpacked: send less at a time.")
        parts.append(part)
        at += len(piece) - len(unpacker.unused_data)
        if unpacker.eof:
            unpacker = None
    if unpacker is not None:
        raise FormatError("gzip: the end is missing")
    return b"".join(parts)
