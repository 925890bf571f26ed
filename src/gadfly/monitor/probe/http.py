"""GET (or another method) and look at what comes back."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

from gadfly import secret
from gadfly.config.probe import HttpProbe
from gadfly.errors import ConfigError
from gadfly.monitor.probe import certificate
from gadfly.monitor.probe.assertion import Answer, Assertions
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.failure import Unable, explain
from gadfly.monitor.probe.poller import Link
from gadfly.monitor.probe.request import REDIRECTS, Target, parse, redirected, request
from gadfly.monitor.probe.response import HEAD, Response, ResponseError
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.tls_link import TlsLink
from gadfly.monitor.probe.wording import line

CHUNK = 65_536
RESUME = 600.0
"""Seconds after which a session is not resumed but made anew, so that a changed certificate is seen."""


class Channel:
    """A connection to one origin: the socket, and TLS over it where the URL says https."""

    __slots__ = ("link", "stream")

    def __init__(self, link: Link) -> None:
        self.link = link
        self.stream: Link | TlsLink = link

    def certificate(self) -> bytes:
        return self.stream.certificate if isinstance(self.stream, TlsLink) else b""


class Plan:
    """What is prepared once for a spec, and what is kept from one enquiry to the next."""

    __slots__ = ("assertions", "channel", "headers", "request", "session", "session_since", "target")

    def __init__(self, spec: HttpProbe) -> None:
        self.target = parse(spec.url)
        self.headers = _revealed(spec.headers)
        self.request = request(self.target, spec.method, self.headers, spec.body.encode(), spec.keep_alive)
        self.assertions = Assertions(spec)
        self.channel: Channel | None = None
        self.session: ssl.SSLSession | None = None
        self.session_since = 0.0

    def take(self) -> Channel | None:
        """The kept connection, if it is still usable."""
        channel, self.channel = self.channel, None
        if channel is not None and not channel.stream.idle():
            channel.link.close()
            return None
        return channel

    def close(self) -> None:
        if self.channel is not None:
            self.channel.link.close()
            self.channel = None


async def probe(spec: HttpProbe, context: Context) -> Result:
    """Ask once, follow redirects, judge the last answer."""
    try:
        plan = context.plan(spec, Plan)
    except Unable as error:
        return Result(outcome=Outcome.unknown, reason=f"cannot be asked: {error}")
    watch = Stopwatch(context.now, "dns")
    enquiry = Enquiry(spec, context, plan, watch)
    try:
        answer = await enquiry.run()
    except ResponseError as error:
        seconds = watch.stop()
        return Result(
            outcome=Outcome.fail,
            reason=f"{enquiry.target.where} {error}",
            seconds=seconds,
            phases=watch.phases,
        )
    except OSError as error:
        return explain(error, watch, spec.timeout, enquiry.target.where)
    finally:
        enquiry.close()
    seconds = watch.stop()
    return await plan.assertions.judge(answer, seconds, watch.phases, context)


class Enquiry:
    """One run of a probe: at most one connection at a time, all within one deadline."""

    __slots__ = ("channel", "context", "deadline", "heard", "plan", "spec", "target", "watch")

    def __init__(self, spec: HttpProbe, context: Context, plan: Plan, watch: Stopwatch) -> None:
        self.spec = spec
        self.context = context
        self.plan = plan
        self.watch = watch
        self.deadline = watch.began + spec.timeout
        self.target = plan.target
        self.channel: Channel | None = None
        self.heard = 0

    async def run(self) -> Answer:
        """:raises OSError: from the edge; :raises ResponseError: from the target."""
        spec, method, data = self.spec, self.spec.method, self.plan.request
        headers = self.plan.headers
        followed = 0
        ends: float | None = None
        while True:
            response = await self._ask(data, method == "HEAD")
            ends = self._certificate_ends(ends)
            location = response.headers.get("location", "")
            if (
                response.status not in REDIRECTS
                or not location
                or not spec.redirects
                or response.status in self.plan.assertions.accepted
            ):
                self._leave(response, self.plan.target)
                return Answer(self.target, method, response, ends)
            if followed == spec.redirects:
                raise ResponseError(f"redirects more than {spec.redirects} times, last to {line(location)}")
            followed += 1
            before = self.target
            try:
                self.target = redirected(before, location)
            except ValueError as error:
                raise ResponseError(f"redirects to where a probe does not go: {error}") from None
            if self.target.origin != before.origin:
                # Credentials and other headers were meant for the origin that was declared.
                headers = {}
            if not (spec.keep_alive and response.reusable and self.target.origin == before.origin):
                self.close()
            body = b""
            if response.status in (307, 308):
                body = spec.body.encode()
            elif method not in ("GET", "HEAD"):
                method = "GET"
            data = request(self.target, method, headers, body, spec.keep_alive)

    def close(self) -> None:
        if self.channel is not None:
            self.channel.link.close()
            self.channel = None

    def _leave(self, response: Response, declared: Target) -> None:
        """Keep the connection for the next enquiry where asked and possible."""
        channel = self.channel
        if channel is None or not (self.spec.keep_alive and response.reusable):
            return
        if self.target.origin == declared.origin:
            channel.link.rest()
            self.plan.channel, self.channel = channel, None

    async def _ask(self, data: bytes, headless: bool) -> Response:
        """Send a request on a kept connection or a new one, and read its answer."""
        if self.channel is None and self.target is self.plan.target:
            self.channel = self.plan.take()
            if self.channel is not None:
                self.channel.link.renew(self.deadline)
                try:
                    return await self._exchange(self.channel, data, headless)
                except (ConnectionError, ResponseError, ssl.SSLError):
                    if self.heard:
                        raise
                    # The server closed the kept connection just now; that is its right.
                    self.close()
        if self.channel is None:
            self.channel = await self._connect()
        return await self._exchange(self.channel, data, headless)

    async def _connect(self) -> Channel:
        target, context, watch = self.target, self.context, self.watch
        if watch.phase != "dns":
            watch.start("dns")
        link = await context.connect(target.host, target.port, watch, self.deadline)
        channel = Channel(link)
        if target.secure:
            watch.start("tls")
            try:
                channel.stream = await self._secure(link)
            except BaseException:
                link.close()
                raise
        return channel

    async def _secure(self, link: Link) -> TlsLink:
        spec, plan = self.spec, self.plan
        trust = self.context.trust.get(spec.verify, spec.ca, "http/1.1")
        session = None
        if spec.resume and self.target is plan.target and self.watch.began - plan.session_since < RESUME:
            session = plan.session
        stream = TlsLink(link, trust, self.target.host, session)
        await stream.handshake()
        return stream

    async def _exchange(self, channel: Channel, data: bytes, headless: bool) -> Response:
        watch, stream = self.watch, channel.stream
        watch.start("first_byte")
        await stream.send(data)
        response = Response(self.spec.limit, headless)
        self.heard = received = 0
        # A body may be wrapped in chunks of one byte: what is read is bounded too, not only what is kept.
        most = 2 * self.spec.limit + HEAD
        while not response.done:
            piece = await stream.receive(CHUNK)
            if not received:
                watch.start("body")
            received += len(piece)
            self.heard = received
            if not piece:
                response.end()
            else:
                response.feed(piece)
            if received > most:
                response.done = response.cut = True
            elif len(piece) > CHUNK // 2:
                # Others are served between two pieces of a large answer.
                await asyncio.sleep(0)
        if self.spec.resume and isinstance(stream, TlsLink) and self.target is self.plan.target:
            self._remember(stream)
        return response

    def _remember(self, stream: TlsLink) -> None:
        """Keep the session of a full handshake. It is resumed again and again: ssl copies a session by
        writing it out and parsing it, certificate and all, which costs as much as what it saves.
        """
        if not stream.resumed:
            self.plan.session, self.plan.session_since = stream.session, self.watch.began

    def _certificate_ends(self, before: float | None) -> float | None:
        """The end of the certificate seen first or nearest, of all connections of this enquiry."""
        der = self.channel.certificate() if self.channel is not None else b""
        if not der:
            return before
        try:
            end = certificate.ends(der)
        except ValueError:
            return before
        return end if before is None else min(end, before)


def _revealed(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with the secrets that some of them name. ValueError where one cannot be had."""
    try:
        return secret.headers(headers)
    except ConfigError as error:
        raise ValueError(str(error)) from None
