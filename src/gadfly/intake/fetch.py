"""One GET, within limits: over a kept connection where there is one, packed or not, redirects followed.

The sockets, TLS and the grammar of HTTP are those of the probes.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from gadfly.errors import FormatError, LimitError
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.poller import Link
from gadfly.monitor.probe.request import REDIRECTS, Target, redirected, request
from gadfly.monitor.probe.response import HEAD, Response, ResponseError
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.tls_link import TlsLink
from gadfly.telemetry.gunzip import gunzip

CHUNK = 262_144
PACKED = 16_384
"""Bytes of gzip beyond which it is unpacked in a thread, so that others get their turn."""


class Answer(NamedTuple):
    """What came, unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TooLarge(Exception):
    """The body, or what it unpacks to, is longer than the limit."""


class Trust(NamedTuple):
    """How TLS is spoken with a target."""

    context: ssl.SSLContext
    server_name: str
    """Empty: the host's name."""


def trust(verify: bool, ca: str, cert: str, key: str) -> ssl.SSLContext:
    """A client's context. OSError (ssl.SSLError among them) where a file cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if verify:
        context.load_default_certs()
        if ca:
            context.load_verify_locations(cafile=ca)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert:
        context.load_cert_chain(cert, key or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Line:
    """The way to one target. One GET at a time; the connection is kept between two."""

    __slots__ = ("_link", "_stream")

    def __init__(self) -> None:
        self._link: Link | None = None
        self._stream: Link | TlsLink | None = None

    async def get(
        self,
        context: Context,
        place: Target,
        headers: Mapping[str, str],
        trusted: Trust | None,
        *,
        deadline: float,
        limit: int,
        redirects: int = 0,
    ) -> Answer:
        """What `place` answers; `deadline` in `context.now()`, `limit` in bytes of body.

        OSError (TimeoutError among them) from the edge, ResponseError where it does not speak HTTP, TooLarge.
        """
        origin = place.origin
        for _ in range(redirects + 1):
            data = request(place, "GET", headers, keep_alive=True)
            response = await self._ask(context, place, data, trusted, deadline, limit)
            location = response.headers.get("location", "")
            if response.status not in REDIRECTS or not location or not redirects:
                if place.origin != origin or not response.reusable:
                    self.close()
                elif self._link is not None:
                    self._link.rest()
                return Answer(response.status, response.headers, await unpacked(response, limit))
            try:
                following = redirected(place, location)
            except ValueError as error:
                raise ResponseError(f"redirects to where a scrape does not go: {error}") from None
            if following.origin != place.origin or not response.reusable:
                self.close()
            if following.origin != place.origin:
                # Credentials were meant for the target that was declared.
                headers = {}
            place = following
        self.close()
        raise ResponseError(f"redirects more than {redirects} times")

    def close(self) -> None:
        """Give the connection back. Safe to call twice."""
        if self._link is not None:
            self._link.close()
        self._link = self._stream = None

    async def _ask(
        self,
        context: Context,
        place: Target,
        data: bytes,
        trusted: Trust | None,
        deadline: float,
        limit: int,
    ) -> Response:
        stream = self._stream
        if stream is not None and stream.idle():
            assert self._link is not None
            self._link.renew(deadline)
            response = Response(limit)
            try:
                return await self._exchange(stream, data, response, limit)
            except (ConnectionError, ResponseError, ssl.SSLError):
                if response.status:
                    raise
                # The server closed the kept connection just now; that is its right.
        self.close()
        self._link = await context.connect(place.host, place.port, Stopwatch(context.now, "dns"), deadline)
        try:
            self._stream = await _secured(self._link, place, trusted)
            return await self._exchange(self._stream, data, Response(limit), limit)
        except BaseException:
            self.close()
            raise

    async def _exchange(
        self, stream: Link | TlsLink, data: bytes, response: Response, limit: int
    ) -> Response:
        try:
            await stream.send(data)
            received = 0
            while not response.done:
                piece = await stream.receive(CHUNK)
                received += len(piece)
                if piece:
                    response.feed(piece)
                else:
                    response.end()
                if received > 2 * limit + HEAD:  # a body in chunks of one byte is read no further
                    response.done = response.cut = True
                elif len(piece) > CHUNK // 4:
                    await asyncio.sleep(0)
        except BaseException:
            self.close()
            raise
        return response


async def _secured(link: Link, place: Target, trusted: Trust | None) -> Link | TlsLink:
    if not place.secure:
        return link
    if trusted is None:
        trusted = Trust(await asyncio.to_thread(trust, True, "", "", ""), "")
    stream = TlsLink(link, trusted.context, trusted.server_name or place.host)
    await stream.handshake()
    return stream


async def unpacked(response: Response, limit: int) -> bytes:
    """The body as it was before it was packed. TooLarge, ResponseError."""
    if response.cut:
        raise TooLarge
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        return bytes(response.body)
    if coding not in ("gzip", "x-gzip"):
        raise ResponseError(f"packed its answer in a way that was not asked for: {coding[:40]!r}")
    if not response.body:
        raise ResponseError("sent a gzip that ends too soon")
    try:
        if len(response.body) <= PACKED:
            return gunzip(response.body, limit)
        return await asyncio.to_thread(gunzip, response.body, limit)
    except FormatError as error:
        raise ResponseError(f"sent a body that cannot be unpacked: {error}") from None
    except LimitError:
        raise TooLarge from None
