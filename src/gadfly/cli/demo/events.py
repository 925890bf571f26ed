"""What the demo sees of its node from outside: the event stream, and a webhook that is told."""

from __future__ import annotations

import base64
import json
import queue
import struct
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gadfly.cli.node import Node
from gadfly.errors import GadflyError

BODY = 1024 * 1024
FREED = 255


@dataclass(frozen=True)
class Event:
    """What the node saw (`what` is a verdict) or told (`told`, `told well`). `at` is in wall seconds."""

    at: float
    component: str
    what: str
    words: str


class Observer(threading.Thread):
    """Follows the node's stream and puts every change of a verdict into the queue."""

    def __init__(self, node: Node, events: queue.Queue[Event]) -> None:
        super().__init__(daemon=True, name="observer")
        self._node = node
        self._events = events
        self._known: dict[str, float] = {}

    def run(self) -> None:
        while True:
            try:
                for name, data in self._node.stream("stream", timeout=15.0):
                    if name == "change":
                        for slot in changed(data):
                            self._see(self._node.get(f"slots/{slot}"))
                    elif name in ("hello", "resync"):
                        for row in self._node.get("components", limit=100)["components"]:
                            self._see(row)
            except GadflyError:
                time.sleep(0.2)

    def _see(self, row: dict[str, Any]) -> None:
        since = row.get("since") or 0.0
        if self._known.get(row["name"]) != since:
            self._known[row["name"]] = since
            self._events.put(Event(since or time.time(), row["name"], row["verdict"], row.get("reason", "")))


def changed(data: str) -> list[int]:
    """The slots that a `change` of the stream tells of, but those that are freed. Each is asked by itself: a
    list is up to half a second old."""
    pairs = struct.iter_unpack("<IB", base64.b64decode(json.loads(data)["s"]))
    return [slot for slot, verdict in pairs if verdict != FREED]


class Postbox:
    """A webhook receiver on loopback, as a chat or a pager would be. Stands for whoever answers."""

    def __init__(self, events: queue.Queue[Event]) -> None:
        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = min(int(self.headers.get("Content-Length") or 0), BODY)
                for event in read(self.rfile.read(size), time.time()):
                    events.put(event)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: the terminal belongs to the demo."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True, name="postbox").start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def read(body: bytes, now: float) -> list[Event]:
    """The components that an Alertmanager version 4 message tells about."""
    try:
        message: dict[str, Any] = json.loads(body)
        alerts = list(message["alerts"])
    except (ValueError, KeyError, TypeError):
        return [Event(now, "", "told", "a message that is not Alertmanager's version 4")]
    events = []
    for alert in alerts:
        labels, notes = alert.get("labels", {}), alert.get("annotations", {})
        what = "told well" if alert.get("status") == "resolved" else "told"
        words = notes.get("summary") or notes.get("description") or ""
        events.append(Event(now, labels.get("component") or labels.get("alertname", ""), what, words))
    return events
