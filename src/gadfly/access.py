"""The tokens that are let in: those in the store and the node's own, in memory for every request.

The node's own token is in the run file, which only the user that the node runs as can read: whoever presents
it is taken for that user of the operating system.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pwd
import re
import secrets
import sqlite3
from collections.abc import Sequence

from gadfly.alert import record
from gadfly.clock import Clock
from gadfly.errors import Refused
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.store import tokens
from gadfly.store.sqlite import Database
from gadfly.store.tokens import LONGEST_PERSON, PERSON, Token

log = logging.getLogger("gadfly")

LOCAL = 0


def operator() -> str:
    """The name, as a person's, of the operating system's user as whom this process runs."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = f"uid{os.geteuid()}"  # in a container there may be no such line
    return re.sub(r"^[\W_]+|[^\w.@+-]+|[\W_]+$", "", name.casefold())[:LONGEST_PERSON] or "operator"


class Access:
    """Who may do what. The local token lives as long as the process and is never written to the store."""

    def __init__(
        self, db: Database, clock: Clock, journal: Journal | None = None, user: str | None = None
    ) -> None:
        """`user`: the person that the local token is taken for; None: :func:`operator`."""
        self._db = db
        self._journal = journal or Journal()
        self._clock = clock
        self.local = "gadfly_" + secrets.token_urlsafe(32)
        digest = hashlib.sha256(self.local.encode()).digest()
        self._own = Token(
            id=LOCAL,
            name="local",
            scopes=("admin",),
            digest=digest,
            created=clock.wall(),
            person=operator() if user is None else user,
        )
        self._stored: list[Token] = []
        self._know()

    async def load(self) -> None:
        """Read them from the store."""
        self._stored = await self._db.read(tokens.everything)
        self._know()

    def all(self) -> Sequence[Token]:
        """Every live token."""
        return [self._own, *self._stored]

    async def add(
        self,
        name: str,
        scopes: Sequence[str],
        expires: float | None,
        digest: bytes,
        who: str,
        person: str = "",
    ) -> Token:
        """Let a token in. Committed when it returns."""
        if name == self._own.name:
            raise Refused(f"The name {name!r} is the node's own; choose another.", 409)
        now = self._clock.wall()

        def work(connection: sqlite3.Connection) -> Token:
            made = tokens.add(connection, name, scopes, digest, now, expires, person)
            self._journal.write(connection, [self._entry("made", made, who)])
            return made

        token = await self._db.write(work)
        self._stored.append(token)
        self._know()
        log.info("token %r with scopes %s made by %s", name, " ".join(token.scopes), who)
        return token

    async def remove(self, id: int, who: str) -> None:
        """Let a token in no more. Refused where there is none."""
        if id == LOCAL:
            raise Refused(
                "The node's own token lives as long as the node; restart the node to change it.", 409
            )
        ending = [token for token in self._stored if token.id == id]

        def work(connection: sqlite3.Connection) -> None:
            tokens.end(connection, id)
            self._journal.write(connection, [self._entry("ended", token, who) for token in ending])

        await self._db.write(work)
        self._stored = [token for token in self._stored if token.id != id]
        self._know()
        log.info("token %d revoked by %s", id, who)

    def _know(self) -> None:
        self._journal.persons = {one.name: one.person for one in self.all() if one.person}

    def _entry(self, event: str, token: Token, who: str) -> Entry:
        """Made or ended. Of the secret nothing stands there, nor of its digest."""
        # What a person calls a token is that person's own affair: it stands there by its number.
        named = (f"token:{token.id}", f"{PERSON}{token.person}") if token.person else (f"token:{token.name}",)
        body = {"event": event, "token": str(token.id), "scopes": list(token.scopes)}
        if event == "made":
            body["expires"] = record.stamp(token.expires) if token.expires else "never"
        return Entry(
            kind="token",
            who=self._journal.token(who),
            about=named,
            body=body,
            at=self._clock.wall(),
        )
