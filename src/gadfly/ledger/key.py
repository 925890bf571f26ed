"""The node's own key, made at its first start and kept beside its state, readable by it alone.

``ledger.key`` is one line, a signer key as Go's sumdb/note writes it; the name in it is the ledger's origin,
``gadfly/NODE/ID``, which never changes. ``ledger.salt`` hides persons (:mod:`gadfly.ledger.personal`);
erasing it forgets them, and the next start makes another.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.errors import LedgerError
from gadfly.ledger import note as notes

KEY = "ledger.key"
SALT = "ledger.salt"
_HEAD = "PRIVATE+KEY+"


class Identity(NamedTuple):
    """What a ledger is signed with and under which name. `salt` is for persons' names."""

    origin: str
    key: Ed25519PrivateKey
    salt: bytes


def identity(folder: Path, node: str) -> Identity:
    """Read the identity in `folder`, or make one for the node named `node`.

    LedgerError where a file is damaged or not ours to read; it is never replaced by a new one.
    """
    key_text = kept(folder / KEY, lambda: _new_key(node))
    salt_text = kept(folder / SALT, lambda: secrets.token_hex(32))
    try:
        origin, key = signer(key_text)
        salt = bytes.fromhex(salt_text)
        if len(salt) != 32:
            raise ValueError("the salt has another length")  # noqa: TRY301
    except ValueError as error:
        raise LedgerError(
            f"The ledger's key or salt in {folder} is damaged ({error}): restore {KEY} and {SALT} from a "
            "copy. A new key is a new ledger, whose history begins anew."
        ) from error
    return Identity(origin, key, salt)


def signer(text: str) -> tuple[str, Ed25519PrivateKey]:
    """Read a signer key. ValueError where it is none; the message holds nothing of it."""
    name, _, rest = text.strip().removeprefix(_HEAD).partition("+")
    key_id, _, encoded = rest.partition("+")
    data = notes.strict_base64(encoded)
    if not text.startswith(_HEAD) or len(data) != 33 or data[0] != notes.ED25519:
        raise ValueError("it is not an Ed25519 signer key")
    key = Ed25519PrivateKey.from_private_bytes(data[1:])
    try:
        if notes.verifier_of(name, key).id.hex() != key_id:
            raise ValueError("the key id does not fit")
    except LedgerError as error:
        raise ValueError(str(error)) from error
    return name, key


def signer_text(name: str, key: Ed25519PrivateKey) -> str:
    """The signer key as text."""
    data = base64.b64encode(bytes([notes.ED25519]) + key.private_bytes_raw()).decode()
    return f"{_HEAD}{name}+{notes.verifier_of(name, key).id.hex()}+{data}"


def _new_key(node: str) -> str:
    name = re.sub(r"[\s+/\x00-\x1f]+", "-", node)[:100] or "node"
    return signer_text(f"gadfly/{name}/{secrets.token_hex(4)}", Ed25519PrivateKey.generate())


def kept(path: Path, make: Callable[[], str]) -> str:
    """What the file holds; made, whole and on disk or not at all, where there is none. LedgerError."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = path.with_name(f"{path.name}.{os.getpid()}")
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            with open(os.open(partial, flags, 0o600), "w") as file:
                file.write(f"{make()}\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(partial, path)  # where another process was quicker, its file counts
            except FileExistsError:
                pass
            finally:
                partial.unlink()
            _sync(path.parent)
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise LedgerError(f"{path} cannot be used ({why}): check its owner and mode.") from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
