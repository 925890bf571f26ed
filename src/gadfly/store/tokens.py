"""Access tokens. The secret is shown once, when it is made; only its SHA-256 digest is kept.

A token belongs to a person, who may have many, or is lent to a program. What is decided by a token is decided
by that person: two tokens of one person are one principal, and a program decides nothing.
"""

from __future__ import annotations

import re
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
    "ingest",
    "reload",
    "tokens",
    "admin",
)
"""What a token may allow; `admin` is all of them."""
APPROVE = "approve"
"""The scope for deciding in the name of every owner; `approve:NAME` in that of one, and of those it answers
for."""
LIMIT = 1000
PERSON = "person:"
"""Begins the principal of a person."""
PROGRAM = "program:"
"""Begins the principal of a program, which has the token's name."""
LONGEST_PERSON = 100
_PERSON = re.compile(r"[^\W_](?:[\w.@+-]*\w)?")


def is_person(name: str) -> bool:
    """Whether a person can be called so. In lower case, so that one person has one name."""
    return bool(_PERSON.fullmatch(name)) and name == name.casefold() and len(name) <= LONGEST_PERSON


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
    person: str = ""
    """Whose it is; empty: a program's."""

    @property
    def principal(self) -> str:
        """Who acts by it, as the ledger and the gate say it."""
        return f"{PERSON}{self.person}" if self.person else f"{PROGRAM}{self.name}"


def add(
    connection: sqlite3.Connection,
    name: str,
    scopes: Iterable[str],
    digest: bytes,
    now: float,
    expires: float | None = None,
    person: str = "",
) -> Token:
    """Keep a new token, of a person or (empty) a program. Refused where the name is taken, a scope is unknown
    or not a program's, or there are too many."""
    wanted = tuple(dict.fromkeys(scopes))
    if not name or len(name) > 200:
        raise Refused("A token needs a name of 1 to 200 characters, which says who uses it.", 422)
    if not wanted or not all(known(scope) for scope in wanted):
        raise Refused(
            f"A token needs one or more of the scopes {', '.join(SCOPES)}, or {APPROVE}:OWNER.", 422
        )
    if person and not is_person(person):
        raise Refused(
            "Name the person in lower case and without spaces, as everywhere: each has one name.", 422
        )
    if not person and any(scope.partition(":")[0] == APPROVE for scope in wanted):
        raise Refused(
            "A program approves nothing: make this token for a person (--person NAME), or leave "
            f"{APPROVE} out.",
            422,
        )
    if connection.execute("SELECT count(*) FROM token").fetchone()[0] >= LIMIT:
        raise Refused(f"There are {LIMIT} tokens; revoke some that nobody uses.", 409)
    try:
        cursor = connection.execute(
            "INSERT INTO token (name, digest, scopes, created, expires, person) VALUES (?, ?, ?, ?, ?, ?)",
            (name, digest, " ".join(wanted), now, expires, person),
        )
    except sqlite3.IntegrityError as error:
        raise Refused(
            f"There is a token named {name!r} already; revoke it or choose another name.", 409
        ) from error
    number = cursor.lastrowid
    assert number is not None
    return Token(
        id=number, name=name, scopes=wanted, digest=digest, created=now, expires=expires, person=person
    )


def everything(connection: sqlite3.Connection) -> list[Token]:
    """All of them, oldest first."""
    rows = connection.execute(
        "SELECT id, name, scopes, digest, created, expires, person FROM token ORDER BY id"
    )
    return [
        Token(
            id=number,
            name=name,
            scopes=tuple(scopes.split()),
            digest=digest,
            created=created,
            expires=expires,
            person=person,
        )
        for number, name, scopes, digest, created, expires, person in rows
    ]


def end(connection: sqlite3.Connection, token: int) -> None:
    """Let it open nothing any more. Refused where there is none."""
    if connection.execute("DELETE FROM token WHERE id = ?", (token,)).rowcount == 0:
        raise Refused(f"There is no token {token}.", 404)
