"""The tokens that are let in: those in the store and the node's own, in memory for every request."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence

from gadfly.clock import Clock
from gadfly.errors import Refused
from gadfly.store import tokens
from gadfly.store.sqlite import Database
from gadfly.store.tokens import Token

log = logging.getLogger("gadfly")

LOCAL = 0


class Access:
    """Who may do what. The local token lives as long as the process and is never written to the store."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self.local = "gadfly_" + secrets.token_urlsafe(32)
        digest = hashlib.sha256(self.local.encode()).digest()
        self._own = Token(id=LOCAL, name="local", scopes=("admin",), digest=digest, created=clock.wall())
        self._stored: list[Token] = []

    async def load(self) -> None:
        """Read them from the store."""
        self._stored = await self._db.read(tokens.everything)

    def all(self) -> Sequence[Token]:
        """Every live token."""
        return [self._own, *self._stored]

    async def add(
        self, name: str, scopes: Sequence[str], expires: float | None, digest: bytes, who: str
    ) -> Token:
        """Let a token in. Committed when it returns."""
        if name == self._own.name:
            raise Refused(f"The name {name!r} is the node's own; choose another.", 409)
        now = self._clock.wall()
        token = await self._db.write(
            lambda connection: tokens.add(connection, name, scopes, digest, now, expires)
        )
        self._stored.append(token)
        log.info("token %r with scopes %s made by %s", name, " ".join(token.scopes), who)
        return token

    async def remove(self, id: int, who: str) -> None:
        """Let a token in no more. Refused where there is none."""
        if id == LOCAL:
            raise Refused(
                "The node's own token lives as long as the node; restart the node to change it.", 409
            )
        await self._db.write(lambda connection: tokens.end(connection, id))
        self._stored = [token for token in self._stored if token.id != id]
        log.info("token %d revoked by %s", id, who)
