"""C2SP tlog-checkpoint, a ledger's signed tree head; and tlog-cosignature (v1), a witness's word on it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.errors import LedgerError
from gadfly.ledger import note as notes
from gadfly.ledger.note import COSIGNATURE, Note, Signature, Verifier

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """The first `size` entries of the ledger `origin` have this `root`; `note` is the signed text of it."""

    origin: str
    size: int
    root: bytes
    note: Note

    def __str__(self) -> str:
        return str(self.note)


class Cosigned(NamedTuple):
    """A witness saw a checkpoint at `at`, seconds since the epoch, and it continued all it had seen."""

    witness: Verifier
    at: int


def text(origin: str, size: int, root: bytes) -> str:
    """The body of a checkpoint."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def signed(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> Checkpoint:
    """A checkpoint, signed by the ledger's own key under its origin as the name."""
    body = text(origin, size, root)
    return Checkpoint(origin, size, root, Note(body, (notes.sign(body, origin, key),)))


def parse(note: str) -> Checkpoint:
    """Read a checkpoint without believing it. LedgerError where it is none.

    Lines after the third are kept in the note; they are signed like the rest and mean nothing here.
    """
    found = notes.parse(note)
    lines = found.text[:-1].split("\n")
    try:
        origin, size, root = lines[:3]
        decoded = notes.strict_base64(root)
    except ValueError as error:
        raise LedgerError("This note is not a checkpoint: origin, size and root are missing.") from error
    if not origin or len(decoded) != 32 or not _DECIMAL.fullmatch(size) or not all(lines):
        raise LedgerError("This note is not a checkpoint: its origin, size or root is malformed.")
    return Checkpoint(origin, int(size), decoded, found)


def verify(note: str, key: Verifier) -> Checkpoint:
    """Read a checkpoint that the ledger with `key` signed. LedgerError where it did not.

    A second line under the same key is not looked at. The origin must be the key's name.
    """
    found = parse(note)
    if not notes.verified(found.note, [key]):
        raise LedgerError(f"{key.name} did not sign this checkpoint.")
    if found.origin != key.name:
        raise LedgerError(f"This checkpoint is of the ledger {found.origin}, not of {key.name}.")
    return found


def cosign(body: str, name: str, key: Ed25519PrivateKey, at: int) -> Signature:
    """A witness's cosignature of a checkpoint's body, at `at` seconds since the epoch.

    Who calls this must have verified that the checkpoint continues every earlier one it cosigned.
    """
    witness = notes.verifier_of(name, key, COSIGNATURE)
    return Signature(name, witness.id, at.to_bytes(8, "big") + key.sign(_message(body, at)))


def cosigned(note: Note, witnesses: Iterable[Verifier]) -> list[Cosigned]:
    """Those of `witnesses` that cosigned; each key counts once, whatever its names.

    LedgerError where a line names one of them and its signature is false.
    """
    found: dict[bytes, Cosigned] = {}
    for witness in witnesses:
        if witness.kind != COSIGNATURE:
            raise LedgerError(f"{witness.name} is not a witness's key (C2SP type 4), but a ledger's.")
        for one in note.signatures:
            if one.name == witness.name and one.id == witness.id:
                at = int.from_bytes(one.value[:8], "big")
                if not witness.verifies(one.value[8:], _message(note.text, at)):
                    raise LedgerError(f"The cosignature of {witness.name} is false: the note was changed.")
                found.setdefault(witness.public, Cosigned(witness, at))
                break
    return list(found.values())


def quorum(note: Note, witnesses: Sequence[Verifier], needed: int) -> list[Cosigned]:
    """The cosignatures, where at least `needed` of `witnesses` gave one. LedgerError where fewer did."""
    found = cosigned(note, witnesses)
    if len(found) < needed:
        raise LedgerError(
            f"{len(found)} of {len(witnesses)} witnesses cosigned this checkpoint, and {needed} are needed."
        )
    return found


def _message(body: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{body}".encode()
