"""Addresses as people write them: ``host:port``, ``[v6]:port``."""

from __future__ import annotations

import re

_HOST_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^\s:/@\[\]]{1,253})):(\d{1,5})", re.ASCII)


def split(text: str) -> tuple[str, int]:
    """Host and port. ValueError, with a message for whoever wrote it, where `text` is not ``host:port``."""
    found = _HOST_PORT.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text[:80]}" is not an address; write host:port, or [::1]:port for IPv6')
    port = int(found[3])
    if not 0 < port < 65_536:
        raise ValueError(f'"{text[:80]}": a port is between 1 and 65535')
    return found[1] or found[2], port
