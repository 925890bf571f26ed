"""Connect; send and expect where asked."""

from __future__ import annotations

import re
from typing import NamedTuple

from gadfly.address import split
from gadfly.config.probe import TcpProbe
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.expression import compiled
from gadfly.monitor.probe.failure import explain
from gadfly.monitor.probe.poller import Link
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.tls_link import TlsLink
from gadfly.monitor.probe.wording import line

CHUNK = 16_384
SHOWN = 200
"""Characters of an answer that are kept."""
LOOKS = 32
"""Pieces of an answer that are each searched at once; later ones when it has grown by a quarter."""

_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_LETTERS = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


class Plan(NamedTuple):
    host: str
    port: int
    send: bytes


def plan(spec: TcpProbe) -> Plan:
    host, port = split(spec.address)
    compiled(spec.expect)
    return Plan(host, port, unescape(spec.send))


def unescape(text: str) -> bytes:
    r"""The bytes of a text with ``\r``, ``\n``, ``\t``, ``\0``, ``\\`` and ``\xNN``; the rest is UTF-8."""
    out = bytearray()
    end = 0
    for found in _ESCAPE.finditer(text):
        out += text[end : found.start()].encode()
        end = found.end()
        out += bytes([int(found[1], 16)]) if found[1] else _LETTERS.get(found[2], found[0]).encode()
    return bytes(out + text[end:].encode())


async def probe(spec: TcpProbe, context: Context) -> Result:
    """Ask once. ``expect`` is looked for again with every piece of the answer, up to ``limit`` bytes."""
    watch = Stopwatch(context.now, "dns")
    deadline = watch.began + spec.timeout
    link: Link | None = None
    try:
        target = context.plan(spec, plan)
        link = await context.connect(target.host, target.port, watch, deadline)
        channel: Link | TlsLink = link
        if spec.tls:
            watch.start("tls")
            channel = TlsLink(link, context.trust.get(True, ""), target.host)
            await channel.handshake()
            await channel.flush()
        if target.send:
            await channel.send(target.send)
        if not spec.expect:
            seconds = watch.stop()
            return Result(
                outcome=Outcome.passing,
                reason=f"{spec.address} accepts connections",
                seconds=seconds,
                phases=watch.phases,
            )
        watch.start("first_byte")
        return await _expect(spec, context, channel, watch)
    except OSError as error:
        return explain(error, watch, spec.timeout, spec.address)
    finally:
        if link is not None:
            link.close()


async def _expect(spec: TcpProbe, context: Context, channel: Link | TlsLink, watch: Stopwatch) -> Result:
    said = bytearray()
    matched: bool | None = False
    looks, next_look, late = 0, 1, False
    while matched is False and len(said) < spec.limit:
        try:
            data = await channel.receive(min(CHUNK, spec.limit - len(said)))
        except TimeoutError:
            if not said:
                raise
            late = True
            break
        if not data:
            break
        if not said:
            watch.start("body")
        said += data
        if len(said) >= next_look:
            matched = await context.judge.matches(spec.expect, said.decode("utf-8", "replace"))
            looks += 1
            # Whoever drips bytes must not make us search the same text a thousand times.
            next_look = len(said) + 1 + (0 if looks < LOOKS else len(said) // 4)
    if matched is False and said:
        matched = await context.judge.matches(spec.expect, said.decode("utf-8", "replace"))
    seconds = watch.stop()
    shown = said[:SHOWN].decode("utf-8", "replace")
    if matched:
        outcome, words = Outcome.passing, f"answered as expected: {line(shown)}"
    elif matched is None:
        outcome, words = (
            Outcome.unknown,
            f'expect = "{spec.expect}" takes too long on this answer; simplify it',
        )
    elif not said:
        outcome, words = Outcome.fail, "closed the connection without an answer"
    elif late:
        outcome, words = (
            Outcome.fail,
            f'did not say "{spec.expect}" within {spec.timeout:g} s, but: {line(shown)}',
        )
    else:
        outcome, words = Outcome.fail, f'did not say "{spec.expect}", but: {line(shown)}'
    return Result(
        outcome=outcome, reason=f"{spec.address}: {words}", seconds=seconds, phases=watch.phases, output=shown
    )
