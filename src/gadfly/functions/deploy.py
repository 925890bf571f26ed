"""Deploying: code under its hash, an entry in the ledger, and from then on that version is called.

What is called is what was deployed, not what lies in the file now. To roll back is to deploy an earlier hash
again; so many versions stay as the configuration says, with those that somebody may still ask for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from gadfly.clock import Clock
from gadfly.errors import Refused
from gadfly.functions import code
from gadfly.functions.function import Function
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.store import deployed
from gadfly.store.deployed import Current, Version
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.functions")

SHORTEST = 6
"""Digits of a hash by which a version is named at least."""
LINES = 60
"""Grants, or removed versions, that stand in the entry; of more it says how many."""
RECENT = 3_600.0
"""Seconds for which a version stays in any case: a call that began with it still runs in its folder."""

Trial = Callable[[Function, Version], Awaitable[None]]
"""Load it once, as a call would. Refused, with its last words, where that fails."""


class Deploys:
    """The versions of all functions, of one node. `state` is the folder in which code is kept."""

    def __init__(self, db: Database, journal: Journal, clock: Clock, state: Path, trial: Trial) -> None:
        self._db = db
        self._journal = journal
        self._clock = clock
        self._state = state
        self._trial = trial
        self._current: Mapping[str, Current] = {}
        self._turn = asyncio.Lock()
        """Of whoever writes."""
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """Of each function: what hangs while it is loaded keeps no other one waiting."""
        self._underway: Counter[str] = Counter()
        """Hashes that are about to be called: there is no row yet by which they would stay."""

    async def load(self) -> None:
        """Know what is deployed; once, before anything is."""
        await asyncio.to_thread(code.tidy, self._state)
        self._current = await self._db.read(deployed.current)

    def current(self, function: str) -> Current | None:
        """What is called now; None where nothing was deployed."""
        return self._current.get(function)

    def folder(self, version: Version) -> Path:
        """Where its code lies."""
        return self._state / version.hash

    async def versions(self, function: str) -> list[Version]:
        """The newest first."""
        return await self._db.read(lambda connection: deployed.versions(connection, function))

    async def deploy(self, function: Function, who: str) -> Current:
        """What its file or folder holds now. Committed, and called from now on, when it returns.

        ConfigError: it cannot be read; Refused: it cannot be loaded; StoreError, LedgerError.
        """
        async with self._turns[function.name]:
            files = await asyncio.to_thread(code.read, Path(function.path))
            if not {f"{function.module}.py", f"{function.module}/__init__.py"} & files.keys():
                raise Refused(
                    f"{function.path}: there is no {function.module}.py with its handler in it.", 422
                )
            hash = await asyncio.to_thread(code.digest, files)
            with self._stays(hash):
                async with self._turn:
                    await asyncio.to_thread(code.keep, self._state, files)
                version = Version(
                    function=function.name,
                    hash=hash,
                    module=function.module,
                    handler=function.handler,
                    files=len(files),
                    bytes=sum(map(len, files.values())),
                    at=self._clock.wall(),
                    who=who,
                )
                return await self._take(function, version, "deployed", who)

    async def roll_back(self, function: Function, hash: str, who: str) -> Current:
        """To the version whose hash begins so. Refused where none does, or several do."""
        if len(hash) < SHORTEST:
            raise Refused(f"Name the version by {SHORTEST} digits of its hash or more.", 422)
        async with self._turns[function.name]:
            found = [one for one in await self.versions(function.name) if one.hash.startswith(hash.lower())]
            if len(found) != 1:
                count = "No version" if not found else f"{len(found)} versions"
                raise Refused(
                    f"{count} of {function.name} begin with {hash[:64]}.", 404 if not found else 409
                )
            with self._stays(found[0].hash):
                await asyncio.to_thread(code.verify, self.folder(found[0]))
                return await self._take(function, found[0], "rolled back", who)

    @contextlib.contextmanager
    def _stays(self, hash: str) -> Iterator[None]:
        self._underway[hash] += 1
        try:
            yield
        finally:
            self._underway[hash] -= 1

    async def prune(self, most: int) -> None:
        """Remove what is not kept: of each function all but `most` versions beside the one that is called,
        those rolled back to, and those that a waiting call or a dead letter ran in. StoreError, LedgerError.
        """
        now = self._clock.wall()

        def removed(connection: sqlite3.Connection) -> list[tuple[str, str]]:
            found = [
                (function, hash)
                for function, hash in deployed.surplus(connection, most, now - RECENT)
                if not self._underway[hash]
            ]
            by_function = groupby(found, key=lambda one: one[0])
            gone = {function: [hash for _, hash in group] for function, group in by_function}
            self._journal.write(connection, [_removed(name, hashes, now) for name, hashes in gone.items()])
            for function, hash in found:
                deployed.drop(connection, function, hash)
            return found

        async with self._turn:
            if await self._db.read(lambda connection: deployed.surplus(connection, most, now - RECENT)):
                found = await self._db.write(removed)
                log.info("%d old versions of functions were removed", len(found))
            wanted = await self._db.read(deployed.hashes)
            underway = {hash for hash, count in self._underway.items() if count}
            await asyncio.to_thread(code.leave, self._state, wanted | underway)

    async def _take(self, function: Function, version: Version, event: str, who: str) -> Current:
        await self._trial(function, version)
        now, before = self._clock.wall(), self._current.get(function.name)
        entry = Entry(
            kind="function",
            who=who,
            about=(f"function:{function.name}", f"owner:{function.owner}"),
            body={
                "event": event,
                "hash": version.hash,
                **({"before": before.version.hash} if before else {}),
                "files": version.files,
                "grants": [str(one) for one in function.grants[:LINES]],
                "count": len(function.grants),
            },
            at=now,
        )

        def work(connection: sqlite3.Connection) -> Mapping[str, Current]:
            self._journal.write(connection, [entry])
            deployed.put(connection, version)
            deployed.make_current(
                connection, function.name, version.hash, now, who, back=event == "rolled back"
            )
            return deployed.current(connection)

        async with self._turn:
            self._current = await self._db.write(work)
        return self._current[function.name]


def _removed(function: str, hashes: list[str], now: float) -> Entry:
    return Entry(
        kind="function",
        who="node",
        about=(f"function:{function}",),
        body={"event": "removed", "hashes": hashes[:LINES], "count": len(hashes)},
        at=now,
    )
