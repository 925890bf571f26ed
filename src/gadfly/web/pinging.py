"""Pings, before everything else: a fleet's crontabs come at the full minute, and all of them wait.

They need no token, as the address is the secret, and none of what a page needs. Answers are those of
Healthchecks: a word and a status.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from gadfly.errors import FormatError, Refused, StoreError
from gadfly.telemetry.ping import OUTPUT, Address, address

if TYPE_CHECKING:
    from gadfly.web.node import Node

LONGEST = 10_000_000
"""Bytes of a body that are read, of which the last are kept. Beyond it the sender is stopped."""
SECONDS = 30.0
"""From the head of a ping to the end of its body."""
METHODS = frozenset({"GET", "HEAD", "POST"})

_HEADERS = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"ping-body-limit", b"%d" % OUTPUT),
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


class _TooLong(Exception):
    """The body has no end."""


class PingDoor:
    """ASGI middleware: pings are answered here, all else by what is behind."""

    def __init__(self, app: ASGIApp, *, node: Node) -> None:
        self._app = app
        self._node = node

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = address(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        status, words, more = await self._answer(found, scope, receive)
        headers = [*_HEADERS, (b"content-length", b"%d" % len(words)), *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": words})

    async def _answer(
        self, found: Address, scope: Scope, receive: Receive
    ) -> tuple[int, bytes, tuple[tuple[bytes, bytes], ...]]:
        if scope["method"] not in METHODS:
            return 405, b"method not allowed", ((b"allow", b"GET, HEAD, POST"),)
        client = scope["client"]
        pings = self._node.pings
        try:
            query = scope["query_string"].decode("latin-1")
            name, told, created = pings.whom(found, query, client[0] if client else "")
            output = await _output(receive) if scope["method"] == "POST" else b""
            await pings.take(name, told, output)
        except Refused as error:
            more = ((b"retry-after", b"60"),) if error.status == 429 else ()
            return error.status, str(error).encode(), more
        except FormatError as error:
            return 400, str(error).encode(), ()
        except _TooLong:
            return 413, b"body too long", ((b"connection", b"close"),)
        except TimeoutError:
            return 408, b"the body did not come", ((b"connection", b"close"),)
        except StoreError:
            # The node's log and /readyz say what is wrong; the sender can only try again.
            return 503, b"not stored, ping again", ((b"retry-after", b"5"),)
        return (201, b"Created", ()) if created else (200, b"OK", ())


async def _output(receive: Receive) -> bytes:
    """The end of the body."""
    kept, size = b"", 0
    async with asyncio.timeout(SECONDS):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return kept
            part = message.get("body", b"")
            size += len(part)
            if size > LONGEST:
                raise _TooLong
            kept = bytes((kept + part if kept else part)[-OUTPUT:])
            if not message.get("more_body"):
                return kept
