"""What was heard is written down, so that a restarted node misses those who died while it was away.

Not every beat: a row is written when a component first announces itself, says something new of itself,
restarts, or changes its liveness. Rows wait here and go to the store in pieces.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from gadfly.monitor.change import Change
from gadfly.monitor.hearing import Hearing
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.picture import Picture
from gadfly.store import heard
from gadfly.store.sqlite import Database

PIECE = 5000


class Memory:
    """The rows that still have to be written."""

    def __init__(self, db: Database, picture: Picture) -> None:
        self._db = db
        self._picture = picture
        self._fresh: set[int] = set()

    async def recall(self, hearing: Hearing) -> list[Change]:
        """Give ear and picture everybody who was heard before, in pieces. Returns what that changed."""
        changes, last = [], ""
        while rows := await self._db.read(partial(heard.after, name=last, limit=PIECE)):
            changes += self._picture.recall(await hearing.restore(rows))
            last = rows[-1].name
        return changes

    def note(self, slots: Iterable[int]) -> None:
        """These changed in a way that should survive a restart."""
        self._fresh.update(slots)

    async def flush(self) -> int:
        """Write what waits, in pieces; StoreError keeps it waiting. Returns how many rows went."""
        written = 0
        while self._fresh:
            piece = [self._fresh.pop() for _ in range(min(PIECE, len(self._fresh)))]
            rows = [row for slot in piece if (row := self._row(slot)) is not None]
            try:
                await self._db.write(partial(heard.put, rows=rows), durable=False)
            except BaseException:
                self._fresh.update(piece)
                raise
            written += len(rows)
        return written

    def _row(self, slot: int) -> heard.Heard | None:
        members = self._picture.heard
        card = members.card(slot)
        if not card or not self._picture.columns.names[slot] or members.liveness[slot] == Liveness.never:
            return None
        seen = int(members.seen_wall[slot]) / 1e9
        return heard.Heard(
            name=self._picture.columns.names[slot],
            id=int(members.id[slot]),
            card=card,
            interval=int(members.interval[slot]) / 1000,
            first_heard=seen,
            last_seen=seen,
            liveness=int(members.liveness[slot]),
            status=int(members.status[slot]),
            incarnation=int(members.incarnation[slot]),
        )
