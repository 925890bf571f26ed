"""``host:port`` where the kind of probe knows a usual port."""

from __future__ import annotations

from gadfly import address


def split(text: str, port: int) -> tuple[str, int]:
    """Host and port of ``host:port``, ``[v6]:port``, ``host`` or ``[v6]``; the last two get ``port``.

    :raises ValueError: with a message for whoever wrote the address.
    """
    bare = ":" not in text or (text.startswith("[") and text.endswith("]"))
    return address.split(f"{text}:{port}" if bare else text)
