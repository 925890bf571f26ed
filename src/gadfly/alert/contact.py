"""Contacts as they may be shown: where a message goes, without what would let the reader send one there.

A webhook's path, an apprise address and a program's arguments are often the whole secret.
"""

from __future__ import annotations

from urllib.parse import urlsplit

HIDDEN = "…"
"""Stands for what is not shown."""


def shown(contact: str) -> str:
    """A contact or a receiver's address, fit to be shown. What was shown before stays as it is."""
    scheme, colon, rest = contact.partition(":")
    if not colon or scheme in ("mailto", "receiver"):
        return contact
    if scheme in ("http", "https"):
        return shown_url(contact)
    if scheme == "exec":
        return f"exec:{rest.split(maxsplit=1)[0] if rest.split() else ''}"
    return f"{scheme}:{HIDDEN}"


def shown_url(text: str) -> str:
    """``https://hooks.example.org/T0/secret?x=y`` becomes ``https://hooks.example.org/…``."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    if not host:
        return HIDDEN
    host = f"[{host}]" if ":" in host else host
    rest = f"/{HIDDEN}" if parts.path.strip("/") or parts.query or parts.fragment else ""
    return f"{parts.scheme}://{host}{port}{rest}"
