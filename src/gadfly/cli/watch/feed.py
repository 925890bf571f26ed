"""The node's event stream as a background thread: says when to look again, and whether the node is there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gadfly.cli.node import Node
from gadfly.errors import GadflyError

SILENCE = 15.0
"""Seconds without a byte after which the connection counts as lost; the node comments every five."""
AGAIN = 1.0
"""Seconds before the next try to connect."""


class Feed(threading.Thread):
    """Calls `changed()` for every change and `lost(why)` when the stream breaks. Ends with the program."""

    def __init__(self, node: Node, changed: Callable[[], None], lost: Callable[[str], None]) -> None:
        super().__init__(daemon=True, name="feed")
        self._node, self._changed, self._lost = node, changed, lost
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            why = "the node ended the stream"
            try:
                for _ in self._node.stream("stream", timeout=SILENCE):
                    if self._stopped.is_set():
                        return
                    self._changed()
            except GadflyError as error:
                why = str(error)
            if not self._stopped.is_set():
                self._lost(why)
            self._stopped.wait(AGAIN)

    def stop(self) -> None:
        """Nothing is called any more."""
        self._stopped.set()
