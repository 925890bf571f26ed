"""Asking a witness for its cosignature (C2SP tlog-witness), and what its answer means. No sockets.

The conversation is two requests at most: the witness may know another size of us than we believe, and says
which. What it says then counts: where it has seen more than we have, our state is older than it should be;
where it does not believe that we continue what it saw, our history is another than it was.
"""

from __future__ import annotations

import base64
import re
import sqlite3
from collections.abc import Sequence
from enum import Enum

import msgspec

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import note as notes
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.note import Note, Signature, Verifier

ANSWER = 16_384
"""Bytes of an answer that are read; a few signature lines are hundreds."""
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n?")


class Standing(Enum):
    """How a witness stands to our ledger."""

    unasked = "unasked"
    cosigned = "cosigned"
    behind = "behind"
    """It knows another size of us; to be asked again from there."""
    refused = "refused"
    """It does not witness us, or not with this key: its operator or ours must look."""
    ahead = "ahead"
    """It saw more than we have: we were set back."""
    contradicted = "contradicted"
    """It does not believe that we continue what it saw: our history was changed."""
    unreachable = "unreachable"


GRAVE = (Standing.ahead, Standing.contradicted)
"""The history is not what it was: nothing that a later try could mend."""


class Answer(msgspec.Struct, frozen=True):
    """What a witness's answer means. `size` is what it has seen of us, where it said so."""

    standing: Standing
    words: str = ""
    size: int | None = None
    lines: tuple[Signature, ...] = ()


def newest(connection: sqlite3.Connection, witness: Verifier) -> int:
    """The size of the newest checkpoint that it cosigned, as far as we know; 0 for none."""
    row = connection.execute(
        "SELECT max(size) FROM ledger_cosignature WHERE name = ?", (witness.name,)
    ).fetchone()
    return int(row[0] or 0)


def request(old: int, proof: Sequence[bytes], checkpoint: Checkpoint) -> bytes:
    """The body to post. Of the signatures only the ledger's own, so that it stays small."""
    own = Note(checkpoint.note.text, checkpoint.note.signatures[:1])
    lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{lines}\n{own}".encode()


def understand(status: int, body: bytes, asked: Checkpoint, old: int, witness: Verifier) -> Answer:
    """What it means that `witness` answered so to a request from size `old` to the checkpoint `asked`."""
    if status == 200:
        return _cosigned(body, asked, witness)
    if status == 409:
        match = _SIZE.fullmatch(body)
        if match is None:
            return Answer(Standing.refused, "it answered 409 without a size, which the protocol asks for")
        size = int(match.group(1))
        if size > asked.size:
            return Answer(
                Standing.ahead,
                f"it cosigned {size:,} entries of this ledger, and here are {asked.size:,}: the state was "
                "restored from an older copy, or cut. Restore the newest copy.",
                size,
            )
        if size == old:
            return Answer(
                Standing.contradicted,
                f"it cosigned another history of {size:,} entries than the one that is here. Keep both "
                "checkpoints as evidence, and find out who had the key.",
                size,
            )
        return Answer(Standing.behind, "", size)
    if status == 422:
        return Answer(
            Standing.contradicted,
            f"it does not see that these {asked.size:,} entries continue the {old:,} that it cosigned: the "
            "history was changed. Keep this state as evidence, and find out who had the key.",
        )
    if status == 404:
        return Answer(Standing.refused, "it does not witness this ledger; its operator must add our key")
    if status == 403:
        return Answer(Standing.refused, "it knows another key of this ledger; its operator must add ours")
    if status == 400:
        return Answer(Standing.refused, "it did not understand the request; is it a tlog-witness?")
    return Answer(Standing.unreachable, f"it answered {status}")


def _cosigned(body: bytes, asked: Checkpoint, witness: Verifier) -> Answer:
    """The cosignature of the key that we trust; lines of other keys are passed over, as the protocol says."""
    try:
        rows = body.decode().removesuffix("\n").split("\n")
        lines = tuple(
            one for row in rows if (one := notes.signature(row)).name == witness.name and one.id == witness.id
        )[:1]
        if not checkpoints.cosigned(Note(asked.note.text, lines), [witness]):
            return Answer(Standing.refused, f"it signs with another key than {witness}")
    except (LedgerError, LimitError, UnicodeDecodeError) as error:
        return Answer(Standing.refused, f"its cosignature is not one: {error}")
    return Answer(Standing.cosigned, "", asked.size, lines)
