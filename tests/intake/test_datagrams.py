"""UDP is read in turns; what the kernel had no room for is counted; a bad address opens nothing."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from pathlib import Path

import pytest

from gadfly.intake.datagrams import TURN, Datagrams


def free(host: str = "127.0.0.1") -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.bind((host, 0))
        shown = f"[{host}]" if ":" in host else host
        return f"{shown}:{one.getsockname()[1]}"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_others_get_their_turn(host: str) -> None:
    seen: list[tuple[bytes, str]] = []
    at = Datagrams([free(host)], (), lambda data, peer: seen.append((data, peer)))
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as one:
        for number in range(TURN + 5):
            one.sendto(b"%d" % number, at.ports()[0])
    turns = 0
    while len(seen) < TURN + 5:
        before = len(seen)
        await asyncio.sleep(0)
        assert len(seen) - before <= TURN
        turns += 1
        assert turns < 1000
    assert seen[0] == (b"0", host)
    assert at.received == TURN + 5
    at.close()


async def test_what_found_no_room_is_counted() -> None:
    at = Datagrams([free()], (), lambda data, peer: None)
    at._sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        for _ in range(200):
            one.sendto(bytes(1000), at.ports()[0])
    await asyncio.sleep(0.05)
    assert at.drops() > 0
    assert at.drops() + at.received == 200
    lost = at.drops()
    at.close()
    assert at.drops() == lost


@pytest.mark.parametrize("address", ["nowhere", "host.example:1", "192.0.2.1:9"])
async def test_an_address_that_cannot_be_had_opens_none(address: str) -> None:
    where = free()
    with pytest.raises((OSError, ValueError)):
        Datagrams([where, address], (), lambda data, peer: None)
    Datagrams([where], (), lambda data, peer: None).close()


async def test_a_group_of_ipv6_is_joined_and_left() -> None:
    """There is no route for such a group on loopback, so the kernel's own list is looked at."""
    group = ipaddress.ip_address("ff18::efc0:4a42")

    def joined() -> bool:
        return group.packed.hex() in Path("/proc/net/igmp6").read_text()

    at = Datagrams([f"[{group}]:{free('::1').rpartition(':')[2]}"], ("lo",), lambda data, peer: None)
    assert joined()
    at.close()
    assert not joined()
