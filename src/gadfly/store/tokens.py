"""Access tokens. The secret is shown once, when it is made; only its digest is kept."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable

import msgspec

from gadfly.errors import Refused

SCOPES = ("read", "ack", "silence", "probe", "beat", "reload", "tokens", "admin")
"""What a token may allow; `admin` is all of them."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a token. Times are seconds since the epoch; `expires` None: never."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created: float
    expires: float | None
    used: float | None


def make(
    connection: sqlite3.Connection, name: str, scopes: Iterable[str], now: float, expires: float | None = None
) -> tuple[Token, str]:
    """A new token and its secret (43 characters of URL-safe base64, 256 bits). Refused where the name is taken.

    `expires` is seconds since the epoch; None: never.
    """
    wanted = tuple(dict.fromkeys(scopes))
    if not name or len(name) > 200:
        raise Refused("A token needs a name of 1 to 200 characters, which says who uses it.", 400)
    if not wanted or not set(wanted) <= set(SCOPES):
        raise Refused(f"A token needs one or more of the scopes {', '.join(SCOPES)}.", 400)
    secret = secrets.token_urlsafe(32)
    try:
        cursor = connection.execute(
            "INSERT INTO token (name, digest, scopes, created, expires) VALUES (?, ?, ?, ?, ?)",
            (name, _digest(secret), " ".join(wanted), now, expires),
        )
    except sqlite3.IntegrityError as error:
        raise Refused(
            f"There is a token named {name!r} already; end it first or choose another name.", 409
        ) from error
    token = Token(id=cursor.lastrowid or 0, name=name, scopes=wanted, created=now, expires=expires, used=None)
    return token, secret


def find(connection: sqlite3.Connection, secret: str, now: float) -> Token | None:
    """The token with this secret, or None where there is none or it has expired.

    The digest of a 256-bit random secret is looked up by an index; there is nothing to learn from its timing.
    """
    row = connection.execute(
        "SELECT id, name, scopes, created, expires, used FROM token"
        " WHERE digest = ? AND (expires IS NULL OR expires > ?)",
        (_digest(secret), now),
    ).fetchone()
    return _token(row) if row else None


def touch(connection: sqlite3.Connection, token: int, now: float) -> None:
    """Note when it was last used."""
    connection.execute("UPDATE token SET used = ? WHERE id = ?", (now, token))


def everything(connection: sqlite3.Connection) -> list[Token]:
    """All of them, without their secrets."""
    return [
        _token(row)
        for row in connection.execute(
            "SELECT id, name, scopes, created, expires, used FROM token ORDER BY id"
        )
    ]


def end(connection: sqlite3.Connection, token: int) -> None:
    """Let it open nothing any more. Refused where there is none."""
    if connection.execute("DELETE FROM token WHERE id = ?", (token,)).rowcount == 0:
        raise Refused(f"There is no token {token}.", 404)


def _digest(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"gadfly token").digest()


def _token(row: tuple[int, str, str, float, float | None, float | None]) -> Token:
    number, name, scopes, created, expires, used = row
    return Token(
        id=number, name=name, scopes=tuple(scopes.split()), created=created, expires=expires, used=used
    )
