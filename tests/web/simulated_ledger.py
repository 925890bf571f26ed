"""A ledger for the web's tests: a real one in memory, behind what the web asks of it."""

from __future__ import annotations

import sqlite3
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.errors import LedgerError, Refused
from gadfly.ledger import receipt, tiles
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.ledger.note import COSIGNATURE, verifier_of
from gadfly.ledger.sentence import sentence
from gadfly.ledger.witness import Denied
from gadfly.ledger.wording import principal
from gadfly.store.schema import migrate

HOSTILE = "<img src=x onerror=\"document.title='pwned'\">"


class SimulatedLedger:
    """Holds to :class:`gadfly.web.ledgers.Ledger`; `add` appends and seals."""

    def __init__(self, wall: float) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        migrate(self._connection)
        self.key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.log = Log("gadfly/north/00000001", self.key)
        self.wall = wall
        self.trouble = ""
        self.witnesses: list[dict[str, Any]] = []
        self.asked = 0
        self.add("node", ("node:north",), event="started", version="1", before="nothing")
        self.add(
            "flip",
            ("component:checkout", "owner:payments"),
            component="checkout",
            before="healthy",
            after="down",
            reason="its process ended",
        )
        self.add(
            "silence",
            ("silence:1", "component:checkout"),
            who="program:deploy",
            event="added",
            silence="1",
            match={"component": "checkout"},
            ends="noon",
            reason=HOSTILE,
        )

    def add(self, kind: str, about: tuple[str, ...], who: str = "node", **body: Any) -> None:
        self.wall += 1
        entry = Entry(kind=kind, who=who, about=about, body=body, at=self.wall)
        self.log.append(self._connection, [entry])
        self.log.checkpoint(self._connection)

    @property
    def newest(self) -> Checkpoint | None:
        return self.log.latest(self._connection)

    async def tile(self, path: str) -> tuple[bytes, bool]:
        try:
            tile = tiles.parse(path)
            if tile.level is None:
                data = self.log.entries_tile(self._connection, tile.number, tile.width)
            else:
                data = self.log.tile(self._connection, tile.level, tile.number, tile.width)
        except LedgerError as error:
            raise Refused(str(error), 404) from None
        return data, tile.width == tiles.WIDTH

    async def entries(self, about: str, kind: str, who: str, before: int | None, limit: int) -> object:
        found = [
            self._shown(index, entry)
            for index, entry, _ in reversed(self.log.read(self._connection, 0, before or 1 << 60))
            if (not about or about in entry.about)
            and (not kind or entry.kind == kind)
            and (not who or entry.who == who)
        ]
        more = found[limit - 1]["index"] if len(found) > limit else None
        return {"entries": found[:limit], "before": more}

    async def entry(self, index: int) -> object:
        for _, entry, body in self.log.read(self._connection, index, index + 1):
            return {
                **self._shown(index, entry),
                "covered": True,
                "canonical": body.decode(),
                "components": [],
            }
        raise Refused(f"There is no entry {index}.", 404)

    async def receipt(self, index: int) -> str:
        try:
            return str(receipt.make(self._connection, index))
        except LedgerError as error:
            raise Refused(str(error), 404) from None

    async def cosign(self, body: bytes) -> str:
        if body == b"old 0":
            raise Denied(409, "5\n", "text/x.tlog.size")
        return "— witness AAAA\n"

    async def ask(self) -> object:
        self.asked += 1
        return await self.standing()

    async def standing(self) -> object:
        newest = self.newest
        assert newest is not None
        return {
            "origin": newest.origin,
            "key": str(self.log.verifier),
            "witness_key": str(verifier_of(newest.origin, self.key, COSIGNATURE)),
            "size": newest.size,
            "root": newest.root.hex(),
            "checkpoint": str(newest),
            "trouble": self.trouble,
            "witnesses": self.witnesses,
        }

    def _shown(self, index: int, entry: Entry) -> dict[str, Any]:
        return {
            "index": index,
            "at": entry.at,
            "kind": entry.kind,
            "who": entry.who,
            "by": principal(entry.who),
            "about": entry.about,
            "sentence": sentence(entry),
            "body": entry.body,
        }
