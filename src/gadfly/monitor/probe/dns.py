"""Ask a name server one question.

The wire format is dnspython's; the sockets are ours. A datagram counts as the answer only if it comes from
the address asked and has our number and our question; anything else is ignored, not judged, because anybody
can send it. A truncated answer is asked again over TCP.
"""

from __future__ import annotations

import re
import secrets
import socket
import struct
from typing import TYPE_CHECKING

from gadfly.config.probe import DnsProbe
from gadfly.monitor.probe.address import split
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.expression import compiled
from gadfly.monitor.probe.failure import Unable, explain
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.wording import line

if TYPE_CHECKING:
    import dns.message

PORT = 53
ANSWERS = 256
"""Answers looked at."""
AGAIN = 1.0
"""Seconds until a question is sent anew, as resolvers do: datagrams get lost."""
MISSING = "the dns probe needs dnspython; install gadfly[dns]"


class Plan:
    """One spec, prepared: the server, the question without its number, the expression."""

    __slots__ = ("host", "kind", "port", "question", "where", "wire")

    def __init__(self, spec: DnsProbe) -> None:
        try:
            import dns.exception
            import dns.message
            import dns.name
            import dns.reversename
        except ImportError:
            raise ValueError(MISSING) from None

        self.host, self.port = split(spec.name_server or system_server(), PORT)
        self.where = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        compiled(spec.expect)
        try:
            name = dns.name.from_text(spec.query)
            if spec.type == "PTR" and re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", spec.query):
                name = dns.reversename.from_address(spec.query)
        except dns.exception.DNSException as error:
            raise ValueError(f'"{spec.query[:80]}" is not a name: {error}') from None
        message = dns.message.make_query(name, spec.type)
        self.question = message.question
        self.kind = message.question[0].rdtype
        # Without EDNS: answers are short, and a long one is fetched over TCP.
        self.wire = message.to_wire()[2:]


def system_server(path: str = "/etc/resolv.conf") -> str:
    """The first name server of the system, as an address; 127.0.0.1 where none is named (resolv.conf(5))."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for row in file.read(65_536).splitlines():
                words = row.split()
                if len(words) > 1 and words[0] == "nameserver":
                    return f"[{words[1]}]" if ":" in words[1] else words[1]
    except OSError:
        pass
    return "127.0.0.1"


async def probe(spec: DnsProbe, context: Context) -> Result:
    """Ask once."""
    try:
        plan = context.plan(spec, Plan)
    except Unable as error:
        return Result(outcome=Outcome.unknown, reason=f"cannot be asked: {error}")
    watch = Stopwatch(context.now, "dns")
    deadline = watch.began + spec.timeout
    try:
        message = None
        if spec.protocol == "udp":
            message = await _by_datagram(plan, context, watch, deadline)
        if message is None:
            message = await _by_stream(plan, context, watch, deadline)
    except OSError as error:
        return explain(error, watch, spec.timeout, plan.where)
    seconds = watch.stop()
    outcome, words, output = await _judge(spec, plan, message, context)
    return Result(outcome=outcome, reason=words, seconds=seconds, phases=watch.phases, output=output)


async def _by_datagram(
    plan: Plan, context: Context, watch: Stopwatch, deadline: float
) -> dns.message.Message | None:
    """None if the answer did not fit a datagram."""
    number = secrets.randbits(16)
    wire = struct.pack("!H", number) + plan.wire
    link = await context.connect(plan.host, plan.port, watch, deadline, socket.SOCK_DGRAM)
    try:
        watch.start("first_byte")
        while True:
            await link.send(wire)
            now = context.now()
            link.renew(min(deadline, now + AGAIN))
            try:
                while True:
                    message = parse(await link.receive(65_535), number, plan)
                    if message is not None:
                        return None if message.flags & _TRUNCATED else message
            except TimeoutError:
                if now + AGAIN >= deadline:
                    raise
                link.renew(deadline)
    finally:
        link.close()


async def _by_stream(plan: Plan, context: Context, watch: Stopwatch, deadline: float) -> dns.message.Message:
    number = secrets.randbits(16)
    wire = struct.pack("!H", number) + plan.wire
    link = await context.connect(plan.host, plan.port, watch, deadline)
    try:
        watch.start("first_byte")
        await link.send(struct.pack("!H", len(wire)) + wire)
        data = b""
        while len(data) < 2 or len(data) < 2 + struct.unpack("!H", data[:2])[0]:
            piece = await link.receive(65_537 - len(data))
            if not piece:
                raise ConnectionAbortedError("closed the connection without a whole answer")
            data += piece
    finally:
        link.close()
    message = parse(data[2:], number, plan)
    if message is None:
        raise ConnectionAbortedError("answered what was not asked")
    return message


_TRUNCATED = 0x0200
_RESPONSE = 0x8000


def parse(data: bytes, number: int, plan: Plan) -> dns.message.Message | None:
    """The answer to our question, or None if these bytes are not that."""
    import dns.exception
    import dns.message

    if len(data) < 12 or struct.unpack("!HH", data[:4])[0] != number:
        return None
    try:
        message = dns.message.from_wire(data, ignore_trailing=True, raise_on_truncation=False)
    except (dns.exception.DNSException, ValueError, struct.error):
        return None
    if not message.flags & _RESPONSE or message.question != plan.question:
        return None
    return message


async def _judge(
    spec: DnsProbe, plan: Plan, message: dns.message.Message, context: Context
) -> tuple[Outcome, str, str]:
    import dns.rcode

    asked = f"{spec.type} {line(spec.query)}"
    code = dns.rcode.to_text(message.rcode())
    # Sorted, because servers rotate their answers and a reason should not change with every enquiry.
    answers = sorted(
        record.to_text()
        for group in message.answer
        if group.rdtype == plan.kind
        for record in list(group)[:ANSWERS]
    )[:ANSWERS]
    output = "\n".join(answers)[:4096]
    if code != spec.code:
        return (
            Outcome.fail,
            f"{asked} answered {code}" + (f", not {spec.code}" if code == "NOERROR" else ""),
            output,
        )
    if code == "NXDOMAIN":
        return Outcome.passing, f"{asked} answered NXDOMAIN, as expected", output
    if not answers:
        return Outcome.fail, f"{asked} has no answers", output
    if not spec.expect:
        return Outcome.passing, f"{asked} is {line(', '.join(answers))}", output
    for answer in answers:
        found = await context.judge.matches(spec.expect, answer)
        if found is None:
            return (
                Outcome.unknown,
                f'expect = "{spec.expect}" takes too long on this answer; simplify it',
                output,
            )
        if found:
            return Outcome.passing, f"{asked} is {line(answer)}", output
    return Outcome.fail, f'{asked} is {line(", ".join(answers))}, not "{spec.expect}"', output
