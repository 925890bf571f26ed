"""Who asks, and what they may do.

A token is 256 random bits behind ``gadfly_``; the node keeps SHA-256 digests. Such a token cannot be guessed,
so limiting failures protects the processor and the log, not the secret: who presents a good token is always
let in, even from an address whose other attempts have failed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence

import msgspec
from starlette.requests import Request

from gadfly.store.tokens import PERSON, PROGRAM
from gadfly.web.answers.tokens import StoredToken
from gadfly.web.guard import host_only, is_loopback
from gadfly.web.node import Node
from gadfly.web.problem import Trouble

FAILURES = 20
"""Bad tokens an address may present in :data:`WINDOW` seconds; more than a person's typing mistakes."""
WINDOW = 60.0
ADDRESSES = 4096
"""Addresses remembered; beyond them the oldest is forgotten."""
LONGEST = 512
"""Characters of a token that are looked at."""
INGEST = "ingest"
"""The scope for whatever writes telemetry; see :func:`here`."""


class Principal(msgspec.Struct, frozen=True):
    """Somebody who presented a good token, or nobody in particular (empty name)."""

    name: str
    scopes: frozenset[str]
    person: str = ""
    """Whose token it is; empty: a program's, or nobody's."""

    @property
    def principal(self) -> str:
        """As the ledger and the gate say it."""
        if self.person:
            return f"{PERSON}{self.person}"
        return f"{PROGRAM}{self.name}" if self.name else "nobody"

    def may(self, scope: str) -> bool:
        """Whether it has the scope, if only in one owner's name (`approve:payments`)."""
        named = any(one.startswith(f"{scope}:") for one in self.scopes)
        return named or self.gives(scope)

    def gives(self, scope: str) -> bool:
        """Whether it has all of the scope, so that it may make a token that has it."""
        return bool({scope, scope.partition(":")[0], "admin"} & self.scopes)


NOBODY = Principal("", frozenset())


def mint() -> str:
    """A new token, to be shown once."""
    return "gadfly_" + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a token. A fast hash is right here: there is nothing to guess."""
    return hashlib.sha256(token.encode()).digest()


def recognise(token: str, stored: Iterable[StoredToken], now: float) -> Principal | None:
    """The principal of a token, in a time that does not depend on which one (or none) fits."""
    presented = digest(token)
    found: StoredToken | None = None
    for one in stored:
        live = one.expires is None or one.expires > now
        if hmac.compare_digest(presented, one.digest) and live:
            found = one
    return None if found is None else Principal(found.name, frozenset(found.scopes), found.person)


def here(request: Request, node: Node) -> bool:
    """Whether a program on this machine asks; it needs no token for telemetry: it could send by UDP as well.

    Behind a proxy everybody comes from loopback, so where one may stand between nobody is here: people use
    another address, the proxy says so, it hands on the name that was asked for, or it speaks HTTP/1.0, as
    nginx' does by default. Nor is a web page, for which a browser names its origin.
    """
    headers = request.headers
    said = any(name == "forwarded" or name.startswith("x-forwarded-") for name in headers)
    named = not is_loopback(host_only(headers.get("host", "")))
    proxied = said or named or request.scope["http_version"] == "1.0"
    peer = request.client.host if request.client else ""
    return is_loopback(peer) and not (proxied or node.config.node.url or "origin" in headers)


def presented(header: str) -> str:
    """The token in an Authorization header: a bearer's, or Basic's password, whatever its user; "": none.

    Basic is what Prometheus, collectd, Grafana and curl can all be told to send.
    """
    scheme, _, word = header.partition(" ")
    word = word.strip()
    if scheme.lower() == "basic" and len(word) <= 2 * LONGEST:
        try:
            word = base64.b64decode(word, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    elif scheme.lower() != "bearer":
        return ""
    return word if len(word) <= LONGEST else ""


class Failures:
    """Bad tokens by address, within a window of time, `most` of them. Bounded in addresses."""

    def __init__(self, most: int = FAILURES) -> None:
        self._most = most
        self._seen: dict[str, tuple[float, int]] = {}

    def add(self, address: str, now: float) -> float:
        """Count one. Seconds to wait where there were too many, else 0."""
        start, count = self._seen.pop(address, (now, 0))
        if now - start >= WINDOW:
            start, count = now, 0
        self._seen[address] = (start, count + 1)
        while len(self._seen) > ADDRESSES:
            del self._seen[next(iter(self._seen))]
        return 0.0 if count < self._most else WINDOW - (now - start)


class Gatekeeper:
    """Decides for each request; the only place that reads the Authorization header."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._failures = Failures()

    def principal(self, request: Request) -> Principal:
        """Who asks. Raises 401 or 429 for a token that is not good; no token at all is nobody."""
        header = request.headers.get("authorization", "")
        if not header:
            return NOBODY
        if token := presented(header):
            stored = [
                msgspec.convert(one, StoredToken, from_attributes=True) for one in self._node.tokens.all()
            ]
            found = recognise(token, stored, self._node.clock.wall())
            if found is not None:
                return found
        address = request.client.host if request.client else ""
        wait = self._failures.add(address, self._node.clock.monotonic())
        if wait > 0:
            raise Trouble(
                429,
                "Too many bad tokens from this address; wait, then use a good one.",
                {"retry-after": str(int(wait) + 1)},
            )
        raise Trouble(
            401,
            "This token is unknown or has expired; ask whoever runs the node for another.",
            {"www-authenticate": 'Bearer error="invalid_token"'},
        )

    def admit(self, request: Request, scope: str, also: Sequence[str] = ()) -> Principal:
        """The principal where it may do this, by the scope or one of ``also``.

        Raises 401 without a token, 403 with too small a one. Telemetry needs none from this machine.
        """
        who = self.principal(request)
        if scope == "" or (scope == "read" and self._node.config.node.reading == "open"):
            return who
        if any(who.may(one) for one in (scope, *also)):
            return who
        if who is NOBODY and scope == INGEST and here(request, self._node):
            return who
        if who is NOBODY:
            raise Trouble(
                401,
                f"This needs a token with the scope {scope!r}, as Authorization: Bearer TOKEN.",
                {"www-authenticate": f'Bearer scope="{scope}"'},
            )
        # Who may write may read: a token for acknowledging would be of no use to somebody who sees nothing.
        if scope == "read" and who.scopes - {"beat", INGEST}:
            return who
        raise Trouble(
            403,
            f"This token has no scope {scope!r}; it has {', '.join(sorted(who.scopes))}.",
            {"www-authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
        )
