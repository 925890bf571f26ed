"""What supervisor and invocation say to each other on their one socket: JSON behind its length."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

LENGTH = struct.Struct("!I")
LARGEST = 8 << 20
"""Bytes; a synchronous payload may have 6 MiB, and JSON in JSON grows."""


def pack(message: Any, default: Callable[[Any], Any] | None = None, *, allow_nan: bool = True) -> bytes:
    """ValueError where it is larger than the other side takes; `default` and `allow_nan` as JSON's."""
    body = json.dumps(message, separators=(",", ":"), default=default, allow_nan=allow_nan).encode()
    if len(body) > LARGEST:
        raise ValueError(f"a message of {len(body)} bytes is larger than the {LARGEST} that are taken")
    return LENGTH.pack(len(body)) + body


def read(receive: Callable[[int], bytes]) -> Any:
    """One message; `receive(n)` gives up to n bytes, none at the end. EOFError, ValueError."""
    (length,) = LENGTH.unpack(_exactly(receive, LENGTH.size))
    if length > LARGEST:
        raise ValueError("a message longer than is taken")
    return json.loads(_exactly(receive, length))


def _exactly(receive: Callable[[int], bytes], count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        part = receive(min(count, 1 << 16))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
