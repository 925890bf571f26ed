"""Where beats go: reading the `to` of a heart. No name is looked up here."""

from __future__ import annotations

import os
import socket
from typing import Literal, NamedTuple

from gadfly.instrument import runfile
from gadfly.telemetry.frame import GROUP, PORT

EVERY = 1.0
"""Seconds between two beats where nobody says: a death is then known in about a second."""
FASTEST, SLOWEST = 0.01, 86_400.0


class Destination(NamedTuple):
    """An address as written. `host` is a name or a numeric address, `interface` a name or an address."""

    way: Literal["unicast", "multicast", "http"]
    host: str
    port: int
    interface: str = ""
    url: str = ""

    def __str__(self) -> str:
        if self.way == "http":
            return self.url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" + (f"%{self.interface}" if self.interface else "")


def find(to: str | None) -> Destination:
    """`to` itself, else $GADFLY_TO, else the node that this user runs on this machine, else the group."""
    written = to or os.environ.get("GADFLY_TO", "")
    if not written:
        node = runfile.read() or {}
        written = str(node.get("udp") or f"{GROUP}:{PORT}")
    return parse(written)


def interval(to: str | None) -> float:
    """Seconds between two beats where none were asked for: as this user's node wishes, if they go there."""
    if to or os.environ.get("GADFLY_TO", ""):
        return EVERY
    wished = (runfile.read() or {}).get("every")
    return float(wished) if isinstance(wished, (int, float)) and FASTEST <= wished <= SLOWEST else EVERY


def parse(to: str) -> Destination:
    """Read `host:port`, `[v6]:port`, `group:port%interface`, or `http(s)://node:7171`.

    The port may be left out: it is then 7170. An interface goes with a multicast group only. ValueError says
    what is wrong.
    """
    if to.startswith(("http://", "https://")):
        return _http(to)
    address, interface = _split_interface(to)
    host, port = _host_port(address, to)
    multicast = _is_multicast(host)
    if interface and not multicast:
        raise ValueError(f"{to}: an interface goes with a multicast group only, and {host} is none")
    return Destination("multicast" if multicast else "unicast", host, port, interface)


def _split_interface(to: str) -> tuple[str, str]:
    """The interface stands at the end or, with IPv6, within the brackets."""
    address, _, interface = to.partition("%")
    zone, bracket, port = interface.partition("]")
    return (address + bracket + port, zone) if bracket else (address, interface)


def _host_port(address: str, to: str) -> tuple[str, int]:
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{to}: an IPv6 address is written [ff15::4766]:7170")
        _check_v6(host, to)
        written = rest[1:]
    else:
        host, _, written = address.partition(":")
        if ":" in written:
            raise ValueError(f"{to}: an IPv6 address is written [ff15::4766]:7170")
    if not host or any(character.isspace() for character in host):
        raise ValueError(f"{to!r} is no address; write host:port, group:port%interface or http://node:7171")
    if not written:
        return host, PORT
    if not (written.isascii() and written.isdigit()) or not 0 < int(written) < 65536:
        raise ValueError(f"{to}: {written} is not a port")
    return host, int(written)


def _check_v6(host: str, to: str) -> None:
    if _numeric(socket.AF_INET6, host) is None:
        raise ValueError(f"{to}: {host} is not an IPv6 address")


def _is_multicast(host: str) -> bool:
    """224.0.0.0/4 or ff00::/8."""
    v4, v6 = _numeric(socket.AF_INET, host), _numeric(socket.AF_INET6, host)
    return (v4 is not None and v4[0] >> 4 == 0xE) or (v6 is not None and v6[0] == 0xFF)


def _numeric(family: socket.AddressFamily, host: str) -> bytes | None:
    try:
        return socket.inet_pton(family, host)
    except (OSError, ValueError):
        return None


def _http(url: str) -> Destination:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{url}: write http://node:7171; a token goes into GADFLY_TOKEN")
    return Destination("http", parts.hostname, port, url=url.rstrip("/"))
