"""When a check is asked: pure functions of its identity and of now.

A check has a *phase*, a stable share of its interval taken from its identity: ten thousand checks are spread
evenly, and a reload or restart moves none of them. Each turn is moved by a little *jitter* as well, so that a
check does not always meet the same cron job of its target.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable

JITTER = 0.05
"""Share of the interval that a turn may come late."""
SOON = 2.0
"""Seconds within which a few new checks are asked first, however long their interval: users look now."""
RATE = 1000.0
"""First enquiries a second at most: a start must not be a flood."""


def seed(key: Iterable[str]) -> int:
    """64 bits that stay the same for a check: from its identity, not from its place in a list."""
    return int.from_bytes(hashlib.blake2b("\0".join(key).encode(), digest_size=8).digest())


def phase(seed: int) -> float:
    """Its share of the interval, in [0, 1)."""
    return (seed >> 11) / (1 << 53)


def first_due(now: float, every: float, seed: int, count: int) -> float:
    """The first turn of a check that is new at ``now`` together with ``count`` in all."""
    return now + phase(seed) * min(every, max(SOON, count / RATE))


def next_due(now: float, every: float, seed: int) -> float:
    """The first regular turn after ``now`` (monotonic seconds). Turns missed are not made up for."""
    share = phase(seed)
    turn = math.floor(now / every - share - JITTER)
    while (due := (turn + share + JITTER * _noise(seed, turn)) * every) <= now:
        turn += 1
    return due


def _noise(seed: int, turn: int) -> float:
    """In [0, 1), another one each turn (the finaliser of splitmix64)."""
    mixed = (seed + turn * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return phase(mixed ^ (mixed >> 31))
