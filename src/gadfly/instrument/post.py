"""Sending beats to a node by HTTP, where no datagram gets through. Runs in the heart's thread, may wait."""

from __future__ import annotations

import http.client
import os
import socket
from typing import Any

from gadfly.instrument.destination import Destination

PATH = "/api/v1/beat"


class PostLink:
    """One kept connection; a frame is one POST. The node cannot enquire on this way.

    `timeout` is in seconds, for each step of a request. $GADFLY_TOKEN is sent as a bearer token.
    """

    def __init__(self, to: Destination, timeout: float) -> None:
        self.to = to
        self.trouble = ""
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def send(self, datagram: bytes) -> bool:
        """Post a frame; False when the node did not take it (`trouble` tells why)."""
        kept = self._connection is not None
        if self._post(datagram):
            return True
        return (
            kept and self._connection is None and self._post(datagram)
        )  # the node closed the idle connection

    def answer(self, datagram: bytes, address: tuple[Any, ...]) -> None:
        """There is nobody to answer on this way."""
        raise AssertionError("no enquiry arrives by HTTP")

    def sockets(self) -> list[socket.socket]:
        """None: no enquiries arrive."""
        return []

    def receive(self, readable: socket.socket) -> None:
        """Nothing is ever received."""

    def close(self) -> None:
        """Close the connection; a later send makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, datagram: bytes) -> bool:
        headers = {"Content-Type": "application/octet-stream"}
        if token := os.environ.get("GADFLY_TOKEN"):
            headers["Authorization"] = f"Bearer {token}"
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.request("POST", self._path(), datagram, headers)
            response = self._connection.getresponse()
            response.read(65_536)
            if response.length:  # more than an answer to a beat may have
                self.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            self.trouble = f"{self.to}: {error or type(error).__name__}"
            return False
        if response.status >= 300:
            self.trouble = f"{self.to}: the node answered {response.status} {response.reason}"
            return False
        self.trouble = ""
        return True

    def _connect(self) -> http.client.HTTPConnection:
        secure = self.to.url.startswith("https://")
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self.to.host, self.to.port, timeout=self._timeout)

    def _path(self) -> str:
        prefix = self.to.url.split("://", 1)[1].partition("/")[2]
        return f"/{prefix}{PATH}" if prefix else PATH
