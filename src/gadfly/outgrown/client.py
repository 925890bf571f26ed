"""Requests to the store elsewhere; blocking, for threads. A few connections are kept for the next request."""

from __future__ import annotations

import http.client
import select
import ssl
import threading
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from gadfly import secret
from gadfly.config.remote import Remote
from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.outgrown import deadline
from gadfly.outgrown.deadline import left
from gadfly.outgrown.patience import Patience

LARGEST = 512_000_000
"""Bytes of an answer: what the limits of a query would let through, and some."""
IDLE = 4
"""Connections that are kept."""
GLANCE = 0.2
"""Seconds between looks at whether it is still worth waiting."""
PIECE = 1 << 20
"""Bytes of an answer that are read at once."""
WORDS = 300
"""Characters that are shown of what the other side says."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    retry_after: float
    """Seconds; 0 where none were said."""

    @property
    def words(self) -> str:
        """The beginning of it, on one line."""
        return " ".join(self.body[: 4 * WORDS].decode("utf-8", "replace").split())[:WORDS]


class Client:
    """Speaks to one address; safe in any thread."""

    def __init__(self, url: str, settings: Remote) -> None:
        parts = urlsplit(url)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path.rstrip("/")
        self._settings = settings
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []
        self.name = f"{self._host}:{self._port}" if self._port else self._host
        """The other side, for messages."""
        self._patience = Patience(self.name)

    def _headers(self) -> dict[str, str]:
        """Secrets are read anew for each request, so that one that was changed is taken up. ConfigError."""
        settings = self._settings
        found = secret.headers(settings.headers)
        if settings.password:
            found["Authorization"] = secret.basic(settings.user, settings.password)
        elif settings.token:
            found["Authorization"] = secret.bearer(settings.token)
        return found

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One request; `path` is added to the address'. StoreError: there is no answer. LimitError: it is too
        large. ConfigError: a secret is missing."""
        sent = {"User-Agent": "gadfly", **headers, **self._headers()}
        while True:
            connection, kept = self._connection()
            try:
                connection.request(method, self._path + path, body, sent)
                response = deadline.response(connection, time.monotonic() + float(self._settings.timeout))
                data = response.read(LARGEST + 1)
            except (OSError, ValueError, http.client.HTTPException) as error:
                connection.close()
                if kept and not isinstance(error, TimeoutError):
                    continue  # the other side may have closed it meanwhile
                raise self._silent(error) from error
            break
        return self._answer(connection, response, data)

    def query(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> Answer:
        """As `ask`, for somebody who waits so long at most. QueryError (a timeout): there was no answer then.
        StoreError also where enough others wait for a store that says nothing."""
        request = (method, self._path + path, body, {"User-Agent": "gadfly", **headers, **self._headers()})
        seconds = min(seconds, float(self._settings.timeout))
        ends = time.monotonic() + seconds
        mine = self._patience.begin()
        try:
            while True:
                connection, kept = self._connection()
                try:
                    response, data = self._exchange(connection, request, ends, mine)
                except TimeoutError as error:
                    connection.close()
                    self._patience.hangs()
                    raise QueryError(
                        f"query timed out: the store at {self.name} did not answer within {seconds:.1f} s",
                        "timeout",
                    ) from error
                except StoreError:
                    connection.close()
                    raise
                except (OSError, ValueError, http.client.HTTPException) as error:
                    connection.close()
                    if kept:
                        continue  # the other side may have closed it meanwhile
                    raise self._silent(error) from error
                return self._answer(connection, response, data)
        finally:
            self._patience.end(mine)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        request: tuple[str, str, bytes, dict[str, str]],
        ends: float,
        mine: list[float],
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """TimeoutError at the end; as long as nothing comes, StoreError where it is not worth waiting."""
        connection.timeout = left(ends)
        if connection.sock is not None:
            connection.sock.settimeout(left(ends))
        connection.request(*request)
        waiting = select.poll()
        waiting.register(connection.sock, select.POLLIN)
        while not waiting.poll(1000 * min(GLANCE, left(ends))):
            self._patience.on(mine)
        response = deadline.response(connection, ends)
        self._patience.answered()
        parts, size = [], 0
        while size <= LARGEST and (part := response.read1(PIECE)):
            parts.append(part)
            size += len(part)
        return response, b"".join(parts)

    def _silent(self, error: Exception) -> StoreError:
        return StoreError(
            f"The store at {self.name} does not answer: {str(error) or type(error).__name__}. "
            "Look after it, or correct [remote]."
        )

    def _answer(
        self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, data: bytes
    ) -> Answer:
        if len(data) > LARGEST:
            connection.close()
            raise LimitError(f"{self.name} answers with more than {LARGEST:,} bytes: ask for less.")
        self._keep(connection)
        after = response.headers.get("Retry-After", "")
        return Answer(response.status, data, float(after) if after.isdecimal() and len(after) < 6 else 0.0)

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        """One, and whether it was kept."""
        with self._lock:
            if self._idle:
                return self._idle.pop(), True
        timeout = float(self._settings.timeout)
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout), False
        return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls), False

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < IDLE and connection.sock is not None:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()
