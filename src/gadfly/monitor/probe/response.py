"""Reading an HTTP/1.1 response, within limits. Sans-IO: bytes go in, a status, headers and a body come out.

The grammar is llhttp's (through httptools); why that and not h11 is in ``docs/decisions``.
"""

from __future__ import annotations

import httptools

HEAD = 65_536
"""Bytes before the body at most, interim (1xx) answers included. Servers themselves send a tenth of it."""
FIELDS = 256
"""Headers at most."""


class ResponseError(Exception):
    """What came is not an answer in HTTP, or beyond our limits. The message follows the target's name."""


class Response:
    """One response. :meth:`feed` until :attr:`done`; :meth:`end` when the other side has closed.

    ``headers`` have lower-case names; of a repeated one the first counts.
    """

    __slots__ = (
        "_fields",
        "_head",
        "_headless",
        "_in_body",
        "_keep",
        "_limit",
        "_parser",
        "_started",
        "body",
        "cut",
        "done",
        "headers",
        "status",
    )

    def __init__(self, limit: int, headless: bool = False) -> None:
        """``limit``: bytes of body kept; ``headless``: an answer to HEAD, which never has a body."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.done = False
        self.cut = False
        self._keep = False
        self._limit = limit
        self._headless = headless
        self._head = 0
        self._fields = 0
        self._in_body = False
        self._started = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """:raises ResponseError: see there; nothing may be fed after it."""
        if not self._in_body:
            self._head += len(data)
        self._started = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.done = True
        except httptools.HttpParserError as error:
            # What lies behind the end of the answer is not ours to judge.
            if not self.done:
                raise ResponseError(f"did not answer in HTTP: {error}") from None
        if self._fields > FIELDS:
            raise ResponseError(f"sent more than {FIELDS} headers")
        if not self._in_body and not self.done and self._head > HEAD:
            raise ResponseError(f"sent more than {HEAD} bytes of headers")

    def end(self) -> None:
        """:raises ResponseError: if the answer was not complete."""
        if self.done:
            return
        if not self._started:
            raise ResponseError("closed the connection without an answer")
        if not self._in_body:
            raise ResponseError("closed the connection before the headers ended")
        if "content-length" in self.headers:
            promised = self.headers["content-length"][:20]
            raise ResponseError(f"closed the connection after {len(self.body)} of {promised} bytes of body")
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            raise ResponseError(
                f"closed the connection in the middle of a chunked body, after {len(self.body)} bytes"
            )
        self.done = True

    @property
    def reusable(self) -> bool:
        """Whether another request may follow on this connection."""
        return self.done and not self.cut and self._keep

    # Called by the parser.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        if self._fields <= FIELDS and not self.done:
            self.headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1").strip())

    def on_headers_complete(self) -> None:
        if self.done:
            return
        self.status = self._parser.get_status_code()
        self._keep = self.status != 101 and bool(self._parser.should_keep_alive())
        self._in_body = not (100 <= self.status < 200 and self.status != 101)
        if self._headless and self._in_body:
            self.done = True

    def on_body(self, data: bytes) -> None:
        if self.done:
            return
        room = self._limit - len(self.body)
        if len(data) >= room:
            self.body += data[:room]
            self.done = self.cut = True
        else:
            self.body += data

    def on_message_complete(self) -> None:
        if self._in_body:
            self.done = True
        elif not self.done:
            self.status = 0
            self.headers.clear()
