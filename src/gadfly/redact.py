"""Addresses as they may be shown: where something goes, without what would let the reader send it there.

A webhook's path, an apprise address and a program's arguments are often the whole secret.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from gadfly.secret import is_reference

HIDDEN = "…"
"""Stands for what is not shown."""


def contact(text: str) -> str:
    """A contact or a receiver's address, fit to be shown. What was shown before stays as it is, and so does a
    reference, which only says where the address is kept."""
    scheme, colon, rest = text.partition(":")
    if not colon or scheme in ("mailto", "receiver") or is_reference(text):
        return text
    if scheme in ("http", "https"):
        return url(text)
    if scheme == "exec":
        return f"exec:{rest.split(maxsplit=1)[0] if rest.split() else ''}"
    return f"{scheme}:{HIDDEN}"


def reference(text: str) -> str:
    """Where a secret is kept; one that stands there itself is not shown."""
    return text if is_reference(text) else HIDDEN


def url(text: str) -> str:
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


def password(text: str) -> str:
    """``https://user:secret@example.org/x`` becomes ``https://user:…@example.org/x``; other texts stay."""
    if "://" not in text or "@" not in text:
        return text
    try:
        found = urlsplit(text).password
    except ValueError:
        return text
    return text.replace(f":{found}@", f":{HIDDEN}@", 1) if found else text
