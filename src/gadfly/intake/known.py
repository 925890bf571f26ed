"""The numbers of series that a sender wrote before, by the bytes that it wrote for their labels; bounded."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

BYTES = 128_000_000
"""Of keys, at most: some 280,000 series with labels of 300 bytes."""
OVERHEAD = 150
"""Bytes that a key costs beside its own."""
REFUSED = 60.0
"""Seconds for which a series that was refused is not asked for again: a million series too many must not cost
the reading of a million labels each time."""


class Known(dict[Hashable, int]):
    """Key → number; -1: was refused of late. To be read in any thread, changed in one."""

    def __init__(self, bound: int = BYTES) -> None:
        super().__init__()
        self._bound = bound
        self._bytes = 0
        self._refused: list[Hashable] = []
        self._since = 0.0

    def renew(self, now: float) -> None:
        """Before what is known is used: refusals of a while ago are asked for again."""
        if self._refused and now - self._since >= REFUSED:
            for key in self._refused:
                if self.get(key) == -1:
                    del self[key]
                    self._bytes -= _cost(key)
            self._refused = []

    def learn(self, found: Iterable[tuple[Hashable, int]], now: float) -> None:
        """These keys mean these numbers. What is known is forgotten whole where it grows beyond its bound:
        the senders say it all again within one interval."""
        for key, number in found:
            if key is None:
                continue
            self._bytes += _cost(key)
            if self._bytes > self._bound:
                self.forget()
            self[key] = number
            if number < 0:
                if not self._refused:
                    self._since = now
                self._refused.append(key)

    def forget(self) -> None:
        """All of it."""
        self.clear()
        self._refused = []
        self._bytes = 0


def _cost(key: Hashable) -> int:
    return OVERHEAD + (len(key) if isinstance(key, bytes) else 0)
