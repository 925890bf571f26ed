"""Addresses as they may be shown: where a message goes, without what would let the reader send one there.

A webhook's path, an apprise address and a header are often the whole secret.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from gadfly.config import Config

HIDDEN = "…"


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


def contact(text: str) -> str:
    """A contact or a receiver's address, fit to be shown."""
    scheme, colon, rest = text.partition(":")
    if not colon or scheme in ("mailto", "receiver"):
        return text
    if scheme in ("http", "https"):
        return url(text)
    if scheme == "exec":
        return f"exec:{rest.split(maxsplit=1)[0] if rest.split() else ''}"
    return f"{scheme}:{HIDDEN}"


def _probe_url(text: str) -> str:
    """A probe's address is what the reader came for; only a password and a query are hidden."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return HIDDEN
    host = parts.netloc.rpartition("@")[2]
    user = f"{HIDDEN}@" if "@" in parts.netloc else ""
    query = f"?{HIDDEN}" if parts.query else ""
    return f"{parts.scheme}://{user}{host}{parts.path}{query}"


def _plain(value: object) -> object:
    """A duration as the number of seconds it is."""
    if isinstance(value, float):
        return float(value)
    raise NotImplementedError


def configuration(config: Config) -> dict[str, Any]:
    """The configuration in force as plain values, without secrets."""
    tree: dict[str, Any] = msgspec.to_builtins(config, enc_hook=_plain)
    for owner in tree["owner"].values():
        owner["contact"] = [contact(one) for one in owner["contact"]]
    for receiver in tree["receiver"].values():
        receiver["webhook"] = url(receiver["webhook"]) if receiver["webhook"] else ""
        receiver["apprise"] = contact(receiver["apprise"])
        receiver["command"] = list(receiver["command"][:1])
        receiver["headers"] = dict.fromkeys(receiver["headers"], HIDDEN)
    for component in tree["component"].values():
        for probe in component["probe"]["http"]:
            probe["url"] = _probe_url(probe["url"])
            probe["headers"] = dict.fromkeys(probe["headers"], HIDDEN)
            probe["body"] = HIDDEN if probe["body"] else ""
        for probe in component["probe"]["tcp"]:
            probe["send"] = HIDDEN if probe["send"] else ""
        for probe in component["probe"]["command"]:
            probe["run"] = list(probe["run"][:1])
    if tree["mail"]["password"]:
        tree["mail"]["password"] = HIDDEN
    return tree
