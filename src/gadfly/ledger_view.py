"""The ledger as it is read and asked from outside: entries as sentences, tiles, receipts, cosignatures."""

from __future__ import annotations

import heapq
import operator
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from gadfly.errors import LedgerError, Refused
from gadfly.ledger import log as ledger
from gadfly.ledger import receipt, tiles, witness
from gadfly.ledger.canonical import canonical
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.entry import Entry, decode
from gadfly.ledger.sentence import sentence
from gadfly.ledger.tiles import WIDTH
from gadfly.ledger.witness import Conflict
from gadfly.ledger.wording import principal
from gadfly.store import flips

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

SCANNED = 20_000
"""Entries that one question looks at for a kind or a principal; it goes on from there with the next."""
MEMBERS = 10_000
"""Components of a burst that are named."""

Row = tuple[int, Entry, bytes]


class Page(msgspec.Struct, frozen=True):
    """Entries, newest first; `before` is where to go on, None where there are no older ones."""

    entries: list[dict[str, Any]]
    before: int | None


class LedgerView:
    """Made by the node for its server."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @property
    def newest(self) -> Checkpoint | None:
        """The newest checkpoint with its cosignatures."""
        return self._node.recorder.newest

    @property
    def trouble(self) -> str:
        """Why nothing is recorded or signed at the moment; empty: it is."""
        return self._node.recorder.trouble or self._node.recorder.journal.trouble

    def counts(self) -> dict[str, int]:
        """Entries under a checkpoint, and what keeps the ledger or a witness from its work; no I/O."""
        node = self._node
        return {
            "sealed": self.newest.size if self.newest else 0,
            "trouble": int(bool(self.trouble)),
            "witnesses": len(node.cosigners.shown()),
            "witnesses_in_trouble": len(node.cosigners.trouble()),
        }

    async def tile(self, path: str) -> tuple[bytes, bool]:
        """What lies at a path of C2SP tlog-tiles, and whether it is full. Refused where nothing does."""
        log = self._node.recorder.log

        def work(connection: sqlite3.Connection) -> bytes:
            if tile.level is None:
                return log.entries_tile(connection, tile.number, tile.width)
            return log.tile(connection, tile.level, tile.number, tile.width)

        try:
            tile = tiles.parse(path)
            return await self._node.db.read(work), tile.width == WIDTH
        except LedgerError as error:
            raise Refused(str(error), 404) from None

    async def entries(self, about: str, kind: str, who: str, before: int | None, limit: int) -> Page:
        """Entries about a subject, of a kind, by a principal: all that is given must hold."""
        mask = self._node.recorder.mask
        find = partial(
            _find, about=mask.subject(about), kind=kind, who=mask.subject(who), before=before, limit=limit
        )
        rows, further = await self._node.db.read(find)
        names = self.names()
        return Page([_shown(index, entry, names) for index, entry, _ in rows], further)

    async def entry(self, index: int) -> dict[str, Any]:
        """One entry whole: its bytes, and of a burst whom the history names. Refused: there is none."""
        found = await self._node.db.read(partial(_one, index=index))
        if found is None:
            raise Refused(f"There is no entry {index} in this ledger.", 404)
        (_, entry, body), members = found
        covered = self.newest.size if self.newest else 0
        return {
            **_shown(index, entry, self.names()),
            "covered": index < covered,
            "canonical": body.decode(),
            "components": members,
        }

    async def receipt(self, index: int) -> str:
        """The offline proof of an entry, under the newest checkpoint, or the newest that is cosigned."""

        def work(connection: sqlite3.Connection) -> str:
            row = connection.execute(
                "SELECT max(size) FROM ledger_cosignature WHERE size > ?", (index,)
            ).fetchone()
            return str(receipt.make(connection, index, row[0]))

        await self._node.recorder.seal()
        try:
            return await self._node.db.read(work)
        except LedgerError as error:
            raise Refused(str(error), 404) from None

    async def cosign(self, body: bytes) -> str:
        """The cosignature line for a request of another ledger. Denied where the protocol says so."""
        recorder, now = self._node.recorder, self._node.clock.wall()
        # Strangers do not get as far as the disk, and nothing is verified while others wait to write.
        request, new = witness.trusted(body, recorder.witnessed)
        last = await self._node.db.read(partial(witness.kept, origin=new.origin))
        judged = witness.judge(request, new, last)

        def work(connection: sqlite3.Connection) -> Conflict | None:
            found = recorder.witness.keep(connection, judged, now)
            if found is not None and found.first:
                recorder.journal.observe(connection, [_contradiction(found)])
            return found

        found = await self._node.db.write(work)
        if found is not None:
            raise witness.refusal(found)
        return recorder.witness.sign(new, now)

    async def ask(self) -> dict[str, Any]:
        """Ask every witness for the newest checkpoint; how it stands then."""
        await self._node.cosigners.ask()
        return await self.standing()

    async def standing(self) -> dict[str, Any]:
        """Keys and sizes: this ledger, the witnesses it asks, the ledgers it witnesses."""
        node, newest = self._node, self.newest
        kept, conflicts = await node.db.read(lambda one: (witness.everything(one), witness.conflicts(one)))
        return {
            "origin": node.recorder.log.origin,
            "key": str(node.recorder.log.verifier),
            "witness_key": str(node.recorder.witness.verifier),
            "size": newest.size if newest else 0,
            "root": newest.root.hex() if newest else "",
            "checkpoint": str(newest) if newest else "",
            "trouble": self.trouble,
            "witnesses": node.cosigners.shown(),
            "witnessed": [
                {"origin": one.origin, "size": one.size, "root": one.root.hex(), "at": one.at} for one in kept
            ],
            "conflicts": [
                {"origin": one.origin, "at": one.at, "why": one.why, "kept": one.kept, "note": one.note}
                for one in conflicts
            ],
        }

    def names(self) -> Mapping[str, str]:
        """The persons whom the configuration names, by their hashes."""
        return self._node.recorder.mask.names(_addresses(self._node))


def _addresses(node: Node) -> Iterable[str]:
    for owner in node.config.owner.values():
        for contact in owner.contact:
            if contact.startswith("mailto:"):
                yield contact.removeprefix("mailto:")
    for receiver in node.config.receiver.values():
        if receiver.email:
            yield receiver.email.removeprefix("mailto:")
    for token in node.access.all():
        if token.person:
            yield token.person
        if "@" in token.name:
            yield token.name


def _shown(index: int, entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "index": index,
        "at": entry.at,
        "kind": entry.kind,
        "who": entry.who,
        "by": principal(entry.who, names),
        "about": entry.about,
        "sentence": sentence(entry, names),
        "body": entry.body,
    }


def _one(connection: sqlite3.Connection, index: int) -> tuple[Row, list[str]] | None:
    found = ledger.read(connection, index, index + 1)
    if not found:
        return None
    burst = found[0][1].kind == "flip" and "digest" in found[0][1].body
    return found[0], flips.names(connection, index)[:MEMBERS] if burst else []


def _find(
    connection: sqlite3.Connection, about: str, kind: str, who: str, before: int | None, limit: int
) -> tuple[list[Row], int | None]:
    """A page, and where the next begins. Reads no further than the page, and :data:`SCANNED` entries at most;
    what its bytes show not to be asked for is not even parsed."""
    top = (1 << 62) if before is None else before
    wanted = [_member(name, value) for name, value in (("kind", kind), ("who", who)) if value]
    found: list[Row] = []
    last, seen = None, 0
    for index, body in _newest(connection, about or ("" if who in ("", "node") else who), top):
        if index == last:
            continue
        seen, last = seen + 1, index
        if all(one in body for one in wanted):
            entry = decode(body)
            if (not kind or entry.kind == kind) and (not who or entry.who == who):
                found.append((index, entry, body))
        if len(found) == limit or seen == SCANNED:
            return found, last or None
    return found, None


def _newest(connection: sqlite3.Connection, subject: str, top: int) -> Iterator[tuple[int, bytes]]:
    """Entries about a subject, or all where that is empty, below `top`, newest first; some of them twice."""
    if not subject:
        return connection.execute(
            "SELECT id, CAST(body AS BLOB) FROM ledger_entry WHERE id < ? ORDER BY id DESC",
            (top,),
        )
    rows = connection.execute(
        "SELECT id, CAST(body AS BLOB) FROM ledger_about CROSS JOIN ledger_entry ON id = entry"
        " WHERE subject = ? AND entry < ? ORDER BY entry DESC",
        (subject, top),
    )
    if not _component(subject):
        return rows
    # What a component did in a burst stands in the history, which names the entry.
    own = sorted(flips.entries(connection, subject.removeprefix("component:"), top), reverse=True)
    return heapq.merge(rows, _bodies(connection, own), key=operator.itemgetter(0), reverse=True)


def _bodies(connection: sqlite3.Connection, indices: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    for index in indices:
        yield from connection.execute(
            "SELECT id, CAST(body AS BLOB) FROM ledger_entry WHERE id = ?",
            (index,),
        )


def _member(name: str, value: str) -> bytes:
    """How a member of this name and value stands in an entry's canonical bytes."""
    return canonical({name: value})[1:-1]


def _component(subject: str) -> bool:
    return subject.startswith("component:")


def _contradiction(conflict: Conflict) -> Entry:
    words = f"the ledger {conflict.origin} signed " + (
        "two histories of the same length."
        if conflict.why == "forked"
        else "a checkpoint, and nothing proves that it continues what was cosigned before."
    )
    body = {"event": conflict.why, "ledger": conflict.origin, "words": words}
    return Entry(
        kind="unexplained", who="node", about=(f"ledger:{conflict.origin}",), body=body, at=conflict.at
    )
