"""What the answer to a query does not know, because the store lacks it."""

from __future__ import annotations

from collections.abc import Sequence

from gadfly.promql import Chunk, Limits, Matcher, Source


class Noted:
    """A source that remembers what was read of it: an expression may look far behind the time it is for."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._read: list[tuple[int, int]] = []

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        self._read.append((start, end))
        return self._source.select(matchers, start, end, limit)

    def lacking(self) -> list[str]:
        """What is missing in what was read, each thing once."""
        return list(dict.fromkeys(one for span in self._read for one in self._source.lacking(*span)))
