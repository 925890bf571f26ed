"""The configuration as it may be shown: without passwords, and without what is as good as one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from gadfly import redact
from gadfly.config import Config
from gadfly.redact import HIDDEN

_QUERY = re.compile(r"(https?://[^\s?#]*)\?\S*")


def veiled(text: str) -> str:
    """An action without the query of an address: what stands there is often a key. References (`env:NAME`,
    `file:PATH`) stay what they are."""
    return _QUERY.sub(r"\1?…", text)


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
        owner["contact"] = [redact.contact(one) for one in owner["contact"]]
    for receiver in tree["receiver"].values():
        receiver["webhook"] = redact.contact(receiver["webhook"])
        receiver["apprise"] = redact.contact(receiver["apprise"])
        receiver["command"] = list(receiver["command"][:1])
        receiver["headers"] = dict.fromkeys(receiver["headers"], HIDDEN)
    for component in tree["component"].values():
        if component["ping"]:
            component["ping"] = redact.reference(component["ping"])
        for probe in component["probe"]["http"]:
            probe["url"] = _probe_url(probe["url"])
            probe["headers"] = dict.fromkeys(probe["headers"], HIDDEN)
            probe["body"] = HIDDEN if probe["body"] else ""
        for probe in component["probe"]["tcp"]:
            probe["send"] = HIDDEN if probe["send"] else ""
        for probe in component["probe"]["command"]:
            probe["run"] = list(probe["run"][:1])
    for automation in tree["automation"].values():
        automation["run"] = veiled(automation["run"])
        automation["undo"] = veiled(automation["undo"])
    for grant in tree["grant"].values():
        grant["may"] = [veiled(one) for one in grant["may"]]
        grant["never"] = [veiled(one) for one in grant["never"]]
    for scrape in tree["scrape"].values():
        for place in (scrape, *scrape["http"]):
            place["headers"] = dict.fromkeys(place["headers"], HIDDEN)
        for listing in scrape["http"]:
            listing["url"] = _probe_url(listing["url"])
        for name in ("password", "bearer"):
            scrape[name] = HIDDEN if scrape[name] else ""
        scrape["params"] = {name: [HIDDEN] for name in scrape["params"]}
    remote = tree["remote"]
    remote["headers"] = dict.fromkeys(remote["headers"], HIDDEN)
    for name in ("password", "token"):
        remote[name] = HIDDEN if remote[name] else ""
    for name in ("write", "read"):
        remote[name] = _probe_url(remote[name]) if remote[name] else ""
    if tree["mail"]["password"]:
        tree["mail"]["password"] = HIDDEN
    return tree
