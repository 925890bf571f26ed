"""How much of deliveries is in memory at once: before its end is there, none is known to be signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gadfly.errors import LimitError

ROOM = 64 << 20
"""Bytes of bodies of all senders, from their arrival until the answer."""
SHARE = ROOM // 2
"""Bytes of those that one address may send, so that it does not close the door for others."""


class InHand:
    """What has arrived is counted, not what is announced: who sends nothing takes no room."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._all = 0

    @contextmanager
    def of(self, address: str) -> Iterator[Callable[[int], None]]:
        """For one delivery. What is given is told how many bytes more there are; LimitError: no room now."""
        own = 0

        def more(size: int) -> None:
            nonlocal own
            if self._all + size > ROOM or self._held[address] + size > SHARE:
                raise LimitError("more is being delivered than fits in memory; send it again later")
            own += size
            self._all += size
            self._held[address] += size

        try:
            yield more
        finally:
            self._all -= own
            self._held[address] -= own
            if not self._held[address]:
                del self._held[address]
