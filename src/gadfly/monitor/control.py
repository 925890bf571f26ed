"""What the node tells the ear, as messages on a SOCK_SEQPACKET pair.

Every message is a byte (:class:`Say`), a number that an answer repeats, and a body of packed arrays. The ear
answers with the same byte and number. The keys travel here, never in arguments or the environment.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

HEAD = struct.Struct("=BI")
LARGEST = 131_072
"""Bytes in a message at most."""
CHUNK = 4096
"""Members in a message at most."""
DESCRIPTORS = 64
"""Sockets handed over at most."""


class Say(IntEnum):
    """What a message is."""

    configure = 1
    expect = 2
    restore = 3
    forget = 4
    evidence = 5
    inject = 6


EXPECTED = np.dtype([("id", "u8"), ("interval", "u4"), ("own", "u1")])  # own: the node itself tells of it
RESTORED = np.dtype(
    [
        ("id", "u8"),
        ("incarnation", "u8"),
        ("seen_wall", "i8"),
        ("interval", "u4"),
        ("liveness", "u1"),
        ("status", "u1"),
        ("card", "u2"),  # bytes of card in the blob behind the records
    ]
)
EVIDENCE = struct.Struct("=IBQ")


class Settings(NamedTuple):
    """How the ear shall work from now on. The listening sockets come beside it, in this order."""

    keys: Mapping[int, bytes]
    """Live secrets by key id, newest first."""
    enquire: bool
    mistakes: float
    """False deaths allowed a month."""
    rate: int
    """Enquiry packets a second."""
    unicast: Sequence[bool]
    """For each socket whether it is bound to an address of ours, so that enquiries can leave by it."""
    groups: Sequence[tuple[str, int, Sequence[int]]]
    """Multicast groups: host, port of the beats, interface indexes."""

    def pack(self) -> bytes:
        fields: dict[str, Any] = self._asdict()
        fields["keys"] = [[number, secret.hex()] for number, secret in self.keys.items()]
        return json.dumps(fields).encode()

    @classmethod
    def unpack(cls, body: bytes) -> Settings:
        fields = json.loads(body)
        fields["keys"] = {number: bytes.fromhex(secret) for number, secret in fields["keys"]}
        return cls(**fields)


def pack_restored(records: NDArray[Any], cards: Sequence[bytes]) -> bytes:
    """`records`: RESTORED with the lengths of `cards` filled in."""
    return struct.pack("=I", len(records)) + records.tobytes() + b"".join(cards)


def unpack_restored(body: bytes) -> tuple[NDArray[Any], list[bytes]]:
    """The reverse of :func:`pack_restored`."""
    (count,) = struct.unpack_from("=I", body)
    records = np.frombuffer(body, RESTORED, count, 4)
    place = 4 + count * RESTORED.itemsize
    cards = []
    for length in records["card"].tolist():
        cards.append(body[place : place + length])
        place += length
    return records, cards
