"""Sending beats as UDP datagrams, and hearing enquiries; nothing here waits and nothing raises OSError."""

from __future__ import annotations

import errno
import select
import socket
import struct
import threading
import time
from typing import Any

from gadfly.instrument.destination import Destination

REFRESH = 30.0
"""Seconds after which a name is looked up again."""
RETRY = 1.0
"""Seconds after which an interface or route that was lost is tried again."""
_LOST = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENODEV, errno.EADDRNOTAVAIL, errno.ENETDOWN}
_TRANSIENT = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS, errno.EINTR, errno.ECONNREFUSED, errno.EPERM}
_FULL = 2048

Address = tuple[Any, ...]


class DatagramLink:
    """One UDP socket to beat from, which also hears unicast enquiries; by multicast a second one on port + 1.

    Names are looked up in a thread of their own, because a resolver may hang for longer than a beat may be
    late; until the first answer comes, beats are dropped.
    """

    def __init__(self, to: Destination) -> None:
        self.to = to
        self.trouble = ""
        self._target: Address | None = None
        self._family = socket.AF_INET
        self._socket: socket.socket | None = None
        self._group: socket.socket | None = None
        self._on_loopback = False
        self._refreshed = -REFRESH
        self._tried = -RETRY
        self._lookup: threading.Thread | None = None
        self._found: tuple[int, Address] | None = None
        self._lock = threading.Lock()

    def send(self, datagram: bytes) -> bool:
        """Send a beat; False when it could not leave this machine's socket (`trouble` tells why)."""
        self._refresh()
        if self._target is None or not self._open():
            return False
        if self._send_to(datagram, self._target):
            return True
        if (
            self.to.way == "multicast"
            and not self._on_loopback
            and self._socket is None
            and self._open(loopback=True)
        ):
            return self._send_to(datagram, self._target)
        return False

    def answer(self, datagram: bytes, address: Address) -> None:
        """Send a reply to whoever enquired."""
        if self._socket is not None:
            self._send_to(datagram, address)

    def sockets(self) -> list[socket.socket]:
        """What to wait on for enquiries."""
        return [each for each in (self._socket, self._group) if each is not None]

    def receive(self, readable: socket.socket) -> tuple[bytes, Address] | None:
        """One waiting datagram and where it came from; None when there is none."""
        try:
            return readable.recvfrom(_FULL)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno not in _TRANSIENT:
                self._fail(error)
            return None

    def close(self) -> None:
        """Close the sockets; a later send opens new ones."""
        for each in self.sockets():
            each.close()
        self._socket = self._group = None

    def _send_to(self, datagram: bytes, address: Address) -> bool:
        assert self._socket is not None
        try:
            self._socket.sendto(datagram, address)
        except OSError as error:
            if error.errno not in _TRANSIENT:
                self._fail(error)
            else:
                self.trouble = f"{self.to}: {error.strerror}"
            return False
        self.trouble = ""
        return True

    def _fail(self, error: OSError) -> None:
        self.trouble = f"{self.to}: {error.strerror or error}"
        self.close()
        if error.errno not in _LOST:
            self._on_loopback = False

    def _open(self, loopback: bool = False) -> bool:
        if self._socket is not None:
            return True
        try:
            made = socket.socket(self._family, socket.SOCK_DGRAM)
        except OSError as error:
            self.trouble = f"{self.to}: {error.strerror}"
            return False
        try:
            made.setblocking(False)
            if self.to.way == "multicast":
                _beat_by_multicast(made, self._family, "lo" if loopback else self.to.interface)
            host = self._target[0] if self._target and self._target[0] in ("127.0.0.1", "::1") else ""
            made.bind(
                (host, 0)
            )  # now, so that enquiries can be waited for; on loopback heard from there only
        except (OSError, ValueError) as error:
            made.close()
            self.trouble = f"{self.to}: {error}"
            return False
        self._socket = made
        self._on_loopback = loopback
        if self.to.way == "multicast":
            self._group = _hear_group(self.to, self._family, "lo" if loopback else self.to.interface)
        return True

    def _refresh(self) -> None:
        """Take what the look-up found, and start the next one when it is time."""
        with self._lock:
            found, self._found = self._found, None
        if found is not None:
            family, target = found
            if family != self._family:
                self.close()
            self._family, self._target = socket.AddressFamily(family), target
        now = time.monotonic()
        if self._on_loopback and now - self._tried >= RETRY:
            self._tried = now
            if self._reachable():
                self.close()
        if now - self._refreshed < (REFRESH if self._target is not None else 1.0):
            return
        self._refreshed = now
        if numeric := _numeric(self.to.host, self.to.port):
            if self._target is None:
                self._family, self._target = numeric
        elif self._lookup is None or not self._lookup.is_alive():
            self._lookup = threading.Thread(target=self._look_up, name="gadfly-lookup", daemon=True)
            try:
                self._lookup.start()
            except RuntimeError as error:  # no more threads: tried again at the next refresh
                self.trouble = f"{self.to}: {error}"

    def _reachable(self) -> bool:
        """Whether there is a way to the group again. Until then the socket stays: its port is known."""
        assert self._target is not None
        try:
            with socket.socket(self._family, socket.SOCK_DGRAM) as probe:
                _beat_by_multicast(probe, self._family, self.to.interface)
                probe.connect(self._target)
        except (OSError, ValueError):
            return False
        return True

    def _look_up(self) -> None:
        try:
            family, _, _, _, address = socket.getaddrinfo(self.to.host, self.to.port, type=socket.SOCK_DGRAM)[
                0
            ]
        except (OSError, UnicodeError) as error:
            self.trouble = f"{self.to}: {error}"
            return
        with self._lock:
            self._found = (family, address)


def wait(sockets: list[socket.socket], wakeup: socket.socket, seconds: float) -> list[socket.socket]:
    """Those of the sockets that have something to read, after at most so many seconds."""
    try:
        return select.select([*sockets, wakeup], [], [], max(0.0, seconds))[0]
    except (OSError, ValueError):  # one was closed, or its number is too high for select
        return _poll([*sockets, wakeup], seconds)


def _poll(sockets: list[socket.socket], seconds: float) -> list[socket.socket]:
    open_ones = {each.fileno(): each for each in sockets if each.fileno() >= 0}
    poll = select.poll()
    for number in open_ones:
        poll.register(number, select.POLLIN)
    return [open_ones[number] for number, _ in poll.poll(max(0.0, seconds) * 1000)]


def _numeric(host: str, port: int) -> tuple[socket.AddressFamily, Address] | None:
    for family, address in ((socket.AF_INET, (host, port)), (socket.AF_INET6, (host, port, 0, 0))):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return family, address
    return None


def _interface(name: str, family: int) -> tuple[bytes, int]:
    """An interface by name or IPv4 address, as that address (or zeros) and its index (or 0)."""
    numeric = _numeric(name, 0)
    if not name:
        return bytes(4), 0
    if numeric is None:
        return bytes(4), socket.if_nametoindex(name)
    if family == socket.AF_INET6 or numeric[0] == socket.AF_INET6:
        raise ValueError(f"{name}: with IPv6 an interface is told by its name")
    return socket.inet_aton(name), 0


def _beat_by_multicast(made: socket.socket, family: int, interface: str) -> None:
    address, index = _interface(interface, family)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 1)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        return
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    if interface:
        made.setsockopt(
            socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=4s4si", bytes(4), address, index)
        )


def _hear_group(to: Destination, family: int, interface: str) -> socket.socket | None:
    """A socket in the group on port + 1. None where that cannot be had: unicast enquiries still arrive."""
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        address, index = _interface(interface, family)
        made.bind((to.host, to.port + 1))
        group = socket.inet_pton(family, to.host)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("=I", index))
        else:
            joined = struct.pack("=4s4si", group, address, index)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
    except (OSError, ValueError, OverflowError):
        made.close()
        return None
    return made
