"""The heartbeat on the wire, version 1: 64 bytes in network byte order, then at most 1136 bytes of JSON.

::

    offset size field
         0    2 magic "Gf"                            24    8 sequence (an enquiry: its nonce)
         2    1 version, 1                            32    8 sent at, ns since the epoch
         3    1 kind                                  40    4 interval, ms (0: does not beat)
         4    4 key id (0: not authenticated)         44    1 status
         8    8 component id                          45    3 reserved, zero
        16    8 incarnation, ns since the epoch       48   16 MAC (zero when not authenticated)

The MAC is BLAKE2b-128, keyed with the secret, over bytes 0 to 47 and the payload. There is no I/O and no
state here: whether a sequence was seen before is the receiver's business.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from enum import IntEnum
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, NamedTuple

from gadfly.errors import FrameError

MAGIC = b"Gf"
VERSION = 1
HEADER = 64
MAX = 1200
PAYLOAD = MAX - HEADER
PORT = 7170
GROUP = "239.192.71.70"
ANNOUNCE_EVERY = 20
"""An announce takes the place of every 20th beat, so that a node that came late knows everybody soon."""
NAME_LIMIT = 200
"""Bytes of UTF-8 in a component's name."""
SECONDHAND = 1
"""The incarnation of a component that does not beat: the node beats for it while its telemetry arrives.
Older than any program's, so that a heart of its own supersedes it."""
STATUSES = ("pass", "warn", "fail", "starting", "stopping", "stalled")
"""The status byte is the index of the word."""

_SIGNED = struct.Struct("!2sBBIQQQQIB3x")
_NO_MAC = bytes(16)
_NO_RESERVE = bytes(3)


class Kind(IntEnum):
    """What a frame is."""

    beat = 1
    announce = 2
    goodbye = 3
    enquiry = 4
    reply = 5


_BARE = (Kind.beat, Kind.enquiry)
_WITH_CARD = (Kind.announce, Kind.reply)


class Frame(NamedTuple):
    """One frame, its fields as Python sees them. Build it by keyword."""

    kind: Kind
    component: int
    """:func:`component_id` of the name; in an enquiry, of the one asked for."""
    incarnation: int = 0
    sequence: int = 0
    """Counts up by one a frame within an incarnation; in an enquiry a random nonce."""
    sent: int = 0
    """Nanoseconds since the epoch by the sender's clock, for showing only."""
    interval_ms: int = 0
    status: int = 0
    """Index into :data:`STATUSES`."""
    key_id: int = 0
    payload: bytes = b""
    """UTF-8 JSON object; empty in a beat and an enquiry."""


def component_id(name: str) -> int:
    """BLAKE2b-64 of the name's UTF-8 bytes, read as a big-endian number."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def key_id(secret: bytes) -> int:
    """The public name of a secret: BLAKE2b-32, person ``gadfly key id``; 1 where that would be 0."""
    return int.from_bytes(blake2b(secret, digest_size=4, person=b"gadfly key id").digest(), "big") or 1


def mac(signed: bytes, payload: bytes, secret: bytes) -> bytes:
    """16 bytes over the first 48 of a frame and its payload.

    A secret of more than 64 bytes, the most BLAKE2b takes as a key, is replaced by its BLAKE2b-512.
    """
    if not secret:
        raise ValueError("the secret is empty; a key of 16 bytes or more is needed")
    if len(secret) > 64:
        secret = blake2b(secret).digest()
    hasher = blake2b(signed, digest_size=16, key=secret)
    hasher.update(payload)
    return hasher.digest()


def encode(frame: Frame, secret: bytes | None = None) -> bytes:
    """The bytes to send, signed where there is a secret (a key id of 0 is then filled in).

    Raises ValueError for a frame that nobody would take: a payload too long or on the wrong kind, a field
    out of its range.
    """
    payload = frame.payload
    if len(payload) > PAYLOAD:
        raise ValueError(f"the payload has {len(payload)} bytes; {PAYLOAD} fit")
    if payload and frame.kind in _BARE:
        raise ValueError(f"{frame.kind.name} carries no payload")
    if not payload and frame.kind in _WITH_CARD:
        raise ValueError(f"{frame.kind.name} needs a payload that tells at least the name")
    if not 0 <= frame.status < len(STATUSES):
        raise ValueError(f"{frame.status} is not a status")
    if secret is None and frame.key_id:
        raise ValueError("a frame with a key id needs its secret")
    key = frame.key_id or (key_id(secret) if secret is not None else 0)
    try:
        signed = _SIGNED.pack(
            MAGIC,
            VERSION,
            frame.kind,
            key,
            frame.component,
            frame.incarnation,
            frame.sequence,
            frame.sent,
            frame.interval_ms,
            frame.status,
        )
    except struct.error as error:
        raise ValueError(f"a field is out of its range: {error}") from None
    return signed + (_NO_MAC if secret is None else mac(signed, payload, secret)) + payload


def decode(data: bytes, keys: Mapping[int, bytes]) -> Frame:
    """Read one datagram; `keys` are the live secrets by their :func:`key_id`.

    With keys, only frames signed by one of them are taken. Without, every well-formed frame is: signed ones
    unverified, so that a key can be given to the senders first and to the receivers afterwards.

    Raises FrameError; its message is one of ``short``, ``long``, ``magic``, ``version``, ``kind``,
    ``reserved``, ``status``, ``unauthenticated``, ``key`` (not one of ours), ``mac``, ``payload``, ``name``,
    checked in this order.
    """
    size = len(data)
    if size < HEADER:
        raise FrameError("short")
    if size > MAX:
        raise FrameError("long")
    magic, version, kind, key, component, incarnation, sequence, sent, interval, status = _SIGNED.unpack_from(
        data
    )
    if magic != MAGIC:
        raise FrameError("magic")
    if version != VERSION:
        raise FrameError("version")
    if not Kind.beat <= kind <= Kind.reply:
        raise FrameError("kind")
    if data[45:48] != _NO_RESERVE:
        raise FrameError("reserved")
    if status >= len(STATUSES):
        raise FrameError("status")
    payload = bytes(data[HEADER:])
    _authenticate(data, payload, key, keys)
    frame = Frame(Kind(kind), component, incarnation, sequence, sent, interval, status, key, payload)
    if payload or kind in _WITH_CARD:
        card(frame)
    return frame


def card(frame: Frame) -> dict[str, Any]:
    """The payload as a dict, checked: an object whose `name` is the one that the component id was made from.

    Raises FrameError ``payload`` or ``name``. Other keys are the sender's word, of any JSON type.
    """
    if frame.kind in _BARE:
        raise FrameError("payload")
    try:
        content = json.loads(frame.payload.decode(), parse_constant=_refuse_constant)
        if b"\\u" in frame.payload:  # an escaped half of a surrogate pair is JSON, but no text
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise FrameError("payload") from None
    if not isinstance(content, dict):
        raise FrameError("payload")
    name = content.get("name")
    if not isinstance(name, str) or not valid_name(name) or component_id(name) != frame.component:
        raise FrameError("name")
    return content


def valid_name(name: str) -> bool:
    """Whether a component may be called so: 1 to 200 bytes of printable text without spaces at its ends."""
    return (
        0 < len(name.encode("utf-8", "replace")) <= NAME_LIMIT and name.isprintable() and name == name.strip()
    )


def _authenticate(data: bytes, payload: bytes, key: int, keys: Mapping[int, bytes]) -> None:
    if key == 0:
        if keys:
            raise FrameError("unauthenticated")
        if data[48:HEADER] != _NO_MAC:
            raise FrameError("mac")
        return
    if not keys:
        return
    secret = keys.get(key)
    if secret is None:
        raise FrameError("key")
    if not compare_digest(mac(bytes(data[:48]), payload, secret), bytes(data[48:HEADER])):
        raise FrameError("mac")


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")
