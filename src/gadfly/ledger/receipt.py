"""Receipts: C2SP tlog-proof. One text that shows, offline, that an entry is in the ledger.

The entry itself stands in the `extra` line, in base64. That line is not signed, and need not be: its hash is
the leaf from which the proof leads to the signed root.
"""

from __future__ import annotations

import base64
import re
import sqlite3
from collections.abc import Sequence

import msgspec

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import entry as entries
from gadfly.ledger import log, merkle, note
from gadfly.ledger.checkpoint import Checkpoint, Cosigned
from gadfly.ledger.entry import Entry
from gadfly.ledger.note import Verifier
from gadfly.ledger.tree import Tree, covered

HEADER = "c2sp.org/tlog-proof@v1"
LIMIT = 1 << 18
"""Characters of a receipt: an entry of 64 KiB in base64, a note, and 64 hashes."""

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


class Receipt(msgspec.Struct, frozen=True):
    """What is in the text; nothing of it is verified. `entry` is empty where it came apart from the proof."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        extra = f"extra {base64.b64encode(self.entry).decode()}\n" if self.entry else ""
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in self.proof)
        return f"{HEADER}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"


class Proven(msgspec.Struct, frozen=True):
    """What a receipt shows: `entry` is number `index` in the ledger of `checkpoint`, seen by `witnesses`."""

    index: int
    entry: Entry
    checkpoint: Checkpoint
    witnesses: tuple[Cosigned, ...]


def make(connection: sqlite3.Connection, index: int, size: int | None = None) -> Receipt:
    """The receipt of entry `index` under the checkpoint of `size`; under the newest, where that is None.

    LedgerError where no checkpoint covers it yet: a second later one does.
    """
    head = log.at_size(connection, covered(connection) if size is None else size)
    if head is None or not 0 <= index < head.size:
        raise LedgerError(f"No such checkpoint covers entry {index}. A new entry is covered a second later.")
    row = connection.execute("SELECT body FROM ledger_entry WHERE id = ?", (index,)).fetchone()
    if row is None:
        raise LedgerError(f"The ledger is damaged: entry {index} is missing.")
    return Receipt(index, row[0], tuple(Tree(connection, head.size).inclusion(index)), str(head))


def parse(text: str) -> Receipt:
    """Read a receipt without believing it. LedgerError where it is none, LimitError where it is too large."""
    if len(text) > LIMIT:
        raise LimitError(f"A receipt has {LIMIT} characters at most.")
    head, blank, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    try:
        if first != HEADER or not blank:
            raise ValueError("its first line or its checkpoint is missing")  # noqa: TRY301
        extra = lines.pop(0).removeprefix("extra ") if lines and lines[0].startswith("extra ") else ""
        index = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if index is None:
            raise ValueError("its index is missing")  # noqa: TRY301
        proof = tuple(note.strict_base64(line) for line in lines)
        if len(proof) > 63 or any(len(one) != merkle.HASH for one in proof):
            raise ValueError("its proof is not one of hashes")  # noqa: TRY301
        entry = note.strict_base64(extra)
    except ValueError as error:
        raise LedgerError(f"This is not a receipt (C2SP tlog-proof): {error}.") from error
    return Receipt(int(index[1]), entry, proof, checkpoint)


def verify(
    receipt: Receipt | str,
    key: Verifier,
    witnesses: Sequence[Verifier] = (),
    needed: int = 0,
    entry: bytes | None = None,
) -> Proven:
    """What the receipt shows, where it holds under the ledger's `key` and `needed` of the `witnesses`.

    `entry` is its bytes where the receipt does not carry them. LedgerError, with the reason, where it fails.
    """
    if isinstance(receipt, str):
        receipt = parse(receipt)
    body = receipt.entry if entry is None else entry
    head = checkpoints.verify(receipt.checkpoint, key)
    seen = checkpoints.quorum(head.note, witnesses, needed)
    leaf = merkle.leaf_hash(body)
    if not merkle.verify_inclusion(leaf, receipt.index, head.size, receipt.proof, head.root):
        raise LedgerError("The entry is not in the ledger at this place: entry, index or proof was changed.")
    return Proven(receipt.index, entries.decode(body), head, tuple(seen))
