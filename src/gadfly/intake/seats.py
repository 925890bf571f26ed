"""Connections that are open at once, and how many of them one address may hold."""

from __future__ import annotations

from collections import Counter

SHARE = 4
"""Once half of the seats are taken, an address may hold one part in so many: what relays for a hundred hosts
has room, and who opens all that there are shuts out nobody but itself."""


class Seats:
    """One for each listener. Pure: it counts, and opens and closes nothing."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self.taken = 0
        self.refused = 0
        """Since the start."""
        self.last = ""
        """The address that was refused last."""

    def take(self, peer: str, most: int) -> bool:
        """Whether there is a seat for this address, of `most` in all."""
        alone = self._held[peer] >= max(1, most // SHARE) and self.taken >= most // 2
        if self.taken >= most or alone:
            self.refused += 1
            self.last = peer
            return False
        self.taken += 1
        self._held[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        """One that was taken is free again."""
        self.taken -= 1
        self._held[peer] -= 1
        if not self._held[peer]:
            del self._held[peer]

    def words(self, what: str) -> str:
        """What the operator should know; empty: nobody was refused."""
        if not self.refused:
            return ""
        return (
            f"{what}: {self.refused:,} connections were refused, the last one from {self.last}; "
            f"{self.taken:,} are open: see that senders keep one each, or raise the limit"
        )
