"""Where a granted name may lead. Pure: addresses in, yes or no out.

A grant names a host, and whoever answers for that host's name decides what address it has. Only addresses of
the public net are reached that way. This machine, link-local addresses (where clouds keep credentials),
private networks and groups need to be named by number: in the address that was granted, or, for private
networks, by whoever runs the node.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_APART = tuple(map(ipaddress.IPv4Network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24")))
"""Shared by carriers, of protocols, and of relays of 6to4."""
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is given out of IPv6; what lies beyond is local, or goes through a translator."""
_APART6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "3fff::/20")))
"""Of protocols, and of documentation; not every version of Python knows."""
LOCAL = ("localhost",)


class Reach(NamedTuple):
    """What the operator of a node opened beside the public net."""

    networks: tuple[Network, ...] = ()

    def allows(self, host: str, address: str) -> bool:
        """Whether a connection for the granted `host` may go to `address`, which its name led to."""
        found = plain(address)
        if found is None or found.is_multicast or found.is_unspecified:
            return False
        named = plain(host)
        if named is not None:
            return found == named
        if found.is_loopback:
            return host in LOCAL
        if host in LOCAL:
            return False
        if public(found):
            return True
        if found.is_link_local:
            return False
        return any(found.version == one.version and found in one for one in self.networks)


def parse(entries: Iterable[str]) -> Reach:
    """ValueError, for whoever wrote them, where one is no network, or one that cannot be opened as a
    whole."""
    networks: list[Network] = []
    for entry in entries:
        try:
            found = ipaddress.ip_network(entry)
        except ValueError:
            raise ValueError(f'"{entry[:80]}" is not a network; write 10.2.0.0/16') from None
        if found.prefixlen == 0 or found.is_loopback or found.is_link_local or found.is_multicast:
            raise ValueError(f"{entry} cannot be opened to every grant; a grant may name one address of it")
        networks.append(found)
    return Reach(tuple(networks))


def plain(text: str) -> Address | None:
    """The address, out of the clothes that it may wear: IPv4 within IPv6. None where it is a name."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return found
    inner = found.ipv4_mapped or found.sixtofour
    if inner is None and (found in _NAT64 or (found in _COMPATIBLE and int(found) > 0xFFFF)):
        inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
    return inner or found


def public(address: Address) -> bool:
    """Whether it is of the public net."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_reserved and not any(address in one for one in _APART)
    return address.is_global and address in _UNICAST and not any(address in one for one in _APART6)
