"""One page of lines out of blocks and journal, from the newest back or from a cursor on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gadfly.errors import StoreError
from gadfly.store.logs import block as blocks
from gadfly.store.logs.block import Block
from gadfly.store.logs.line import Kept
from gadfly.store.logs.query import Page, Query, Sieve
from gadfly.store.logs.segment import Place, Segment
from gadfly.store.series.engine import Engine

END = 1 << 62


class _Search(NamedTuple):
    engine: Engine
    sieve: Sieve
    low: int
    high: int
    newest_first: bool

    def pieces(self, part: Block | Segment) -> Iterator[tuple[Block | Place, int]]:
        """What of it is to be looked at, in the order asked for, and the cursor behind each."""
        places: list[Block | Place] = [part] if isinstance(part, Block) else list(part.places)
        if self.newest_first:
            places.reverse()
        for one in places:
            if one.last > self.low and one.first < self.high and self.sieve.overlaps(one.oldest, one.newest):
                yield one, one.first if self.newest_first else one.last

    def read(self, part: Block | Segment, piece: Block | Place, limit: int) -> list[Kept]:
        """At most so many of its lines. FileNotFoundError: it is gone; StoreError: it is damaged."""
        if isinstance(piece, Block):
            if not piece.path.exists():
                raise FileNotFoundError(piece.path)
            return blocks.read(
                self.engine,
                piece,
                self.sieve.sql(),
                (self.low, self.high),
                newest_first=self.newest_first,
                limit=limit,
            )
        assert isinstance(part, Segment)
        found: list[Kept] = []
        for frame in part.frames([piece]):
            lines = frame.lines()
            for line in reversed(lines) if self.newest_first else lines:
                if len(found) < limit and self.low < line.number < self.high and self.sieve.passes(line):
                    found.append(line)
        return found


def search(
    engine: Engine, parts: Sequence[Block | Segment], last: int, query: Query, sieve: Sieve, patience: float
) -> Page:
    """A page of what stands in the parts, which are in the order of their lines; `last` is surely among them.

    FileNotFoundError where a part is gone: the list is no longer true.
    """
    newest_first = query.after is None
    low = -1 if query.after is None else query.after
    high = END if query.before is None else query.before
    asked = _Search(engine, sieve, low, high, newest_first)
    found: list[Kept] = []
    unread: list[str] = []
    deadline = time.monotonic() + patience
    for part in reversed(parts) if newest_first else parts:
        for piece, reach in asked.pieces(part):
            try:
                found += asked.read(part, piece, query.limit - len(found))
            except StoreError as error:
                unread.append(str(error))
            if len(found) >= query.limit:
                return Page(found, found[-1].number, True, tuple(unread))
            if time.monotonic() > deadline:
                return Page(found, reach, True, tuple(unread))
    if newest_first:
        return Page(found, low + 1, False, tuple(unread))
    seen = max(last, found[-1].number) if found else last
    return Page(found, max(low, min(seen, high - 1)), False, tuple(unread))
