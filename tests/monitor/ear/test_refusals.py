"""ICMP errors: a closed port is a refusal of the enquiry quoted; everything else is not."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from gadfly.monitor.refusals import Refusal, parse, read
from gadfly.monitor.sockets import Listener, open_listener
from gadfly.telemetry.frame import Frame, Kind, encode

ENQUIRY = encode(Frame(Kind.enquiry, 7, sequence=640))


def error(origin: int, kind: int, code: int) -> bytes:
    return struct.pack("=IBBBxII", 111, origin, kind, code, 0, 0)


@pytest.mark.parametrize(
    ("extended", "quoted", "found"),
    [
        (error(2, 3, 3), ENQUIRY, Refusal(7, 640)),
        (error(3, 1, 4), ENQUIRY, Refusal(7, 640)),
        (error(2, 3, 1), ENQUIRY, None),  # host unreachable: a router's opinion
        (error(2, 3, 3), ENQUIRY[:20], None),  # too little quoted to know what was asked
        (error(2, 3, 3), encode(Frame(Kind.beat, 7, sequence=640)), None),
        (error(2, 3, 3), b"x" * 64, None),
        (error(1, 0, 0), ENQUIRY, None),  # of our own making
        (b"short", ENQUIRY, None),
    ],
)
def test_parse(extended: bytes, quoted: bytes, found: Refusal | None) -> None:
    assert parse(extended, quoted) == found


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_closed_port_on_loopback(host: str) -> None:
    made = open_listener(Listener(host, 0))
    if made is None:
        pytest.skip("this machine has no IPv6")
    with made, socket.socket(made.family, socket.SOCK_DGRAM) as closed:
        closed.bind((host, 0))
        address = closed.getsockname()
        closed.close()
        made.sendto(ENQUIRY, address)
        deadline = time.monotonic() + 2
        found: list[Refusal] = []
        while not found and time.monotonic() < deadline:
            found = read(made)
        assert found == [Refusal(7, 640)]
        assert read(made) == []
