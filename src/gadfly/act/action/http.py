"""``http:POST https://deploy.example.org/restart/{component}``: one request, redirects not followed.

A value in the address is percent-encoded, so that it stays one segment; host and port have no fields, and
must be allowed by the configuration, also after the name was resolved. ``json.KEY=TEXT`` words make a JSON
body, ``header.NAME=env:SECRET`` words a header that no ledger shows. Every request carries an
`Idempotency-Key` of its intent and target, by which the other side can drop a second one.
"""

from __future__ import annotations

import asyncio
import functools
import json
import re
import shlex
import ssl
import urllib.parse
from collections.abc import Mapping
from typing import NamedTuple

from gadfly import secret
from gadfly.act.action import template
from gadfly.act.action.effect import Edge, Effect, State, revealed, tail, unstarted
from gadfly.act.action.template import Template
from gadfly.monitor.probe import request
from gadfly.monitor.probe.response import HEAD, Response, ResponseError

METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")
CHUNK = 65_536
OWN = frozenset({"host", "content-length", "transfer-encoding", "connection", "idempotency-key"})
"""Headers that say where a request goes, where it ends, and which one it is."""

_OPTION = re.compile(r"(json|header)\.([A-Za-z0-9_.-]{1,64})=(.*)", re.DOTALL)


class Call(NamedTuple):
    """A parsed action."""

    method: str
    url: Template
    headers: dict[str, str]
    """Name → the reference to its value."""
    json: dict[str, Template]

    def target(self, values: Mapping[str, str]) -> request.Target:
        """Where one target's request goes. ValueError where that is nowhere."""
        return request.parse(self.url.fill(values, _quoted))

    def body(self, values: Mapping[str, str]) -> bytes:
        if not self.json:
            return b""
        return json.dumps({key: text.fill(values, str) for key, text in self.json.items()}).encode()


def parse(text: str) -> Call:
    """Read it. ValueError for whoever wrote it."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f'"{text[:80]}" cannot be split into words: {error}') from None
    if len(words) < 2 or words[0] not in METHODS:
        raise ValueError(f"a method ({', '.join(METHODS)}) and an address: http:POST https://…/{{component}}")
    url = template.parse(words[1])
    _check_place(url)
    headers: dict[str, str] = {}
    body: dict[str, Template] = {}
    for word in words[2:]:
        found = _OPTION.fullmatch(word)
        if found is None:
            raise ValueError(f'"{word[:40]}" is neither json.KEY=TEXT nor header.NAME=env:SECRET')
        if found[1] == "json":
            body[found[2]] = template.parse(found[3])
        elif found[2].lower() in OWN:
            raise ValueError(f"header.{found[2]} is the node's own to set; leave it out")
        elif not secret.is_reference(found[3]):
            raise ValueError(f"header.{found[2]} is a secret; write header.{found[2]}=env:NAME or file:PATH")
        else:
            headers[found[2].lower()] = found[3]
    if body and words[0] in ("GET", "DELETE"):
        raise ValueError(f"{words[0]} has no body; use POST, or put it into the address")
    return Call(words[0], url, headers, body)


def _check_place(url: Template) -> None:
    """Scheme, host and port stand fixed in front of the first field, and no login stands among them."""
    if url.fields and url.fixed.count("/") < 3:
        raise ValueError("scheme, host and port stand without fields, up to the slash that follows them")
    place = request.parse(url.fill(dict.fromkeys(url.fields, "x"), str))
    if place.login:
        raise ValueError("a login does not stand in the address; write header.Authorization=env:NAME")


def _quoted(value: str) -> str:
    if value in (".", ".."):
        raise ValueError(f'"{value}" would lead out of its folder')
    return urllib.parse.quote(value, safe="")


def check(text: str) -> None:
    """ValueError where it could never be sent."""
    parse(text)


def describe(text: str, values: Mapping[str, str], edge: Edge) -> str:
    """What would be sent, without what is secret in it."""
    call = parse(text)
    target = call.target(values)
    _allowed(target, edge)
    scheme = "https" if target.secure else "http"
    body = call.body(values).decode()
    names = "".join(f" with {name} from {reference}" for name, reference in call.headers.items())
    return f"{call.method} {scheme}://{target.authority}{target.path}{names}{f' {body}' if body else ''}"


async def do(text: str, values: Mapping[str, str], edge: Edge) -> Effect:
    """Send it once. Past the first byte sent, an answer that does not come leaves it unknown."""
    call = parse(text)
    try:
        target, headers = call.target(values), revealed(call.headers)
        _allowed(target, edge)
        body = call.body(values)
        data = request.request(target, call.method, _headers(values, headers, body), body)
    except ValueError as error:
        return unstarted(str(error))
    began = edge.monotonic()
    sending = _Sending()
    try:
        async with asyncio.timeout(edge.time):
            return await _exchange(target, data, edge, sending, tuple(headers.values()), began)
    except TimeoutError:
        words = f"{target.where} did not answer within {edge.time:g} s"
    except (OSError, ResponseError) as error:
        words = f"{target.where}: {getattr(error, 'strerror', None) or error}"
    state = State.unknown if sending.begun else State.unstarted
    return Effect(state=state, words=words, seconds=edge.monotonic() - began)


class _Sending:
    """Whether a byte of the request has left."""

    begun = False


async def _exchange(
    target: request.Target,
    data: bytes,
    edge: Edge,
    sending: _Sending,
    secrets: tuple[bytes, ...],
    began: float,
) -> Effect:
    address = await _resolved(target, edge)
    reader, writer = await asyncio.open_connection(
        address,
        target.port,
        ssl=_tls() if target.secure else None,
        server_hostname=target.host if target.secure else None,
    )
    try:
        sending.begun = True
        writer.write(data)
        response = Response(edge.output)
        received = 0
        while not response.done:
            piece = await reader.read(CHUNK)
            received += len(piece)
            if piece:
                response.feed(piece)
            else:
                response.end()
            if received > 2 * edge.output + HEAD:
                break
    finally:
        writer.transport.abort()
    words = f"{target.where} answered {response.status}"
    if response.status in request.REDIRECTS:
        words += ", a redirect, which is not followed; write the final address"
    return Effect(
        state=State.finished,
        ok=200 <= response.status < 300,
        words=words,
        output=tail(bytes(response.body), secrets),
        seconds=edge.monotonic() - began,
    )


async def _resolved(target: request.Target, edge: Edge) -> str:
    """The address to connect to: looked up once, so that what was checked is what is used."""
    found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=1)
    for *_, place in found:
        if edge.allowed.reached(str(place[0]), target.port):
            return str(place[0])
    raise PermissionError(
        f"{target.host} leads to {found[0][4][0]}, which gate.hosts does not name by its address"
    )


def _allowed(target: request.Target, edge: Edge) -> None:
    if not edge.allowed.named(target.host, target.port):
        raise ValueError(f"{target.where} is not allowed; whoever runs this node may add it to gate.hosts")


def _headers(values: Mapping[str, str], secrets: Mapping[str, bytes], body: bytes) -> dict[str, str]:
    key = "-".join(filter(None, ("gadfly", values.get("intent", ""), _quoted(values.get("component", "")))))
    return {
        "user-agent": "gadfly",
        "accept": "*/*",
        "idempotency-key": key,
        **({"content-type": "application/json"} if body else {}),
        **{name: value.decode("latin-1") for name, value in secrets.items()},
    }


@functools.lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
