"""Where an HTTP action may go: hosts that the configuration names, and what their names may lead to.

An entry is ``deploy.example.org``, ``deploy.example.org:8443``, ``*.example.org``, an address
(``127.0.0.1``, ``127.0.0.1:8443``, ``[::1]:8443``), or a network as ``10.2.0.0/16``. A listed
name is trusted to lead anywhere but to this machine, to a link-local address (where clouds keep their
credentials) or to a group of machines; those need an entry of their own address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

import msgspec

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Allowed(msgspec.Struct, frozen=True):
    """The list. Empty: nothing is allowed."""

    names: tuple[tuple[str, int], ...] = ()
    """Host names in lower case (a leading ``*.`` for all below) and a port; 0: any port."""
    networks: tuple[tuple[Network, int], ...] = ()
    """Addresses and networks, and a port; 0: any port."""

    def named(self, host: str, port: int) -> bool:
        """Whether a URL may name this host and port."""
        host = host.lower().rstrip(".")
        address = _address(host)
        if address is not None:
            return self._covers(address, port)
        return any(
            at in (0, port) and (host.endswith(name[1:]) if name.startswith("*.") else host == name)
            for name, at in self.names
        )

    def reached(self, address: str, port: int) -> bool:
        """Whether the address that an allowed name led to may be connected to at this port."""
        found = _address(address)
        if found is None:
            return False
        if self._covers(found, port):
            return True
        return not (
            found.is_loopback
            or found.is_link_local
            or found.is_multicast
            or found.is_unspecified
            or found.is_reserved
        )

    def _covers(self, address: Address, port: int) -> bool:
        return any(
            at in (0, port) and address.version == network.version and address in network
            for network, at in self.networks
        )


def parse(entries: Iterable[str]) -> Allowed:
    """Read the entries. ValueError, for whoever wrote them, where one is neither a host nor a network."""
    names: list[tuple[str, int]] = []
    networks: list[tuple[Network, int]] = []
    for entry in entries:
        if (network := _network(entry)) is not None:
            networks.append((network, 0))
            continue
        host, colon, port = entry.lower().rpartition(":")
        if not colon:
            host, port = port, "0"
        if (network := _network(host)) is not None and "/" not in host:
            networks.append((network, _port(entry, port)))
            continue
        plain = host.removeprefix("*.")
        if "/" in port or not plain or not all(part.replace("-", "a").isalnum() for part in plain.split(".")):
            raise ValueError(
                f'"{entry[:80]}" is not a host; write deploy.example.org, deploy.example.org:8443, '
                "*.example.org or 10.2.0.0/16"
            )
        names.append((host, _port(entry, port)))
    return Allowed(tuple(names), tuple(networks))


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text.strip("[]"))
    except ValueError:
        return None


def _port(entry: str, port: str) -> int:
    if not port.isdecimal() or not port.isascii() or int(port) > 65_535:
        raise ValueError(f'"{entry[:80]}": a port is a number up to 65535')
    return int(port)


def _address(host: str) -> Address | None:
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    # An IPv4 address in IPv6 clothes is what it is.
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found
