"""An answer of HTTP that is read until a time, and no longer, in however small pieces it comes.

The timeout of a socket counts anew for each piece, and http.client reads a head line by line.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any


def left(ends: float) -> float:
    """Seconds until then, by the monotonic clock; TimeoutError where there are none."""
    found = ends - time.monotonic()
    if found <= 0:
        raise TimeoutError("no time is left")
    return found


def response(connection: http.client.HTTPConnection, ends: float) -> http.client.HTTPResponse:
    """Its head; the body is to be read from it. TimeoutError, now or then, when the time is over."""

    def made(line: socket.socket, **given: Any) -> http.client.HTTPResponse:
        return http.client.HTTPResponse(_Line(line, ends), **given)  # type: ignore[arg-type]

    connection.response_class = made  # type: ignore[assignment]
    return connection.getresponse()


class _Line:
    """As much of a socket as an answer needs."""

    def __init__(self, line: socket.socket, ends: float) -> None:
        self._line = line
        self._ends = ends

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._line, self._ends))


class _Reading(io.RawIOBase):
    def __init__(self, line: socket.socket, ends: float) -> None:
        self._line = line
        self._ends = ends
        self._file = line.makefile("rb", buffering=0)  # keeps the line open where the connection lets it go

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._line.settimeout(left(self._ends))
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()
