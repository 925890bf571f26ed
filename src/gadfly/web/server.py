"""The HTTP server, inside the node's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from gadfly.errors import ConfigError
from gadfly.web.api import build
from gadfly.web.asking import Asking
from gadfly.web.node import Node
from gadfly.web.protocol import BoundedProtocol
from gadfly.web.stream import Stream

KEEP_ALIVE = 15
"""Seconds an idle connection is kept; longer than the page's own pauses."""
GRACE = 2
"""Seconds that running requests get when the node stops."""


class _Uvicorn(uvicorn.Server):
    """Without uvicorn's own signal handlers: signals are the node's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(address: str) -> list[socket.socket]:
    """Sockets bound to ``host:port`` or ``[v6]:port``, one for each address of the name. Port 0: any.

    ConfigError where that cannot be.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"node.listen: {address!r} is not host:port or [address]:port")
    sockets: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, where in found:
            one = socket.socket(family, kind, protocol)
            sockets.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if len(sockets) > 1 and int(port) == 0:
                where = (where[0], sockets[0].getsockname()[1], *where[2:])
            one.bind(where)
            one.setblocking(False)
    except OSError as error:
        for one in sockets:
            one.close()
        reason = error.strerror or str(error)
        raise ConfigError(f"node.listen: cannot listen on {address}: {reason}; choose another") from None
    return sockets


class Server:
    """Page and API of one node."""

    def __init__(self, node: Node) -> None:
        self._listen = node.config.node.listen
        self.app: Starlette = build(node)
        self._running: asyncio.Task[None] | None = None
        self._server: _Uvicorn | None = None
        self.addresses: list[tuple[str, int]] = []
        """Where it listens, once started."""

    @property
    def url(self) -> str:
        """The page, as a browser on this machine opens it."""
        host, port = self.addresses[0]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    async def start(self) -> None:
        """Listen; returns once requests are answered. ConfigError where the address cannot be had."""
        sockets = listening(self._listen)
        self.addresses = [one.getsockname()[:2] for one in sockets]
        logging.getLogger("uvicorn").setLevel(logging.ERROR)
        config = uvicorn.Config(
            self.app,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
            backlog=1024,
        )
        self._server = _Uvicorn(config)
        self._running = asyncio.create_task(self._server.serve(sockets), name="web server")
        while not self._server.started:
            if self._running.done():
                self._running.result()
                raise ConfigError(f"node.listen: the server on {self._listen} ended at once")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """End the streams, let running requests finish within :data:`GRACE`, and close."""
        if self._server is None or self._running is None:
            return
        stream: Stream = self.app.state.stream
        await stream.close()
        asking: Asking = self.app.state.asking
        asking.close()
        self._server.should_exit = True
        await self._running
        self._server = self._running = None
