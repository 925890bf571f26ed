"""The ledger of a running node: opens it, seals it every second, and records what concerns the node itself.

The other parts record what concerns them, through the :class:`~gadfly.ledger.journal.Journal`, in the
transaction of the fact.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from gadfly import catalogue
from gadfly.catalogue import named_files
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LedgerError, StoreError
from gadfly.ledger import anchor, key
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.ledger.log import Log
from gadfly.ledger.note import Note, Signature, Verifier, verifier
from gadfly.ledger.personal import Mask
from gadfly.ledger.witness import Witness
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.ledger")

SEAL = 1.0
"""Seconds between checkpoints while there is something new. Until then an entry is safe, but not evidence."""
LINES = 200
"""Lines of a difference that stand in the entry of a change of the configuration; more are counted."""
LINE = 300
"""Characters of one of them."""


SUBJECTS = 200
"""Owners and components that it is about."""


class Watched(Log):
    """The log, and whether something was appended since somebody looked."""

    fresh = False
    """Set in the writer's thread, cleared by the loop before it asks for a checkpoint."""
    halted = ""
    """Why nothing is taken: signing another history than the one that was signed would make it the truth."""

    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        if self.halted:
            raise LedgerError(self.halted)
        written = super().append(connection, entries)
        self.fresh = True
        return written


class Recorder:
    """One for each node. LedgerError where key or salt cannot be read or made."""

    def __init__(self, db: Database, config: Config, clock: Clock, name: str) -> None:
        self._folder = Path(config.node.state).expanduser()
        identity = key.identity(self._folder, name)
        self._db = db
        self._clock = clock
        self._name = name
        self.mask = Mask(identity.salt)
        self.log = Watched(identity.origin, identity.key, self.mask)
        self.journal = Journal(self.log, self.mask.of)
        self.witness = Witness(identity.origin, identity.key)
        self.newest: Checkpoint | None = None
        self.trouble = ""
        """Why no checkpoint is made at the moment; empty where one is."""
        self._sealing = asyncio.Lock()
        self._files: dict[str, str] = {}
        """Digests of the files that the configuration names."""
        self._read = self._files
        """The same of the configuration that is being taken."""
        self.reconfigure(config)

    def reconfigure(self, config: Config) -> None:
        """From now on with these witnesses, for these ledgers."""
        keys = {name: verifier(one.key) for name, one in config.witness.items()}
        self.witnessed: dict[str, Verifier] = {
            one.origin or keys[name].name: keys[name] for name, one in config.witness.items()
        }
        """The keys of the ledgers that this node witnesses, by their origins."""
        self._files = self._read

    async def start(self, config: Config, version: str) -> None:
        """Look whether the ledger is the one that this key signed last, and record the start."""
        try:
            self.newest = await self._db.read(self._examine)
        except LedgerError as error:
            self.trouble = self.log.halted = (
                f"{error} Until then nothing is recorded, and nothing done that must be; alerts go on. Where "
                f"the loss is known and accepted, delete {self._folder / anchor.NAME} and restart."
            )
            log.critical("%s", self.trouble)
        named, self._files = await asyncio.to_thread(lambda: (digest(config), named_files.digests(config)))
        self._read = self._files
        about = (f"node:{self._name}",)

        def work(connection: sqlite3.Connection) -> None:
            before = next((one for _, one, _ in self.log.about(connection, about[0], 1)), None)
            body = {
                "event": "started",
                "version": version,
                "configuration": named,
                "key": str(self.log.verifier),
                "before": "nothing" if before is None else str(before.body.get("event", "")),
            }
            entry = Entry(kind="node", who="node", about=about, body=body, at=self._clock.wall())
            self.journal.observe(connection, [entry])

        await self._db.write(work)

    async def stop(self) -> None:
        """Record the stop, and seal it with the same commit."""

        def work(connection: sqlite3.Connection) -> Checkpoint | None:
            about = (f"node:{self._name}",)
            entry = Entry(
                kind="node", who="node", about=about, body={"event": "stopped"}, at=self._clock.wall()
            )
            self.journal.observe(connection, [entry])
            return self._checkpoint(connection)

        try:
            self.newest = await self._db.write(work)
            await self._anchor()
        except (StoreError, LedgerError) as error:
            log.error("the stop was not recorded: %s", error)

    async def run(self) -> None:
        """Seal what is new every second, until cancelled."""
        while True:
            await self._clock.sleep(SEAL)
            await self.seal()

    async def seal(self) -> Checkpoint | None:
        """The newest checkpoint, made now where something is new. Where that cannot be, the one before."""
        async with self._sealing:
            if self.log.fresh:
                self.log.fresh = False
                try:
                    self.newest = await asyncio.shield(self._db.write(self._checkpoint))
                    await self._anchor()
                    self.trouble = ""
                except (StoreError, LedgerError) as error:
                    self.log.fresh = True
                    if str(error) != self.trouble:
                        log.critical("no checkpoint: %s", error)
                    self.trouble = str(error)
            return self.newest

    async def configured(self, old: Config, new: Config, who: str) -> tuple[list[str], Entry]:
        """What a configuration that was read again changes, a line each; and the entry that says so."""
        lines, named, self._read = await asyncio.to_thread(
            lambda: (catalogue.difference(old, new), digest(new), named_files.digests(new))
        )
        lines += named_files.changes(self._files, self._read)
        shown = [self.journal.fit(line)[:LINE] for line in lines[:LINES]]
        body = {"event": "read again", "changes": len(lines), "lines": shown, "configuration": named}
        if who == "node":
            body["by"] = "signal"
        about = [
            f"{section}:{name}"
            for section in ("owner", "component")
            for name in {**getattr(old, section), **getattr(new, section)}
            if getattr(old, section).get(name) != getattr(new, section).get(name)
        ]
        return lines, Entry(
            kind="configuration", who=who, about=tuple(about[:SUBJECTS]), body=body, at=self._clock.wall()
        )

    def used(self, who: str, did: str, component: str) -> Entry:
        """The entry of a call that changes something and has no kind of its own."""
        about = (f"component:{component}",)
        return Entry(
            kind="token", who=who, about=about, body={"event": "used", "did": did}, at=self._clock.wall()
        )

    def _checkpoint(self, connection: sqlite3.Connection) -> Checkpoint | None:
        self.log.checkpoint(connection)
        return self.log.latest(connection)

    def cosigned(self, checkpoint: Checkpoint, lines: Sequence[Signature]) -> None:
        """Witnesses signed beneath a checkpoint; while it is the newest, everybody sees that."""
        if self.newest is not None and self.newest.size == checkpoint.size:
            others = tuple(one for one in self.newest.note.signatures if one not in lines)
            note = Note(self.newest.note.text, (*others, *lines))
            self.newest = self.newest._replace(note=note)

    async def _anchor(self) -> None:
        if self.newest is not None:
            await asyncio.to_thread(anchor.keep, self._folder, self.newest)

    def _examine(self, connection: sqlite3.Connection) -> Checkpoint | None:
        """The newest checkpoint. LedgerError unless it is ours and continues what was signed last."""
        newest = self.log.latest(connection)
        if newest is not None:
            try:
                checkpoints.verify(str(newest), self.log.verifier)
            except LedgerError as error:
                raise LedgerError(
                    f"The ledger in {self._db.path} was signed by another key than {key.KEY} beside it "
                    f"({error}) Restore the two from one copy."
                ) from error
        known = anchor.kept(self._folder, self.log.verifier)
        if known is not None:
            anchor.follow(connection, known)
        return newest


def digest(config: Config) -> str:
    """SHA-256, in hexadecimal, of the configuration without secrets; quick with many components.

    Of owners, receivers and settings it is what `gadfly config show` prints; components name secrets only by
    reference.
    """
    rest = catalogue.as_toml(msgspec.structs.replace(config, component={}))
    components = msgspec.json.encode(config.component, enc_hook=float)
    return hashlib.sha256(rest.encode() + b"\0" + components).hexdigest()
