"""C2SP signed-note: a text and, beneath a blank line, who signed it. Ed25519 only.

A *verifier key* is ``name+key id in hex+base64(type, public key)``, as Go's sumdb/note writes it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gadfly.errors import LedgerError, LimitError

ED25519 = 1
"""The signature type of a note."""
COSIGNATURE = 4
"""The signature type of a witness's timestamped cosignature of a checkpoint."""
LIMIT = 1 << 17
"""Characters of a note: sixteen signatures of nearly 5 kB, the largest that C2SP speaks of, fit in base64."""
SIGNATURES = 64
"""Signature lines of a note."""

_NAME = re.compile(r"[^\s+]+")
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


class Verifier(NamedTuple):
    """A public key under a name. `kind` is ED25519 or COSIGNATURE."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that find the key to a signature; no proof of anything."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` over `message` was made with this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signature(NamedTuple):
    """One signature line: the key's name and id, and what it signed with."""

    name: str
    id: bytes
    value: bytes

    def line(self) -> str:
        """As it stands in the note, with its line end."""
        return f"— {self.name} {base64.b64encode(self.id + self.value).decode()}\n"


class Note(NamedTuple):
    """`text` ends with a line end. What it says counts only once a signature has been verified."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(one.line() for one in self.signatures)


def named(name: str) -> str:
    """`name`, where it may be a key's name; LedgerError where it may not."""
    if not _NAME.fullmatch(name) or _FORBIDDEN.search(name):
        raise LedgerError(f"{name!r} cannot be the name of a key: it has blanks, a plus sign or nothing.")
    return name


def verifier(text: str) -> Verifier:
    """Read a verifier key. LedgerError where it is none, or of a type that is not ours."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        data = strict_base64(encoded)
        found = Verifier(named(name), data[0], data[1:])
        if len(found.public) != 32 or found.kind not in (ED25519, COSIGNATURE):
            raise LedgerError("it is of a type that is not Ed25519")  # noqa: TRY301
        Ed25519PublicKey.from_public_bytes(found.public)
        if found.id.hex() != key_id:
            raise LedgerError("its name or key was changed: the key id does not fit")  # noqa: TRY301
    except (LedgerError, ValueError, IndexError) as error:
        raise LedgerError(f"{text!r} is not a verifier key: {error}.") from error
    return found


def verifier_of(name: str, key: Ed25519PrivateKey, kind: int = ED25519) -> Verifier:
    """The public half of `key` under `name`."""
    return Verifier(named(name), kind, key.public_key().public_bytes_raw())


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Signature:
    """Sign a note's text under a key's name."""
    if not text.endswith("\n") or _FORBIDDEN.search(text):
        raise LedgerError("A note's text ends with a line end and has no other control characters.")
    return Signature(name, verifier_of(name, key).id, key.sign(text.encode()))


def parse(text: str) -> Note:
    """Read a note without believing it. LedgerError where it is none; LimitError where it is too large."""
    if len(text) > LIMIT:
        raise LimitError(f"A signed note has {LIMIT} characters at most.")
    body, separator, lines = text.rpartition("\n\n")
    if not separator or not lines.endswith("\n") or _FORBIDDEN.search(text):
        raise LedgerError("This is not a signed note: a text, a blank line, and signatures.")
    rows = lines[:-1].split("\n")
    if len(rows) > SIGNATURES:
        raise LimitError(f"A signed note has {SIGNATURES} signatures at most.")
    return Note(body + "\n", tuple(signature(row) for row in rows))


def signature(row: str) -> Signature:
    """Read a signature line, without its line end."""
    dash, _, rest = row.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        data = strict_base64(encoded)
    except ValueError:
        data = b""
    if dash != "—" or len(data) < 5:
        raise LedgerError(f"{row[:100]!r} is not a signature of a note.")
    return Signature(named(name), data[:4], data[4:])


def verified(note: Note, keys: Iterable[Verifier]) -> list[Verifier]:
    """Those of `keys` (of type ED25519) that signed `note`.

    A signature that names one of the keys and is false makes the whole note false: LedgerError.
    """
    message, found = note.text.encode(), []
    for key in keys:
        for one in note.signatures:
            if one.name == key.name and one.id == key.id:
                if not key.verifies(one.value, message):
                    raise LedgerError(f"The signature of {key.name} is false: the note was changed.")
                found.append(key)
                break
    return found


def strict_base64(text: str) -> bytes:
    """RFC 4648, section 4, in the one form that encodes these bytes; ValueError for every other."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the usual form of base64")
    return data
