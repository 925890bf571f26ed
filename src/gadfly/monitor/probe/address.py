"""``host:port`` as people write it."""

from __future__ import annotations

import re

_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+(?:%[^\]\s]+)?)\](?::(\d{1,5}))?")
_PLAIN = re.compile(r"([^\s:\[\]/@]+)(?::(\d{1,5}))?")


def split(text: str, port: int = 0) -> tuple[str, int]:
    """Host and port of ``host:port``, ``[v6]:port`` or ``host`` (then ``port``, if it is not 0).

    :raises ValueError: with a message for whoever wrote the address.
    """
    found = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text[:80]}" is not an address; write host:port or [v6 address]:port')
    number = int(found[2]) if found[2] else port
    if not 0 < number < 65536:
        raise ValueError(f'"{text[:80]}" has no port between 1 and 65535; write host:port')
    return found[1], number
