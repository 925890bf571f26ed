"""A place where webhooks arrive: notes the monotonic moment each request was complete, and answers.

    with Sink() as sink:
        ... receiver.webhook = sink.url + "/gadfly" ...
        delivery = sink.wait(lambda d: d.path == "/gadfly" and d.json["status"] == "firing", timeout=5)

It runs on a thread with its own event loop. `status` may be changed at any time to play a receiver that is
broken; `status = 0` closes the connection without an answer. Pass a listening socket to have it stand in
another network namespace.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple

import httptools


class Delivery(NamedTuple):
    """One request: `at` is time.monotonic() when its last byte was read."""

    at: float
    path: str
    body: bytes
    status: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _Request(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._parser = httptools.HttpRequestParser(self)
        self._body = bytearray()
        self._path = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_url(self, url: bytes) -> None:
        self._path = url.decode("latin-1")
        self._body.clear()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status = self._sink.take(time.monotonic(), self._path, bytes(self._body))
        if status:
            self._transport.write(b"HTTP/1.1 %d -\r\ncontent-length: 0\r\n\r\n" % status)
        if not status or not self._parser.should_keep_alive():
            self._transport.close()


class Sink:
    """Collects deliveries; safe to ask from any thread."""

    def __init__(
        self, listening: socket.socket | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._socket = listening or socket.create_server((host, port))
        self.host, self.port = self._socket.getsockname()[:2]
        self.url = f"http://{self.host}:{self.port}"
        self.status = 200
        self.deliveries: list[Delivery] = []
        self.on_delivery: Callable[[Delivery], None] | None = None
        """Called on the sink's thread for each delivery; must be quick."""
        self._arrived = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="webhook sink", daemon=True)

    def take(self, at: float, path: str, body: bytes) -> int:
        """Note a request; return the status to answer with."""
        delivery = Delivery(at, path, body, self.status)
        with self._arrived:
            self.deliveries.append(delivery)
            self._arrived.notify_all()
        if self.on_delivery:
            self.on_delivery(delivery)
        return delivery.status

    def wait(self, wanted: Callable[[Delivery], bool], timeout: float) -> Delivery | None:
        """The first delivery, past or to come, for which `wanted` is true; None when the time is over."""
        deadline, seen = time.monotonic() + timeout, 0
        with self._arrived:
            while True:
                for delivery in self.deliveries[seen:]:
                    if wanted(delivery):
                        return delivery
                seen = len(self.deliveries)
                if (
                    not self._arrived.wait(max(0.0, deadline - time.monotonic()))
                    and time.monotonic() >= deadline
                ):
                    return None

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Request(self), sock=self._socket)
        )
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._loop.close()

    def __enter__(self) -> Sink:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
