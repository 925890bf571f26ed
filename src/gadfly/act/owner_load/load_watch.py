"""Looks at the owners' loads every day, and names one that is, or soon will be, too much."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable

from gadfly.act.mail import notice
from gadfly.act.owner_load.load import OwnerLoad, State, judge
from gadfly.act.owner_load.load_book import coming
from gadfly.alert.escalate import lineage
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import StoreError
from gadfly.rate import WEEK
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.act")

DAY = 86_400.0
FIRST = 600.0
"""Seconds after the start until the first look: a node that is restarted every day looks, too."""


class LoadWatch:
    """One for a node."""

    def __init__(
        self, db: Database, clock: Clock, config: Callable[[], Config], *, url: str, node: str
    ) -> None:
        self._db = db
        self._clock = clock
        self._config = config
        self._url = url
        self._node = node

    async def run(self) -> None:
        """Look every day until cancelled."""
        pause = FIRST
        while True:
            await self._clock.sleep(pause)
            pause = DAY
            try:
                await self.look()
            except StoreError as error:
                log.error("the owners' loads could not be looked at: %s", error)

    async def loads(self) -> list[OwnerLoad]:
        """Every owner's load now, the most loaded first."""
        config, now = self._config(), self._clock.wall()
        return judge(config, await self._db.read(lambda connection: coming(connection, config, now)))

    async def look(self) -> int:
        """Tell of each load that is too much or soon will be; how many letters were written.

        To the owner and the one above, who alone can take something off it; the same at most once a week.
        """
        config, now = self._config(), self._clock.wall()
        heavy = [load for load in await self.loads() if load.state is not State.fine]

        def work(connection: sqlite3.Connection) -> int:
            return sum(self._tell(connection, config, load, now) for load in heavy)

        written = await self._db.write(work) if heavy else 0
        self._db.bell("outbox").set()
        return written

    def _tell(self, connection: sqlite3.Connection, config: Config, load: OwnerLoad, now: float) -> int:
        too_much = "is too much" if load.state is State.over else "will soon be too much"
        subject = f"The load of {load.owner} {too_much}"
        if connection.execute(
            "SELECT 1 FROM outbox WHERE incident = 0 AND created > ?"
            " AND json_extract(body, '$.subject') = ? LIMIT 1",
            (now - WEEK, subject),
        ).fetchone():
            return 0
        lines = "\n".join(f"- {line.words}" for line in load.lines if line.words)
        text = (
            f"{subject}:\n\n{lines}\n\nWhat helps: fewer or better alerts, a longer `settle`, another owner "
            f"for some of it.\nSee: {self._url}\n"
        )
        told = notice.put(
            connection,
            config.owner,
            lineage(config.owner, load.owner)[:2],
            notice.Notice(subject=subject, text=text, at=now, url=self._url, node=self._node),
        )
        return len(told)
