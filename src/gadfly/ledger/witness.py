"""A witness (C2SP tlog-witness): cosigns a checkpoint of another ledger where it continues all it saw before.

Theory of operation: of each ledger the newest checkpoint that was cosigned is kept. A new one comes with the
size the ledger believes we have and a proof that the tree of that size is the beginning of the new one. What
takes long (signatures, the proof) is looked at first, while nothing waits for it. Then, in one transaction of
the store, it is kept if what it was compared with is still the newest, and only after that signed: two
requests at once cannot make us sign two histories, and neither can a crash. A history that was replaced, even
by one who has the ledger's key, gets no cosignature; the signed checkpoint that shows it is kept as evidence.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import note as notes
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.merkle import EMPTY, verify_consistency
from gadfly.ledger.note import COSIGNATURE, Verifier

PROOF = 63
"""Hashes of a consistency proof at most, by the protocol."""
BODY = 65_536
"""Bytes of a request at most; a proof and a checkpoint with every signature it may have are less."""
CONFLICTS = 100
"""Conflicts kept of one ledger: the first are proof enough, and whoever sends them is not our friend."""
SIZE_MEDIA = "text/x.tlog.size"

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class Denied(Exception):
    """No cosignature. `status` is the protocol's, `text` the answer's body, `media` its type."""

    def __init__(self, status: int, text: str, media: str = "text/plain; charset=utf-8") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.media = media


class Request(NamedTuple):
    """What a ledger asks: `old` is the size it believes we have cosigned last."""

    old: int
    proof: list[bytes]
    note: str


class Kept(NamedTuple):
    """The newest checkpoint of a ledger that was cosigned. `at` is seconds since the epoch."""

    origin: str
    size: int
    root: bytes
    note: str
    at: float


class Conflict(NamedTuple):
    """A signed checkpoint that was refused. `why` is `forked` (proof by itself) or `unproved`."""

    origin: str
    at: float
    why: str
    kept: str
    note: str
    first: bool = False
    """Whether it is the first of its kind by this ledger: others follow from it."""


class Judged(NamedTuple):
    """A request of a ledger that we witness, compared with what was cosigned last."""

    request: Request
    new: Checkpoint
    last: Kept | None
    why: str = ""
    """Why it does not continue that: `forked` or `unproved`; empty: it does."""


def parse(body: bytes) -> Request:
    """Read a request. Denied (400) where it is none."""
    try:
        head, blank, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Denied(400, "The request is not UTF-8.\n") from None
    first, *lines = head.split("\n")
    match = _OLD.fullmatch(first)
    if not blank or match is None:
        raise Denied(400, "The request is `old SIZE`, a proof, an empty line, and a checkpoint.\n")
    if len(lines) > PROOF:
        raise Denied(400, f"A consistency proof has {PROOF} hashes at most.\n")
    try:
        proof = [notes.strict_base64(line) for line in lines]
    except ValueError:
        proof = [b""]
    if any(len(one) != 32 for one in proof):
        raise Denied(400, "The lines of the proof are 32 bytes each, in base64.\n")
    return Request(int(match.group(1)), proof, note)


class Witness:
    """Signs under `name` with `key`."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.name = name
        self._key = key
        self.verifier: Verifier = notes.verifier_of(name, key, COSIGNATURE)

    def keep(self, connection: sqlite3.Connection, judged: Judged, at: float) -> Conflict | None:
        """Keep the checkpoint with the transaction of `connection`; then it may be signed.

        Denied where another was cosigned since it was judged. A Conflict where the refusal is one to be kept:
        the caller's transaction goes through, and then :func:`refusal` says what to answer.
        """
        new, last = judged.new, judged.last
        if _state(newest := kept(connection, new.origin)) != _state(last):
            raise Denied(409, f"{_state(newest)[0]}\n", SIZE_MEDIA)
        if judged.why and last is not None:
            return self._conflict(connection, last, judged.request.note, judged.why, at)
        connection.execute(
            "INSERT INTO witnessed (origin, size, root, note, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root,"
            " note = excluded.note, at = excluded.at",
            (new.origin, new.size, new.root, judged.request.note, at),
        )
        return None

    def sign(self, new: Checkpoint, at: float) -> str:
        """The cosignature line of a checkpoint that was kept."""
        return checkpoints.cosign(new.note.text, self.name, self._key, int(at)).line()

    def _conflict(
        self, connection: sqlite3.Connection, last: Kept, note: str, why: str, at: float
    ) -> Conflict:
        known, alike = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE why = ?) FROM witness_conflict WHERE origin = ?",
            (why, last.origin),
        ).fetchone()
        connection.execute(
            "INSERT OR IGNORE INTO witness_conflict (origin, at, why, kept, note)"
            " SELECT ?, ?, ?, ?, ? WHERE ? < ?",
            (last.origin, at, why, last.note, note, known, CONFLICTS),
        )
        return Conflict(last.origin, at, why, last.note, note, alike == 0)


def refusal(conflict: Conflict) -> Denied:
    """What is answered to a checkpoint that does not continue what was seen."""
    if conflict.why == "forked":
        return Denied(409, f"{checkpoints.parse(conflict.kept).size}\n", SIZE_MEDIA)
    return Denied(422, "The proof does not show that this checkpoint continues the one cosigned last.\n")


def kept(connection: sqlite3.Connection, origin: str) -> Kept | None:
    """What was cosigned last of a ledger."""
    row = connection.execute(
        "SELECT origin, size, root, note, at FROM witnessed WHERE origin = ?", (origin,)
    ).fetchone()
    return Kept(*row) if row else None


def everything(connection: sqlite3.Connection) -> list[Kept]:
    """What was cosigned last of every ledger, in the order of their origins."""
    rows = connection.execute("SELECT origin, size, root, note, at FROM witnessed ORDER BY origin")
    return [Kept(*row) for row in rows]


def conflicts(connection: sqlite3.Connection, limit: int = CONFLICTS) -> list[Conflict]:
    """The refused checkpoints that are kept, newest first."""
    rows = connection.execute(
        "SELECT origin, at, why, kept, note FROM witness_conflict ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [Conflict(*row) for row in rows]


def judge(request: Request, new: Checkpoint, last: Kept | None) -> Judged:
    """Compare what :func:`trusted` found with what was cosigned `last`. Denied where the protocol says so."""
    size, root = _state(last)
    if request.old != size:
        raise Denied(409, f"{size}\n", SIZE_MEDIA)
    if last is not None and new.size == size and new.root != root:
        return Judged(request, new, last, "forked")
    if size == 0 and request.proof:
        raise Denied(422, "Nothing was cosigned before: leave the proof empty.\n")
    if verify_consistency(size, root, new.size, new.root, request.proof):
        return Judged(request, new, last)
    if last is None:
        raise Denied(422, "The proof does not hold.\n")
    return Judged(request, new, last, "unproved")


def _state(last: Kept | None) -> tuple[int, bytes]:
    return (last.size, last.root) if last else (0, EMPTY)


def trusted(body: bytes, logs: Mapping[str, Verifier]) -> tuple[Request, Checkpoint]:
    """The request and its checkpoint, where a ledger that we witness signed it. Denied where not.

    Nothing is read or written for it, so that a stranger costs us no more than this.
    """
    request = parse(body)
    try:
        found = checkpoints.parse(request.note)
    except (LedgerError, LimitError) as error:
        raise Denied(400, f"{error}\n") from None
    key = logs.get(found.origin)
    if key is None:
        raise Denied(404, "This ledger is not witnessed here; its key must stand in a [witness.NAME].\n")
    try:
        signed = notes.verified(found.note, [key])
    except LedgerError:
        signed = []
    if not signed:
        raise Denied(403, "The checkpoint has no signature of the key that is known for this ledger.\n")
    if request.old > found.size:
        raise Denied(400, f"The old size {request.old} is beyond the checkpoint's, {found.size}.\n")
    return request, found
