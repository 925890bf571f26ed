"""The witnesses that this node asks for cosignatures: each by itself, so that a slow one holds up nobody."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from functools import partial

import msgspec

from gadfly import redact
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.config.ledger import Cosigner
from gadfly.errors import LedgerError, StoreError
from gadfly.ledger import cosigning, post
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.cosigning import GRAVE, Answer, Standing
from gadfly.ledger.entry import Entry
from gadfly.ledger.note import Verifier, verifier
from gadfly.recorder import Recorder
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.ledger")

TRIES = 3
"""Requests in one round: it may know another size, and by then there may be a third."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A witness and how it stands to us. `size` entries of ours it cosigned, last at `at` (0: never)."""

    name: str
    key: str
    url: str
    standing: str
    words: str
    size: int
    at: float


class _One:
    """One witness."""

    def __init__(self, cosigner: Cosigner) -> None:
        self.cosigner = cosigner
        self.key: Verifier = verifier(cosigner.key)
        self.answer = Answer(Standing.unasked)
        self.size: int | None = None
        self.at = 0.0
        self.asking = asyncio.Lock()


class Cosigners:
    """Asks every witness of the configuration, again and again while there is something new."""

    def __init__(self, db: Database, recorder: Recorder, config: Config, clock: Clock) -> None:
        self._db = db
        self._recorder = recorder
        self._clock = clock
        self._ones: list[_One] = []
        self.reconfigure(config)

    def reconfigure(self, config: Config) -> None:
        """From now on these. What is known of one that stays is kept."""
        known = {one.cosigner: one for one in self._ones}
        self._ones = [known.get(one) or _One(one) for one in config.ledger.witnesses]
        self._every, self._timeout = float(config.ledger.ask), float(config.ledger.timeout)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.ask()
            await self._clock.sleep(self._every)

    async def ask(self) -> None:
        """One round: every witness that has not cosigned the newest checkpoint is asked for it."""
        await asyncio.gather(*(self._ask(one) for one in tuple(self._ones)))

    def shown(self) -> list[Asked]:
        """Every witness, in the order of the configuration."""
        return [
            Asked(
                name=one.key.name,
                key=str(one.key),
                url=redact.url(one.cosigner.url),
                standing=one.answer.standing.value,
                words=one.answer.words,
                size=one.size or 0,
                at=one.at,
            )
            for one in self._ones
        ]

    def trouble(self) -> list[str]:
        """What somebody must look at, a line each."""
        quiet = (Standing.unasked, Standing.cosigned, Standing.behind)
        return [
            f"witness {one.key.name}: {one.answer.words}"
            for one in self._ones
            if one.answer.standing not in quiet
        ]

    def grave(self) -> list[str]:
        """What shows that the history is not what it was."""
        return [
            f"witness {one.key.name}: {one.answer.words}"
            for one in self._ones
            if one.answer.standing in GRAVE
        ]

    def unasked(self) -> list[str]:
        """Those of which it is not known yet what they have seen: the node has just begun."""
        return [one.key.name for one in self._ones if one.answer.standing is Standing.unasked]

    async def _ask(self, one: _One) -> None:
        # One conversation at a time, each from what is newest then: else the witness might be ahead of us.
        async with one.asking:
            newest = await self._recorder.seal()
            if newest is not None:
                await self._look(one, newest)

    async def _look(self, one: _One, newest: Checkpoint) -> None:
        try:
            if one.size is None:
                one.size = await self._db.read(lambda connection: cosigning.newest(connection, one.key))
            if one.size == newest.size and one.answer.standing is Standing.cosigned:
                return
            answer = await self._converse(one, newest)
        except (LedgerError, StoreError) as error:
            answer = Answer(Standing.unreachable, str(error))
        before, one.answer = one.answer, answer
        if answer.standing is Standing.cosigned:
            one.at = self._clock.wall()
        if answer.standing is before.standing:
            return  # its words may name another size each time: an entry a round would never end
        if answer.standing in GRAVE:
            log.critical("witness %s: %s", one.key.name, answer.words)
            await self._record(one, answer)
        elif answer.words:
            log.warning("witness %s: %s", one.key.name, answer.words)
        else:
            log.info("witness %s cosigns from %d entries on", one.key.name, newest.size)

    async def _converse(self, one: _One, newest: Checkpoint) -> Answer:
        answer = Answer(Standing.behind, "it names another size at each request")
        for _ in range(TRIES):
            old = min(one.size or 0, newest.size)
            body = cosigning.request(old, await self._proof(old, newest.size), newest)
            url = f"{one.cosigner.url.rstrip('/')}/add-checkpoint"
            status, got = await post.post(url, body, self._timeout, cosigning.ANSWER)
            answer = cosigning.understand(status, got, newest, old, one.key)
            if answer.size is not None:
                one.size = answer.size
            if answer.standing is Standing.cosigned:
                keep = partial(self._recorder.log.cosigned, size=newest.size, lines=answer.lines)
                await self._db.write(keep)
                self._recorder.cosigned(newest, answer.lines)
            if answer.standing is not Standing.behind:
                break
        return answer

    async def _proof(self, old: int, new: int) -> list[bytes]:
        return await self._db.read(lambda connection: self._recorder.log.consistency(connection, old, new))

    async def _record(self, one: _One, answer: Answer) -> None:
        """That somebody contradicts our history belongs into it, even though it may not be believed."""
        body = {"event": answer.standing.value, "witness": one.key.name, "words": answer.words}
        entry = Entry(
            kind="unexplained",
            who="node",
            about=(f"witness:{one.key.name}", "ledger"),
            body=body,
            at=self._clock.wall(),
        )

        def work(connection: sqlite3.Connection) -> None:
            self._recorder.journal.observe(connection, [entry])

        await self._db.write(work)
