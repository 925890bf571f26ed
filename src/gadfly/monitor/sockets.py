"""The sockets that beats arrive on. The node opens them and hands them to the ear.

So the ear needs no privilege, a port that is taken is an error where somebody reads it, and while an ear is
replaced the kernel goes on collecting beats in the sockets that the node holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gadfly.errors import ConfigError

PORT = 7170
BUFFER = 128 << 20
"""Bytes of receive buffer asked for. The kernel doubles it and takes some 1,000 bytes for an announce: at
100,000 a second that is more than two seconds in which the ear may be busy."""
_SO_RCVBUFFORCE = 33
_IP_MULTICAST_ALL, _IPV6_MULTICAST_ALL = 49, 29
_IP_RECVERR, _IPV6_RECVERR = 11, 25
_SIOCGIFFLAGS, _SIOCGIFADDR = 0x8913, 0x8915
_IFF_UP, _IFF_LOOPBACK, _IFF_MULTICAST = 1, 8, 0x1000
_SO_MEMINFO, _MEMINFO_DROPS = 55, 8


class Listener(NamedTuple):
    """One socket to have. `groups` are to be joined on it, each on every interface (by index)."""

    host: str
    port: int
    groups: tuple[str, ...] = ()
    interfaces: tuple[int, ...] = ()

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    @property
    def own(self) -> bool:
        """Whether enquiries can leave by it: bound to an address of ours, not to a group."""
        return self.groups != (self.host,)


def plan(
    groups: Sequence[str], interfaces: Sequence[str], bind: str, *, local: bool, missing: bool = False
) -> tuple[Listener, ...]:
    """Which sockets these settings want. `local`: nothing beyond loopback, whatever the other settings say.
    `missing`: a named interface may be absent now, and is left out.

    Raises ConfigError for an address, group or interface that cannot be.
    """
    wanted = [_address(group, "heartbeat.groups") for group in groups]
    for host, _ in wanted:
        if not ipaddress.ip_address(host).is_multicast:
            raise ConfigError(
                f"heartbeat.groups: {host} is no multicast address (239.…, ff1…); use heartbeat.bind"
            )
    indexes = _interfaces(interfaces, local=local, missing=missing)
    port = wanted[0][1] if wanted else PORT
    if bind:
        own = [_address(bind, "heartbeat.bind", port)]
    else:
        own = [("127.0.0.1", port), ("::1", port)] if local else [("0.0.0.0", port), ("::", port)]  # noqa: S104
    if local and not all(ipaddress.ip_address(host).is_loopback for host, _ in own):
        raise ConfigError(
            'heartbeat.bind: the preset "local" stays on loopback; choose "lan" or "wan" for more'
        )
    listeners = []
    for host, at in own:
        same = tuple(group for group, its in wanted if its == at and (":" in group) == (":" in host))
        everywhere = ipaddress.ip_address(host).is_unspecified
        listeners.append(
            Listener(host, at, same if everywhere else (), indexes if everywhere and same else ())
        )
    joined = {group for one in listeners for group in one.groups}
    listeners += [Listener(host, at, (host,), indexes) for host, at in wanted if host not in joined]
    return tuple(listeners)


def open_listener(listener: Listener, beside: Sequence[socket.socket] = ()) -> socket.socket | None:
    """The bound, non-blocking socket. None where the machine has no such family (IPv6 switched off).

    `beside`: sockets of ours that are closed soon and may hold the same port until then. Raises ConfigError
    when the port is taken or the address is not ours.
    """
    try:
        made = socket.socket(listener.family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    except OSError:
        return None
    six = listener.family == socket.AF_INET6
    try:
        if six:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _settings(made, six)
        if ipaddress.ip_address(listener.host).is_multicast:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with _sharing([made, *beside] if beside else []):
            made.bind((listener.host, listener.port))
    except OSError as error:
        made.close()
        if six and not listener.groups and listener.host in ("::1", "::") and error.errno == 99:
            return None
        raise ConfigError(
            f"heartbeat: cannot listen on {listener.host} port {listener.port}: {error.strerror}; "
            "is another node running? change heartbeat.bind or heartbeat.groups"
        ) from None
    return made


def join(made: socket.socket, group: str, index: int) -> None:
    """Hear a group on an interface. OSError where it has no such family, is gone, or there are too many."""
    _membership(made, group, index, socket.IP_ADD_MEMBERSHIP, socket.IPV6_JOIN_GROUP)


def leave(made: socket.socket, group: str, index: int) -> None:
    """The reverse of :func:`join`; an interface that is gone has left already."""
    with contextlib.suppress(OSError):
        _membership(made, group, index, socket.IP_DROP_MEMBERSHIP, socket.IPV6_LEAVE_GROUP)


def drops(made: socket.socket) -> int:
    """Datagrams the kernel dropped for want of room in this socket since it was opened."""
    raw = made.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 64)
    return int(struct.unpack_from("=I", raw, 4 * _MEMINFO_DROPS)[0]) if len(raw) > 4 * _MEMINFO_DROPS else 0


def _settings(made: socket.socket, six: bool) -> None:
    try:
        made.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER)
    except PermissionError:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
    made.setsockopt(level, _IPV6_RECVERR if six else _IP_RECVERR, 1)
    with contextlib.suppress(OSError):  # kernels before 4.20 for IPv6: then foreign groups are heard as well
        made.setsockopt(level, _IPV6_MULTICAST_ALL if six else _IP_MULTICAST_ALL, 0)
    made.setsockopt(level, socket.IPV6_MULTICAST_HOPS if six else socket.IP_MULTICAST_TTL, 1)


def _membership(made: socket.socket, group: str, index: int, four: int, six: int) -> None:
    if ":" in group:
        request = socket.inet_pton(socket.AF_INET6, group) + struct.pack("=I", index)
        made.setsockopt(socket.IPPROTO_IPV6, six, request)
    else:
        request = socket.inet_aton(group) + bytes(4) + struct.pack("=I", index)
        made.setsockopt(socket.IPPROTO_IP, four, request)


@contextlib.contextmanager
def _sharing(some: Sequence[socket.socket]) -> Iterator[None]:
    """Let these hold one port for a moment; afterwards nobody else can come in beside them."""
    before = [made.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) for made in some]
    try:
        for made in some:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield
    finally:
        for made, value in zip(some, before, strict=True):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, value)


def _address(text: str, key: str, port: int = PORT) -> tuple[str, int]:
    host, number = text, str(port)
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        number = rest.removeprefix(":") or number
    elif text.count(":") == 1:
        host, _, number = text.partition(":")
    try:
        ipaddress.ip_address(host)
        value = int(number)
    except ValueError:
        raise ConfigError(f'{key}: "{text}" is no address; write 10.0.0.1:7170 or [fd00::1]:7170') from None
    if not 0 <= value < 65_535:
        raise ConfigError(f"{key}: the port of {text} must be below 65535")
    return host, value


def _interfaces(names: Sequence[str], *, local: bool, missing: bool) -> tuple[int, ...]:
    """Indexes of interfaces; those that are up and take part in multicast where none are named."""
    present = socket.if_nameindex()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        if local or not names:
            flags = [(index, _flags(probe, name)) for index, name in present]
            if local:
                return tuple(index for index, some in flags if some & _IFF_LOOPBACK)
            wanted = _IFF_MULTICAST | _IFF_LOOPBACK
            return tuple(index for index, some in flags if some & _IFF_UP and some & wanted)
        by_name = {name: index for index, name in present}
        found = []
        for name in names:
            index = by_name.get(name) or _index_of_address(probe, name, by_name)
            if index is not None:
                found.append(index)
            elif not missing:
                raise ConfigError(
                    f"heartbeat.interfaces: there is no interface {name}; present: {', '.join(by_name)}"
                )
        return tuple(found)


def _flags(probe: socket.socket, name: str) -> int:
    try:
        raw = fcntl.ioctl(probe, _SIOCGIFFLAGS, struct.pack("16sH14x", name.encode()[:15], 0))
    except OSError:
        return 0
    return int(struct.unpack_from("16xH", raw)[0])


def _index_of_address(probe: socket.socket, address: str, by_name: dict[str, int]) -> int | None:
    """The interface that has this IPv4 address."""
    for name, index in by_name.items():
        try:
            raw = fcntl.ioctl(probe, _SIOCGIFADDR, struct.pack("16s16x", name.encode()[:15]))
        except OSError:
            continue
        if socket.inet_ntoa(raw[20:24]) == address:
            return index
    return None
