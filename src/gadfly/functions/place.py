"""What is careless about where HTTP grants lead. Pure; (kind, grant line, words) each."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

from gadfly.functions import purpose as purposes
from gadfly.functions import reach
from gadfly.functions.grant import VERBS, Grant

NODE = "7171"
"""The port of a node unless said otherwise."""
_GENERAL = re.compile(r"api|rest|rpc|v\d+(\.\d+)?|public|latest|internal|web|app|services?")
"""Parts of a path that say nothing of what is below."""
_HOOK = re.compile(r"(web|in|out)?hooks?|services?|incoming|notify|bots?|workflows?")
"""Parts behind which an address often has its secret."""
_TOKEN = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9_-]{16,}|[0-9a-f]{32,}|[0-9A-F]{32,}")
_SWITCH = re.compile(r"(?<=[A-Za-z])\d|(?<=\d)[A-Za-z]")
"""Between letters and digits: words and years have few of them."""
_COLLECTORS = (
    "webhook.site", "requestbin.com", "pipedream.net", "ngrok.io", "ngrok.app", "ngrok-free.app",
    "pastebin.com", "transfer.sh", "0x0.st", "hastebin.com", "file.io", "beeceptor.com",
)  # fmt: skip
"""Hosts at which anybody may open a box that takes whatever is sent."""
_CREDENTIALS = ("metadata", "metadata.google.internal", "instance-data")
_CHANGES = frozenset(["delete", "remove", "destroy", "drop", "purge", "restart", "reboot", "shutdown"])

Words = tuple[str, str, str]


def places(grants: Sequence[Grant], purpose: str) -> Iterator[Words]:
    """Everything careless about each HTTP grant alone."""
    hosts = {one.parts[1] for one in grants if one.verb.startswith("http:")}
    secret = len(hosts) == 1 and any(one.verb == "secret:use" for one in grants)
    for one in grants:
        if one.verb.startswith("http:"):
            yield from _wild(one, purpose, secret)
            yield from _host(one)
            yield from _path(one)


def _wild(one: Grant, purpose: str, secret: bool) -> Iterator[Words]:
    if not one.parts[4]:
        return
    parts = [part for part in one.parts[3].split("/") if part]
    hook = one.verb == "http:POST" and secret and bool(parts) and bool(_HOOK.fullmatch(parts[-1].lower()))
    if not parts or (not hook and all(_GENERAL.fullmatch(part.lower()) for part in parts)):
        yield (
            "whole host",
            str(one),
            f"{one} is everything on {one.parts[1]}, also what is put there later: name the path "
            f"that it needs",
        )
    elif (
        VERBS[one.verb].writes
        and not hook
        and not purposes.names(purpose, re.split(r"[^a-z0-9]+", parts[-1].lower()))
    ):
        yield (
            "wildcard that writes",
            str(one),
            f"{one} changes whatever stands below {one.parts[3]}: name what it changes, or say in the "
            "purpose why it is all of it",
        )


def _host(one: Grant) -> Iterator[Words]:
    host = one.parts[1]
    address = reach.plain(host)
    if (
        host in _CREDENTIALS
        or str(address) == "100.100.100.200"
        or (address is not None and address.is_link_local)
    ):
        yield (
            "credentials of the machine",
            str(one),
            f"{one} is where clouds keep the credentials of the machine: whatever it may do, this "
            f"function could",
        )
    elif host == "localhost" or (address is not None and address.is_loopback):
        if one.parts[2] == NODE or one.parts[3].startswith("/api/v1/"):
            yield (
                "past the gate",
                str(one),
                f"{one} is the node itself, past its grants and its gate: there are grants for what "
                f"it should ask",
            )
    elif any(host == name or host.endswith(f".{name}") for name in _COLLECTORS):
        yield (
            "anybody's box",
            str(one),
            f"{one} is a place where anybody collects what is sent: send to a host that somebody answers for",
        )


def _path(one: Grant) -> Iterator[Words]:
    parts = one.parts[3].split("/")
    if any(_TOKEN.fullmatch(part) and (len(part) >= 32 or len(_SWITCH.findall(part)) > 2) for part in parts):
        yield (
            "token in the address",
            one.verb,
            f"{one.verb} on {one.parts[1]} has what looks like a token in its path, for everybody "
            f"who reads the "
            "catalogue: keep it as a secret, and write {secret:NAME} in the address that is asked for",
        )
    elif not VERBS[one.verb].writes and parts[-1].lower() in _CHANGES:
        yield (
            "GET that changes",
            str(one),
            f"{one} reads by its method and changes something by its name: programs that fetch "
            f"ahead would do it, "
            "too; use POST or DELETE if the server has them",
        )


def private(one: Grant) -> bool:
    """Whether the grant names an address that is not of the public net."""
    address = reach.plain(one.parts[1])
    return isinstance(address, ipaddress.IPv4Address | ipaddress.IPv6Address) and not reach.public(address)
