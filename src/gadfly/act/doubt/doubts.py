"""Why the ledger is not believed at the moment, from all who look, and that somebody is told.

The guard `belief` stops what acts; here it is written down, the owner on top gets a letter, and `/readyz` and
the page have the words. What is over is over: where nothing is wrong any more, what acts may act again.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence

from gadfly.act.mail import notice
from gadfly.alert.escalate import top_owner
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import StoreError
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

LOOK = 2.0
"""Seconds between looks at what those who watch the ledger have found."""
REASON = 2000


class Doubts:
    """`found`: what those who look have found. `contradicted`: what witnesses say, which is written down
    elsewhere already."""

    def __init__(
        self,
        db: Database,
        journal: Journal,
        clock: Clock,
        config: Callable[[], Config],
        *,
        found: Callable[[], Sequence[str]],
        contradicted: Callable[[], Sequence[str]],
        url: str,
        node: str,
    ) -> None:
        self._db = db
        self._journal = journal
        self._clock = clock
        self._config = config
        self.found = found
        self._contradicted = contradicted
        self._url = url
        self._node = node
        self._told: set[str] = set()

    def words(self) -> list[str]:
        """All of it, now."""
        return [*self.found(), *self._contradicted()]

    async def run(self) -> None:
        """Tell what is new until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK)

    async def look(self) -> None:
        """Tell what is new, once for as long as it stands."""
        said = self.words()
        new = [one for one in said if one not in self._told]
        if new:
            try:
                await self._db.write(lambda connection: self._tell(connection, new))
            except StoreError as error:
                log.error("that the ledger is not believed was told to nobody: %s", error)
                return
            self._db.bell("outbox").set()
        self._told = set(said)

    def _tell(self, connection: sqlite3.Connection, new: Sequence[str]) -> None:
        now, owners = self._clock.wall(), self._config().owner
        own = [one for one in new if one in self.found()]
        entries = [
            Entry(
                kind="unexplained",
                who="node",
                about=("ledger", f"node:{self._node}"),
                body={"event": "doubt", "words": one[:REASON]},
                at=now,
            )
            for one in own
        ]
        self._journal.observe(connection, entries)
        lines = "\n".join(f"- {one}" for one in new)
        letter = notice.Notice(
            subject=f"Nothing acts on {self._node}: its ledger cannot be believed",
            text=(
                f"{lines}\n\nUntil that is put right no automation and nobody acts through the gate of "
                f"{self._node}; alerts go on. Keep the state folder as evidence, look who could write to it, "
                f"and compare: gadfly ledger verify\n\nSee: {self._url}\n"
            ),
            at=now,
            url=self._url,
            node=self._node,
        )
        notice.put(connection, owners, [top_owner(owners)], letter)
