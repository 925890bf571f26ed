"""Access tokens. The secret is shown once, when it is made; only its SHA-256 digest is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from gadfly.errors import Refused

SCOPES = (
    "read",
    "ack",
    "silence",
    "probe",
    "act",
    "approve",
    "stop",
    "beat",
    "reload",
    "tokens",
    "admin",
)
"""What a token may allow; `admin` is all of them."""
APPROVE = "approve"
"""The scope for deciding in the name of every owner; `approve:NAME` in that of one, and of those it answers
for."""
LIMIT = 1000


def known(scope: str) -> bool:
    """Whether there is such a scope."""
    kind, _, owner = scope.partition(":")
    return scope in SCOPES or (kind == APPROVE and 0 < len(owner) <= 200 and not owner.split()[1:])


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is kept. Times are seconds since the epoch; `expires` None: never."""

    id: int
    name: str
    scopes: tuple[str, ...]
    digest: bytes
    created: float = 0.0
    expires: float | None = None


def add(
    connection: sqlite3.Connection,
    name: str,
    scopes: Iterable[str],
    digest: bytes,
    now: float,
    expires: float | None = None,
) -> Token:
    """Keep a new token. Refused where the name is taken, a scope is unknown or there are too many."""
    wanted = tuple(dict.fromkeys(scopes))
    if not name or len(name) > 200:
        raise Refused("A token needs a name of 1 to 200 characters, which says who uses it.", 422)
    if not wanted or not all(known(scope) for scope in wanted):
        raise Refused(
            f"A token needs one or more of the scopes {', '.join(SCOPES)}, or {APPROVE}:OWNER.", 422
        )
    if connection.execute("SELECT count(*) FROM token").fetchone()[0] >= LIMIT:
        raise Refused(f"There are {LIMIT} tokens; revoke some that nobody uses.", 409)
    try:
        cursor = connection.execute(
            "INSERT INTO token (name, digest, scopes, created, expires) VALUES (?, ?, ?, ?, ?)",
            (name, digest, " ".join(wanted), now, expires),
        )
    except sqlite3.IntegrityError as error:
        raise Refused(
            f"There is a token named {name!r} already; revoke it or choose another name.", 409
        ) from error
    number = cursor.lastrowid
    assert number is not None
    return Token(id=number, name=name, scopes=wanted, digest=digest, created=now, expires=expires)


def everything(connection: sqlite3.Connection) -> list[Token]:
    """All of them, oldest first."""
    rows = connection.execute("SELECT id, name, scopes, digest, created, expires FROM token ORDER BY id")
    return [
        Token(
            id=number,
            name=name,
            scopes=tuple(scopes.split()),
            digest=digest,
            created=created,
            expires=expires,
        )
        for number, name, scopes, digest, created, expires in rows
    ]


def end(connection: sqlite3.Connection, token: int) -> None:
    """Let it open nothing any more. Refused where there is none."""
    if connection.execute("DELETE FROM token WHERE id = ?", (token,)).rowcount == 0:
        raise Refused(f"There is no token {token}.", 404)
