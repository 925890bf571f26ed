"""HTTP as a function asks for it: the address checked, the secret put in, the answer struck clean.

What is sent is made of the parts that were checked, never of the text that came. A secret is named, not
held: ``secret="slack"`` sends ``Authorization: Bearer …``, and ``{secret:slack}`` stands for it in the value
of a header or in the address.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from gadfly.errors import ConfigError
from gadfly.functions import broker as asked
from gadfly.functions import grant
from gadfly.functions.struck import HIDDEN
from gadfly.functions.world import Request, Response

if TYPE_CHECKING:
    from gadfly.functions.broker import Broker

BODY = 1 << 20
"""Bytes of a request's and of an answer's body."""
SECONDS = 30.0
"""Of one request at most; the call's own limit may end it sooner."""
HEADERS, HEADER = 32, 8192
"""Of a request at most, and characters of one."""
REDIRECTS = 3
"""Followed at most, and only to what is granted."""
OWN = frozenset(
    {
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "te",
        "upgrade",
        "expect",
        "trailer",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "accept-encoding",
    }
)
"""Headers that say where a request goes, where it ends, and how its answer is packed."""
UNSEEN = frozenset({"range", "if-range"})
"""Not beside a secret: by parts of an answer one could read, piece by piece, what is struck out of the
whole."""
_PLACE = re.compile(r"\{secret:([A-Za-z0-9][A-Za-z0-9._-]{0,199})\}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
_QUERY = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/?\[\]-]*", re.ASCII)
_ARGS = frozenset({"headers", "body", "secret"})


class Place(NamedTuple):
    """An address in the parts that a grant looks at, and its query."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def line(self) -> str:
        """As a grant has it."""
        usual = self.port == (443 if self.scheme == "https" else 80)
        return f"{self.scheme}://{self.host}{'' if usual else f':{self.port}'}{self.path}"


async def fetch(broker: Broker, verb: str, text: str, args: Mapping[str, Any]) -> Any:
    """One request, and up to three redirects of GET and HEAD, each granted. Denied, Failed, or the errors of
    the world."""
    method = verb.removeprefix("http:")
    if unknown := sorted(set(args) - _ARGS):
        raise asked.Failed(
            f"http takes {', '.join(sorted(_ARGS))}, and no {', '.join(map(str, unknown))[:100]}"
        )
    headers, body = _headers(args.get("headers")), _body(args.get("body"))
    place = _allowed(broker, method, text)
    headers = _revealed(broker, headers, args)
    if broker.guarded() and (bad := sorted(UNSEEN & set(headers))):
        raise asked.Failed(f"the header {bad[0]} does not go beside a secret")
    answer = await _send(broker, method, place, headers, body)
    for _ in range(REDIRECTS):
        after = _redirected(method, place, answer)
        if after is None:
            break
        broker.allow(f"{verb} {after.line}", _shown(broker, verb, after))
        if after[:3] != place[:3]:
            # A secret told to one host is not for another.
            headers = {name: value for name, value in headers.items() if broker.struck.text(value) == value}
        place = after
        answer = await _send(broker, method, place, headers, body)
    return _clean(broker, method, place, answer)


async def _send(
    broker: Broker, method: str, place: Place, headers: Mapping[str, str], body: bytes
) -> Response:
    broker.moved(len(body))
    path = place.path + (f"?{place.query}" if place.query else "")
    request = Request(
        method,
        place.scheme,
        place.host,
        place.port,
        path,
        {"user-agent": "gadfly-fn", "accept": "*/*", **headers},
        body,
        SECONDS,
        BODY,
    )
    answer = await broker.world.http(request)
    if len(answer.body) > BODY:
        raise asked.Failed(f"{place.host} answered more than the {BODY} bytes that are taken")
    return answer


def _allowed(broker: Broker, method: str, text: str) -> Place:
    """The place that the text names, its secrets put in, where a grant covers it."""
    if len(text) > grant.LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        raise asked.Denied(
            f"an address is printable ASCII without blanks, at most {grant.LONGEST} characters"
        )
    named = list(dict.fromkeys(_PLACE.findall(text)))
    if not named:
        place = _parsed(method, text)
        broker.allow(f"http:{method} {place.line}")
        return place
    if _PLACE.search(text.partition("://")[2].partition("/")[0]):
        raise asked.Denied("a secret stands in the path or the query, not in the host")
    # What is recorded, or named as missing, must not hold the secret: the path up to it, and all below.
    before, beyond, _ = text.partition("{secret:")
    outer = before.partition("?")[0]
    if "?" not in before and beyond:
        outer = f"{outer.rpartition('/')[0]}/*"
    values = {name: broker.secret(name) for name in named}
    filled = _PLACE.sub(lambda found: values[found[1]], text)
    place = _parsed(method, filled)
    broker.allow(f"http:{method} {place.line}", f"http:{method} {outer}")
    return place


def _shown(broker: Broker, verb: str, place: Place) -> str:
    """What is named instead where a redirect repeats a secret; empty where it does not."""
    line = broker.struck.text(place.line)
    if line == place.line:
        return ""
    return f"{verb} {line.partition(HIDDEN.decode())[0].rpartition('/')[0]}/*"


def _parsed(method: str, text: str) -> Place:
    if "#" in text:
        raise asked.Denied("an address to ask has no fragment")
    address, mark, query = text.partition("?")
    if mark and not _QUERY.fullmatch(query):
        raise asked.Denied("the query holds what must be written with %")
    try:
        parts = grant.parse(f"http:{method} {address}").parts
    except ConfigError as error:
        raise asked.Denied(str(error)) from None
    if parts[4]:
        raise asked.Denied("an address to ask is whole, without *")
    return Place(parts[0], parts[1], int(parts[2]), parts[3], query)


def _headers(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > HEADERS:
        raise asked.Failed(f"`headers` is an object of at most {HEADERS} texts")
    found: dict[str, str] = {}
    for name, value in given.items():
        if not isinstance(value, str) or not _NAME.fullmatch(name) or len(value) > HEADER:
            raise asked.Failed(f"{name[:40]!r} is no header that can be sent")
        if not all(letter == "\t" or " " <= letter != "\x7f" for letter in value):
            raise asked.Failed(f"the value of {name} holds what a header cannot")
        if name.lower() in OWN:
            raise asked.Failed(f"the header {name.lower()} is the node's own to set; leave it out")
        found[name.lower()] = value
    return found


def _revealed(broker: Broker, headers: Mapping[str, str], args: Mapping[str, Any]) -> dict[str, str]:
    found = {
        name: _PLACE.sub(lambda place: broker.secret(place[1]), value) for name, value in headers.items()
    }
    name = args.get("secret")
    if name is None:
        return found
    if not isinstance(name, str):
        raise asked.Failed("`secret` is the name of one")
    return {**found, "authorization": f"Bearer {broker.secret(name)}"}


def _body(given: Any) -> bytes:
    if given is None:
        return b""
    if not isinstance(given, str):
        raise asked.Failed("`body` is Base64")
    if len(given) > BODY * 4 // 3 + 4:
        raise asked.Failed(f"a body has at most {BODY} bytes")
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise asked.Failed("`body` is Base64") from None


def _redirected(method: str, place: Place, answer: Response) -> Place | None:
    """Where a redirect leads, if it may be followed at all; otherwise it is the answer itself."""
    location = answer.headers.get("location", "")
    if method not in ("GET", "HEAD") or answer.status not in (301, 302, 303, 307, 308) or not location:
        return None
    try:
        whole = urljoin(place.line, location)
        if len(whole) > grant.LONGEST or not whole.isascii() or not whole.isprintable() or " " in whole:
            return None
        return _parsed(method, urlsplit(whole)._replace(fragment="").geturl())
    except (ValueError, asked.Denied):
        return None


def _clean(broker: Broker, method: str, place: Place, answer: Response) -> dict[str, Any]:
    struck = broker.struck
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    if struck.used and packed not in ("", "identity"):
        raise asked.Failed(
            f"{place.host} packed its answer ({packed[:40]}), so a secret could not be struck out of it"
        )
    body = struck.data(answer.body)
    gone = {
        "connection",
        "transfer-encoding",
        "keep-alive",
        *(("content-length",) if method != "HEAD" else ()),
    }
    headers = {
        struck.text(name): struck.text(value) for name, value in answer.headers.items() if name not in gone
    }
    return {"status": answer.status, "headers": headers, "body": base64.b64encode(body).decode()}
