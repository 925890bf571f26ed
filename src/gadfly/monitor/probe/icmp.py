"""Ping.

Linux lets processes of the groups in ``net.ipv4.ping_group_range`` send echo requests through a datagram
socket; the kernel then matches the replies. Where that is not permitted a raw socket is tried (root, or
CAP_NET_RAW), on which we match them ourselves. Where neither is, the result is `unknown`.
"""

from __future__ import annotations

import errno
import itertools
import os
import socket
import struct

from gadfly.config.probe import IcmpProbe
from gadfly.monitor.probe.context import ADDRESSES, Context
from gadfly.monitor.probe.failure import explain
from gadfly.monitor.probe.poller import Link
from gadfly.monitor.probe.resolve import Place
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.stopwatch import Stopwatch

REQUEST: dict[int, int] = {socket.AF_INET: 8, socket.AF_INET6: 128}
REPLY: dict[int, int] = {socket.AF_INET: 0, socket.AF_INET6: 129}
AGAIN = 1.0
"""Seconds between two requests of one enquiry: one lost packet is not an answer."""
NOT_PERMITTED = (
    "ping is not permitted here; allow it by `sysctl net.ipv4.ping_group_range='0 2147483647'`"
    " or give the node CAP_NET_RAW"
)

_PROTOCOL: dict[int, int] = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_numbers = itertools.count(int.from_bytes(os.urandom(2)))


def checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data[: len(data) // 2 * 2]))
    if len(data) % 2:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo(family: int, identifier: int, number: int, token: bytes) -> bytes:
    """An echo request. The checksum of ICMPv6 is filled in by the kernel."""
    head = struct.pack("!BBHHH", REQUEST[family], 0, 0, identifier, number)
    if family == socket.AF_INET:
        head = struct.pack("!BBHHH", REQUEST[family], 0, checksum(head + token), identifier, number)
    return head + token


def is_reply(family: int, packet: bytes, raw: bool, token: bytes) -> bool:
    """Whether a received packet answers the request with this token (8 random bytes tell it from others')."""
    if raw and family == socket.AF_INET:
        packet = packet[(packet[0] & 15) * 4 :] if packet else b""
    return (
        len(packet) >= 8 + len(token) and packet[0] == REPLY[family] and packet[8 : 8 + len(token)] == token
    )


async def probe(spec: IcmpProbe, context: Context) -> Result:
    """Ask once: a request each :data:`AGAIN` seconds until one is answered or the time is over."""
    watch = Stopwatch(context.now, "dns")
    deadline = watch.began + spec.timeout
    try:
        places = context.resolver.known(spec.address)
        if places is None:
            places = await context.resolver.find(spec.address, deadline)
        watch.start("first_byte")
        first: OSError | None = None
        for left, place in zip(range(len(places[:ADDRESSES]), 0, -1), places, strict=False):
            try:
                await _ping(context, place, context.now() + (deadline - context.now()) / left)
            except PermissionError:
                return Result(outcome=Outcome.unknown, reason=f"{spec.address}: {NOT_PERMITTED}")
            except OSError as error:
                first = first or error
            else:
                seconds = watch.stop()
                return Result(
                    outcome=Outcome.passing,
                    reason=f"{spec.address} answers ping",
                    seconds=seconds,
                    phases=watch.phases,
                )
        raise first or OSError("no address")
    except OSError as error:
        return explain(error, watch, spec.timeout, spec.address)


def _open(context: Context, family: int, deadline: float) -> tuple[Link, bool]:
    """``(link, raw)``. :raises PermissionError: if the kernel permits neither."""
    try:
        return context.poller.open(family, socket.SOCK_DGRAM, deadline, _PROTOCOL[family]), False
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EPROTONOSUPPORT):
            raise
    return context.poller.open(family, socket.SOCK_RAW, deadline, _PROTOCOL[family]), True


async def _ping(context: Context, place: Place, deadline: float) -> None:
    """:raises OSError: TimeoutError without an answer, or what an ICMP error means."""
    identifier, number = os.getpid() & 0xFFFF, next(_numbers) & 0xFFFF
    token = os.urandom(8)
    link, raw = _open(context, place.family, deadline)
    try:
        await link.connect(place.at(0))
        while True:
            await link.send(echo(place.family, identifier, number, token))
            now = context.now()
            link.renew(min(deadline, now + AGAIN))
            try:
                while not is_reply(place.family, await link.receive(2048), raw, token):
                    # A raw socket sees every echo of that address, also those of others.
                    continue
            except TimeoutError:
                if now + AGAIN >= deadline:
                    raise
                link.renew(deadline)
                number = (number + 1) & 0xFFFF
            else:
                return
    finally:
        link.close()
