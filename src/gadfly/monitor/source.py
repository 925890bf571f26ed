"""Where beats come from: the host in an address, and the network that it is in."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


def host_of(source: str) -> str:
    """The address in `10.0.0.7:4711` or `[fe80::1]:4711`."""
    return source.rpartition(":")[0].strip("[]")


@lru_cache(maxsize=65_536)
def subnet(address: str) -> str:
    """The network that is likely to fail as one: /24 for IPv4, /64 for IPv6; empty for no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 64), strict=False))
