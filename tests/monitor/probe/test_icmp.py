"""Ping: packets, and what is done where it is not permitted."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.config.probe import IcmpProbe
from gadfly.monitor.probe.icmp import checksum, echo, is_reply, probe
from gadfly.monitor.probe.result import Outcome

V4, V6 = socket.AF_INET, socket.AF_INET6
TOKEN = b"12345678"


def permitted() -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(V4, kind, socket.IPPROTO_ICMP).close()
        except OSError:
            continue
        return True
    return False


@given(st.binary(max_size=64))
def test_a_packet_with_its_checksum_sums_to_zero(data: bytes) -> None:
    data += b"\0" * (len(data) % 2)
    assert checksum(data + checksum(data).to_bytes(2)) == 0


def test_a_known_checksum() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D  # RFC 1071, section 3


def test_echo() -> None:
    assert echo(V6, 1, 2, TOKEN) == b"\x80\0\0\0\0\x01\0\x02" + TOKEN
    packet = echo(V4, 1, 2, TOKEN)
    assert packet[:2] == b"\x08\0"
    assert checksum(packet) == 0


HEAD4 = b"\x45" + b"\0" * 19


@pytest.mark.parametrize(
    ("family", "packet", "raw", "wanted"),
    [
        (V4, b"\0\0\0\0\0\x01\0\x02" + TOKEN, False, True),
        (V4, HEAD4 + b"\0\0\0\0\0\x01\0\x02" + TOKEN, True, True),
        (V6, b"\x81\0\0\0\0\x01\0\x02" + TOKEN, True, True),
        (V4, b"\x08\0\0\0\0\x01\0\x02" + TOKEN, False, False),
        (V4, b"\0\0\0\0\0\x01\0\x02" + TOKEN[::-1], False, False),
        (V4, b"\0\0\0\0\0\x01\0\x02" + TOKEN[:4], False, False),
        (V4, b"", True, False),
    ],
)
def test_is_reply(family: int, packet: bytes, raw: bool, wanted: bool) -> None:
    assert is_reply(family, packet, raw, TOKEN) is wanted


@pytest.mark.skipif(not permitted(), reason="this machine permits no ping")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
async def test_loopback_answers(context: Any, address: str) -> None:
    result = await probe(IcmpProbe(address=address), context)
    assert result.outcome is Outcome.passing, result.reason
    assert result.reason == f"{address} answers ping"
    assert 0 < result.seconds < 1


async def test_not_permitted_is_unknown(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def refuse(family: int, kind: int, deadline: float, protocol: int = 0) -> Any:
        tried.append(kind)
        raise PermissionError(errno.EPERM, "not permitted")

    monkeypatch.setattr(context.poller, "open", refuse)
    result = await probe(IcmpProbe(address="127.0.0.1"), context)
    assert tried == [socket.SOCK_DGRAM, socket.SOCK_RAW]
    assert result.outcome is Outcome.unknown
    assert "ping_group_range" in result.reason


class Mute:
    """In place of a link: loses the first requests, refuses, or says nothing."""

    def __init__(self, lose: int, error: OSError | None = None) -> None:
        self.lose, self.error, self.sent = lose, error, b""

    async def connect(self, address: Any) -> None: ...

    async def send(self, data: bytes) -> None:
        self.sent = data

    async def receive(self, size: int) -> bytes:
        if self.error:
            raise self.error
        self.lose -= 1
        if self.lose >= 0:
            raise TimeoutError
        return b"\0" + self.sent[1:]

    def renew(self, deadline: float) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("link", "outcome", "words"),
    [
        (Mute(2), Outcome.passing, "answers ping"),
        (Mute(99), Outcome.fail, "no answer within 5 s"),
        (Mute(0, OSError(errno.EHOSTUNREACH, "x")), Outcome.fail, "no route to the host"),
        (Mute(0, OSError(errno.ENETUNREACH, "x")), Outcome.unknown, "no route to that network"),
    ],
)
async def test_losses_and_errors(
    context: Any, monkeypatch: pytest.MonkeyPatch, link: Mute, outcome: Outcome, words: str
) -> None:
    times = iter(range(1000))
    monkeypatch.setattr(context, "now", lambda: float(next(times)) / 4)
    monkeypatch.setattr(context.poller, "open", lambda *_: link)
    result = await probe(IcmpProbe(address="127.0.0.1"), context)
    assert result.outcome is outcome, result.reason
    assert words in result.reason


async def test_a_name_that_does_not_exist(context: Any) -> None:
    result = await probe(IcmpProbe(address="nobody.invalid", timeout=2.0), context)
    assert result.outcome in (Outcome.fail, Outcome.unknown)
    assert "name" in result.reason


def test_an_odd_number_of_bytes_is_summed_with_a_zero() -> None:
    assert checksum(b"\x01\x02\x03") == checksum(b"\x01\x02\x03\0")


async def test_other_errors_of_the_kernel_are_told(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise OSError(errno.EMFILE, "x")

    monkeypatch.setattr(context.poller, "open", refuse)
    result = await probe(IcmpProbe(address="127.0.0.1"), context)
    assert result.outcome is Outcome.unknown
    assert "file descriptors" in result.reason
