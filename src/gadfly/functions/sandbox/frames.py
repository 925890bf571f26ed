"""What supervisor and invocation say to each other on their one socket: JSON behind its length."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

LENGTH = struct.Struct("!I")
PIECE = 8 << 10
"""Bytes asked for at first: most messages are there with their length."""
LARGEST = 8 << 20
"""Bytes; a synchronous payload may have 6 MiB, and JSON in JSON grows."""
CALL, ARMED = b"call", b"armed"
"""Orders to a cell: a fork for an event that is there, and one that waits for it."""
_encoder = json.JSONEncoder(separators=(",", ":"))
_decoder = json.JSONDecoder()


def pack(message: Any, encoder: json.JSONEncoder = _encoder) -> bytes:
    """ValueError where it is larger than the other side takes."""
    body = encoder.encode(message).encode()
    if len(body) > LARGEST:
        raise ValueError(f"a message of {len(body)} bytes is larger than the {LARGEST} that are taken")
    return LENGTH.pack(len(body)) + body


def read(receive: Callable[[int], bytes]) -> Any:
    """One message, after which nothing is sent until it is answered; `receive(n)` gives up to n bytes, none
    at the end. EOFError, ValueError."""
    held = _some(receive, PIECE)
    while len(held) < LENGTH.size:
        held += _some(receive, PIECE)
    (length,) = LENGTH.unpack_from(held)
    if length > LARGEST:
        raise ValueError("a message longer than is taken")
    parts, left = [held[LENGTH.size :]], LENGTH.size + length - len(held)
    while left > 0:
        parts.append(_some(receive, min(left, 1 << 16)))
        left -= len(parts[-1])
    text = b"".join(parts).decode()
    # Less than json.loads does, which skips space and finds out how bytes are to be read.
    found, end = _decoder.raw_decode(text)
    if end < len(text):
        raise ValueError("more than one message")
    return found


def _some(receive: Callable[[int], bytes], count: int) -> bytes:
    part = receive(count)
    if not part:
        raise EOFError
    return part
