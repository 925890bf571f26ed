"""DNS: questions, answers, and what is no answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.config.probe import DnsProbe
from gadfly.monitor.probe.dns import Plan, parse, probe, system_server
from gadfly.monitor.probe.result import Outcome

PASS, FAIL, UNKNOWN = Outcome.passing, Outcome.fail, Outcome.unknown
RECORDS = {
    "a.test.": ("A", ["192.0.2.1", "192.0.2.2"]),
    "m.test.": ("MX", ["10 mail.test."]),
    "t.test.": ("TXT", ['"' + "a" * 60 + 'b"']),
    "1.2.0.192.in-addr.arpa.": ("PTR", ["a.test."]),
}


def reply(query: bytes, tcp: bool = False) -> list[bytes]:
    """What our server says to a query; several datagrams where it is to be odd."""
    asked = dns.message.from_wire(query)
    made = dns.message.make_response(asked)
    name = asked.question[0].name.to_text()
    if name in RECORDS:
        kind, texts = RECORDS[name]
        made.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *texts))
    elif name == "large.test." and not tcp:
        made.flags |= dns.flags.TC
    elif name == "large.test.":
        made.answer.append(dns.rrset.from_text(name, 60, "IN", "A", *(f"192.0.2.{n}" for n in range(200))))
    elif name == "refused.test.":
        made.set_rcode(dns.rcode.REFUSED)
    elif name == "none.test.":
        made.set_rcode(dns.rcode.NXDOMAIN)
    elif name == "spoofed.test.":
        made.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.9"))
        other = dns.message.make_response(dns.message.make_query("other.test.", "A", id=asked.id))
        wrong = made.to_wire()
        return [b"", b"x" * 40, bytes([wrong[0] ^ 1]) + wrong[1:], query, other.to_wire(), wrong]
    elif name == "silent.test.":
        return []
    return [made.to_wire(max_size=65_535)]


class Server(asyncio.DatagramProtocol):
    lose = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.lose:
            self.lose -= 1
            return
        for one in reply(data):
            self.transport.sendto(one, addr)


@pytest.fixture
async def server() -> Any:
    """``(port, protocol)`` of a server on both UDP and TCP."""

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            size = struct.unpack("!H", await reader.readexactly(2))[0]
            for answer in reply(await reader.readexactly(size), tcp=True)[:1]:
                wire = struct.pack("!H", len(answer)) + answer
                writer.write(wire[:5])
                await writer.drain()
                await asyncio.sleep(0.01)
                writer.write(wire[5:])
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    listener = await asyncio.start_server(stream, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", port))
    yield port, protocol
    transport.close()
    listener.close()
    await listener.wait_closed()


@pytest.mark.parametrize(
    ("query", "spec", "outcome", "reason"),
    [
        ("a.test", {}, PASS, "A a.test is 192.0.2.1, 192.0.2.2"),
        ("a.test", {"expect": "2$"}, PASS, "A a.test is 192.0.2.2"),
        ("a.test", {"expect": "^10\\."}, FAIL, 'A a.test is 192.0.2.1, 192.0.2.2, not "^10\\."'),
        ("a.test", {"protocol": "tcp"}, PASS, "A a.test is 192.0.2.1, 192.0.2.2"),
        ("a.test", {"type": "AAAA"}, FAIL, "AAAA a.test has no answers"),
        ("a.test", {"code": "NXDOMAIN"}, FAIL, "A a.test answered NOERROR, not NXDOMAIN"),
        ("m.test", {"type": "MX"}, PASS, "MX m.test is 10 mail.test."),
        ("192.0.2.1", {"type": "PTR"}, PASS, "PTR 192.0.2.1 is a.test."),
        ("none.test", {}, FAIL, "A none.test answered NXDOMAIN"),
        ("none.test", {"code": "NXDOMAIN"}, PASS, "A none.test answered NXDOMAIN, as expected"),
        ("refused.test", {}, FAIL, "A refused.test answered REFUSED"),
        ("large.test", {"expect": "^192.0.2.77$"}, PASS, "A large.test is 192.0.2.77"),
        ("spoofed.test", {}, PASS, "A spoofed.test is 192.0.2.9"),
        ("silent.test", {"timeout": 0.2}, FAIL, "no answer within 0.2 s"),
        (
            "silent.test",
            {"timeout": 0.2, "protocol": "tcp"},
            FAIL,
            "closed the connection without a whole answer",
        ),
        ("spoofed.test", {"timeout": 0.2, "protocol": "tcp"}, FAIL, "answered what was not asked"),
        ("t.test", {"type": "TXT", "expect": "(a+)+$"}, UNKNOWN, "takes too long on this answer"),
        ("a..test", {}, UNKNOWN, "is not a name"),
        ("a.test", {"expect": "("}, UNKNOWN, "cannot be asked"),
    ],
)
async def test_judgement(
    context: Any, server: Any, query: str, spec: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    result = await probe(DnsProbe(name_server=f"127.0.0.1:{server[0]}", query=query, **spec), context)
    assert result.outcome is outcome, result.reason
    assert reason in result.reason


async def test_a_lost_datagram_is_sent_again(
    context: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.monitor.probe.dns.AGAIN", 0.1)
    server[1].lose = 1
    result = await probe(DnsProbe(name_server=f"127.0.0.1:{server[0]}", query="a.test"), context)
    assert result.outcome is PASS
    assert result.seconds > 0.1


async def test_nobody_listens(context: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    result = await probe(DnsProbe(name_server=f"127.0.0.1:{port}", query="a.test"), context)
    assert result.outcome is FAIL
    assert result.refused


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# x\nsearch a\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n", "192.0.2.1"),
        ("nameserver 2001:db8::1\n", "[2001:db8::1]"),
        ("nameserver\n", "127.0.0.1"),
        (None, "127.0.0.1"),
    ],
)
def test_system_server(tmp_path: Any, text: str | None, wanted: str) -> None:
    path = tmp_path / "resolv.conf"
    if text is not None:
        path.write_text(text)
    assert system_server(str(path)) == wanted


PLAN = Plan(DnsProbe(name_server="192.0.2.1", query="a.test"))


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_an_answer_or_not(data: bytes, headed: bool) -> None:
    number = 0x4766
    if headed:
        data = struct.pack("!HHHHHH", number, 0x8180, 1, 1, 0, 0) + PLAN.wire[10:27] + data
    found = parse(data, number, PLAN)
    assert found is None or found.id == number


def test_without_dnspython(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    make: Callable[[], Plan] = lambda: Plan(DnsProbe(name_server="192.0.2.1", query="a.test"))  # noqa: E731
    monkeypatch.setitem(sys.modules, "dns.reversename", None)
    with pytest.raises(ValueError, match=r"install gadfly\[dns\]"):
        make()
