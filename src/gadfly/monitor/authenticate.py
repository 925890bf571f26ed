"""Whether the frames of a batch were signed with one of our live keys.

BLAKE2b begins by compressing the key; a hasher that has done so is kept for each key and copied for each
frame, which takes 0.4 µs a frame where a keyed hash made anew takes 0.6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.counters import REASON
from gadfly.monitor.decode import Reasons
from gadfly.telemetry.frame import HEADER


def hasher(secret: bytes) -> Any:
    """A BLAKE2b-128 that has taken the key in; as in :func:`gadfly.telemetry.frame.mac`."""
    return blake2b(digest_size=16, key=blake2b(secret).digest() if len(secret) > 64 else secret)


class Authenticator:
    """`keys`: the live secrets by key id, newest first; none: every unsigned frame is taken, signed ones
    unread."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self.keys = dict(keys)
        self._hashers = {key: hasher(secret) for key, secret in keys.items()}

    def check(
        self,
        wire: NDArray[Any],
        lengths: NDArray[Any],
        reasons: Reasons,
        heads: list[memoryview],
        payload: Callable[[int], bytes],
    ) -> None:
        """Refuse, in place, what is not signed as it must be. `heads[i]` are the first 48 bytes of frame
        i."""
        key = wire["key"].astype(np.uint32)
        unsigned = key == 0
        if not self.keys:
            if unsigned.any():
                marked = unsigned & wire["mac"].any(axis=1) & (reasons == 0)
                reasons[marked] = REASON["mac"]
            return
        open_ = reasons == 0
        unknown = open_ & ~unsigned
        reasons[open_ & unsigned] = REASON["unauthenticated"]
        for number, made in self._hashers.items():
            mine = unknown & (key == number)
            unknown &= ~mine
            if mine.any():
                self._check_macs(wire, lengths, reasons, heads, payload, mine, made.copy)
        reasons[unknown] = REASON["key"]

    @staticmethod
    def _check_macs(
        wire: NDArray[Any],
        lengths: NDArray[Any],
        reasons: Reasons,
        heads: list[memoryview],
        payload: Callable[[int], bytes],
        mine: NDArray[np.bool_],
        fresh: Callable[[], Any],
    ) -> None:
        places = np.flatnonzero(mine)
        bare = places[lengths[places] == HEADER]
        macs = []
        some = heads[: len(wire)] if len(bare) == len(wire) else [heads[place] for place in bare.tolist()]
        for head in some:
            made = fresh()
            made.update(head)
            macs.append(made.digest())
        carded = places[lengths[places] > HEADER]
        for place in carded.tolist():
            made = fresh()
            made.update(heads[place])
            made.update(payload(place))
            macs.append(made.digest())
        places = np.concatenate([bare, carded])
        right = np.frombuffer(b"".join(macs), "u8").reshape(-1, 2)
        reasons[places[(wire["mac"][places] != right).any(axis=1)]] = REASON["mac"]
