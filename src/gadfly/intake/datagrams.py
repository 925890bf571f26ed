"""UDP sockets of the intake: read in turns, so that a flood on one keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
import struct
from collections.abc import Callable, Sequence

from gadfly.address import split
from gadfly.monitor.sockets import drops

log = logging.getLogger("gadfly.intake")

TURN = 64
"""Datagrams that are read before others get their turn."""
LONGEST = 65_535
BUFFER = 8 << 20
"""Bytes asked of the kernel for each socket; it may give less."""

Take = Callable[[bytes, str], None]
"""A datagram and its sender's address. Does not raise."""


class Datagrams:
    """Sockets bound to addresses; groups of multicast are joined."""

    def __init__(self, addresses: Sequence[str], interfaces: Sequence[str], take: Take) -> None:
        """OSError, or ValueError for an address that is none, where one cannot be had: then none is open."""
        self._take = take
        self._sockets: list[socket.socket] = []
        self._lost = 0
        self.received = 0
        self._loop = asyncio.get_running_loop()
        try:
            for address in addresses:
                self._sockets.append(_bound(address, interfaces))
        except BaseException:
            self.close()
            raise
        for one in self._sockets:
            self._loop.add_reader(one.fileno(), self._read, one)

    def ports(self) -> list[tuple[str, int]]:
        """Where it listens."""
        return [one.getsockname()[:2] for one in self._sockets]

    def drops(self) -> int:
        """Datagrams that the kernel had no room for, as they came faster than they were read."""
        found = self._lost
        for one in self._sockets:
            with contextlib.suppress(OSError):
                found += drops(one)
        return found

    def close(self) -> None:
        """Listen no more."""
        self._lost = self.drops()
        for one in self._sockets:
            self._loop.remove_reader(one.fileno())
            one.close()
        self._sockets.clear()

    def _read(self, one: socket.socket) -> None:
        for _ in range(TURN):
            try:
                data, peer = one.recvfrom(LONGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:  # an ICMP error that somebody's datagram brought about
                log.debug("%s", error)
                return
            self.received += 1
            self._take(data, peer[0])


def _bound(address: str, interfaces: Sequence[str]) -> socket.socket:
    host, port = split(address)
    where = ipaddress.ip_address(host.partition("%")[0])
    family = socket.AF_INET if where.version == 4 else socket.AF_INET6
    one = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if where.is_multicast:
            # Others on this machine may listen to the group as well.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((str(where), port))
        if where.is_multicast:
            for index in [socket.if_nametoindex(name) for name in interfaces] or [0]:
                _join(one, where, index)
    except BaseException:
        one.close()
        raise
    return one


def _join(one: socket.socket, group: ipaddress.IPv4Address | ipaddress.IPv6Address, index: int) -> None:
    if group.version == 4:
        membership = group.packed + bytes(4) + struct.pack("@i", index)
        one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    else:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group.packed + struct.pack("@I", index))
