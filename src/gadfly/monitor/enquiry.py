"""Enquiries: which of the late are asked now, and the frames that ask them.

All share one budget of packets a second. When more are late than it permits, those already being asked go
on first (a half-finished enquiry decides nothing), then turn about by host, so that a large host that
vanished does not keep a small one waiting.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.authenticate import hasher
from gadfly.monitor.decode import WIRE
from gadfly.monitor.index import Slots
from gadfly.telemetry.frame import HEADER, MAGIC, VERSION, Kind

TRY_BITS = 6
"""The low bits of a nonce that number the tries of one suspicion."""
MOST_TRIES = (1 << TRY_BITS) - 2


def fresh_nonces(count: int) -> NDArray[np.uint64]:
    """Unpredictable nonces, below 2^63 (JSON readers may have no more), their try bits zero, never 0."""
    drawn = np.frombuffer(os.urandom(8 * count), np.uint64) >> np.uint64(1 + TRY_BITS)
    nonces: NDArray[np.uint64] = np.maximum(drawn, np.uint64(1)) << np.uint64(TRY_BITS)
    return nonces


class Budget:
    """A token bucket: `rate` packets a second, a quarter of a second's worth at once."""

    def __init__(self, rate: int, now: int) -> None:
        self.rate = rate
        self._most = max(rate / 4, 32.0)
        self._tokens = self._most
        self._at = now

    def available(self, now: int) -> int:
        """Packets that may be sent now (monotonic ns)."""
        self._tokens = min(self._most, self._tokens + max(0, now - self._at) * self.rate / 1e9)
        self._at = max(now, self._at)
        return int(self._tokens)

    def spend(self, packets: int) -> None:
        self._tokens -= packets


def choose(slots: Slots, hosts: NDArray[Any], begun: NDArray[Any], count: int) -> tuple[Slots, Slots]:
    """At most `count` of the slots, by the order told above, and the rest. `hosts` is equal for one host."""
    if count <= 0:
        return slots[:0], slots
    if len(slots) <= count:
        return slots, slots[:0]
    order = np.lexsort((hosts, ~begun))
    first = np.ones(len(slots), bool)
    first[1:] = (hosts[order][1:] != hosts[order][:-1]) | (begun[order][1:] != begun[order][:-1])
    starts = np.maximum.accumulate(np.where(first, np.arange(len(slots)), 0))
    turn = np.arange(len(slots)) - starts
    chosen = order[np.lexsort((turn, ~begun[order]))]
    return slots[chosen[:count]], slots[chosen[count:]]


def frames(
    ids: NDArray[Any], nonces: NDArray[Any], key_bytes: NDArray[Any], keys: Mapping[int, bytes], sent: int
) -> NDArray[np.uint8]:
    """The datagrams, one a row of 64 bytes. Each is signed with the live key its component uses, else the
    newest.

    `key_bytes` are the low bytes of those keys' ids; `keys` secrets by id, newest first; `sent` wall ns.
    """
    wire = np.zeros(len(ids), WIRE)
    wire["magic"] = int.from_bytes(MAGIC, "big")
    wire["version"] = VERSION
    wire["kind"] = Kind.enquiry
    wire["component"] = ids
    wire["sequence"] = nonces
    wire["sent"] = max(sent, 0)
    if keys and len(ids):
        numbers = list(keys)
        of_key = np.full(len(ids), numbers[0], np.uint32)
        for number in reversed(numbers):
            of_key[key_bytes == number & 0xFF] = number
        wire["key"] = of_key
        made = {number: hasher(secret) for number, secret in keys.items()}
        macs = []
        for number, signed in zip(of_key.tolist(), wire.view("V64"), strict=True):
            one = made[number].copy()
            one.update(signed.tobytes()[:48])
            macs.append(one.digest())
        wire["mac"] = np.frombuffer(b"".join(macs), "u8").reshape(-1, 2)
    return wire.view(np.uint8).reshape(len(ids), HEADER)
