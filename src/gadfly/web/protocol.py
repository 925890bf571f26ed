"""uvicorn's HTTP protocol with bounds on a request's head, in bytes and seconds, and on connections.

What comes before the application sees a request is refused here, in the same problem documents.
"""

from __future__ import annotations

import asyncio

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gadfly.web.answers import Problem
from gadfly.web.guard import HEAD, TARGET
from gadfly.web.problem import MEDIA

HEAD_SECONDS = 10.0
"""From connecting to the end of the headers. A slow network needs one; a drip of bytes gets no more."""
CONNECTIONS = 4096
"""At once; watchers among them."""

_PHRASES = {400: b"Bad Request", 431: b"Request Header Fields Too Large", 503: b"Service Unavailable"}


def refusal(status: int, detail: str) -> bytes:
    """A whole response that ends the connection."""
    title = _PHRASES[status]
    body = msgspec.json.encode(Problem(title=title.decode(), status=status, detail=detail))
    return (
        b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nx-content-type-options: nosniff\r\n"
        b"cache-control: no-store\r\nconnection: close\r\n\r\n%s"
    ) % (status, title, MEDIA.encode(), len(body), body)


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = True
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            self._refuse(503, "Too many connections; try again later.")
        else:
            self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head += len(data)
        if self._head > HEAD + TARGET:
            self._refuse(431, f"A request's headers may have {HEAD} bytes.")

    def on_message_begin(self) -> None:
        self._in_head = True
        self._arm()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head = 0
        self._disarm()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "This is not a request in HTTP/1.1.")

    def _refuse(self, status: int, detail: str) -> None:
        self.transport.write(refusal(status, detail))
        self.transport.close()

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._late)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        self.transport.abort()

    def _unsupported_upgrade_warning(self) -> None:
        """Anybody may ask for an upgrade; it is not worth a line in the log each time."""
