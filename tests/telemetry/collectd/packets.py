"""Packets as collectd writes them."""

from __future__ import annotations

import hashlib
import hmac
import struct

from gadfly.telemetry.collectd_seal import feedback


def part(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, 4 + len(body)) + body


def text(kind: int, word: str) -> bytes:
    return part(kind, word.encode() + b"\0")


def number(kind: int, value: int) -> bytes:
    return part(kind, value.to_bytes(8, "big"))


def values(*pairs: tuple[int, float]) -> bytes:
    forms = {0: ">Q", 1: "<d", 2: ">q", 3: ">Q"}
    body = struct.pack(">H", len(pairs)) + bytes(kind for kind, _ in pairs)
    for kind, value in pairs:
        body += struct.pack(forms[kind], value if kind == 1 else int(value))
    return part(6, body)


def load(host: str = "web-1", at: int = 1_700_000_000) -> bytes:
    """The three values of the plugin `load`."""
    return (
        text(0, host)
        + number(8, at << 30)
        + number(9, 10 << 30)
        + text(2, "load")
        + text(4, "load")
        + values((1, 0.5), (1, 0.25), (1, 0.125))
    )


def signed(data: bytes, user: str, password: str) -> bytes:
    covered = user.encode() + data
    return part(0x200, hmac.digest(password.encode(), covered, "sha256") + user.encode()) + data


def encrypted(data: bytes, user: str, password: str) -> bytes:
    key, vector = hashlib.sha256(password.encode()).digest(), b"0123456789abcdef"
    hidden = feedback(key, vector, hashlib.sha1(data, usedforsecurity=False).digest() + data)
    return part(0x210, struct.pack(">H", len(user)) + user.encode() + vector + hidden)
