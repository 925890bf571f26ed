"""Whether entries stand where their times belong.

An entry came after what stands before it was witnessed, and before what it stands in was. So its place and
the times of the cosignatures around it bound its true time, whatever it says itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gadfly.ledger.entry import rfc3339, seconds

SKEW = 60.0
"""Seconds that an entry's time may lie apart from its place: clocks differ, what was seen is written a little
later, and witnesses are asked every ten seconds."""


class Order:
    """Looks at the times of all entries, in order. `cosigned` are (size, seconds since the epoch), sorted."""

    def __init__(self, cosigned: Sequence[tuple[int, int]], skew: float = SKEW) -> None:
        self._cosigned = cosigned
        self._skew = skew
        self._newest = float("-inf")
        self._next = 0

    def wrong(self, start: int, times: Sequence[str]) -> Iterator[str]:
        """What is wrong with the entries from number `start`; `times` as they stand in the entries.

        LedgerError where one is no time.
        """
        self._pass(start)
        low, high = seconds(min(times)), seconds(max(times))
        bound = self._bound()
        if (
            bound[0] >= start + len(times)
            and low >= max(self._newest, high) - self._skew
            and high <= bound[1] + self._skew
        ):
            self._newest = max(self._newest, min(high, bound[1]))
            return
        for index, text in enumerate(times, start):
            at = seconds(text)
            self._pass(index)
            if at < self._newest - self._skew:
                yield (
                    f"entry {index} is back-dated: it says {text}, and what stands before it is of "
                    f"{rfc3339(self._newest)}"
                )
            _, witnessed = self._bound()
            if at > witnessed + self._skew:
                yield (
                    f"entry {index} is post-dated: it says {text}, and was witnessed at {rfc3339(witnessed)}"
                )
            self._newest = max(self._newest, min(at, witnessed))

    def _pass(self, index: int) -> None:
        while self._bound()[0] <= index:
            self._newest = max(self._newest, self._cosigned[self._next][1])
            self._next += 1

    def _bound(self) -> tuple[float, float]:
        """(size, time) of the next cosigned checkpoint."""
        if self._next == len(self._cosigned):
            return float("inf"), float("inf")
        return self._cosigned[self._next]
