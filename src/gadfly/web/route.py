"""One table says what the API offers; the application and its OpenAPI document are both made from it."""

from __future__ import annotations

import json as json_
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import compile_path

from gadfly.web.auth import Gatekeeper, Principal
from gadfly.web.guard import BODY
from gadfly.web.node import Node
from gadfly.web.problem import Trouble

T = TypeVar("T")


class Call(msgspec.Struct, frozen=True):
    """What a handler gets: the node, the request, who asks, and the body where one is declared."""

    node: Node
    request: Request
    who: Principal
    query: dict[str, Any]
    body: Any = None

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])


class Query(msgspec.Struct, frozen=True):
    """A parameter behind the question mark."""

    name: str
    type: Any
    default: Any
    help: str


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    method: Literal["GET", "PUT", "POST", "DELETE"]
    path: str
    handler: Callable[[Call], Awaitable[Response]]
    summary: str
    scope: str = "read"
    """Empty: nobody needs a token for it."""
    also: tuple[str, ...] = ()
    """Scopes that do as well."""
    query: tuple[Query, ...] = ()
    body: Any = None
    """The struct of a JSON body."""
    limit: int = BODY
    """Bytes that the body may have, as it comes."""
    takes: str = ""
    """The media type of a body that is not JSON."""
    gives: Any = None
    """The struct of the answer; None: `media` says what it is."""
    media: str = "application/json"
    status: int = 200
    errors: tuple[int, ...] = ()
    help: str = ""
    refusal: Callable[[int, str, dict[str, str] | None], Response] | None = None
    """How a refusal is written; None: as a problem document."""


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def shape(value: object, kind: type[T]) -> T:
    """What the node gave, as a struct of the API; attributes or keys of the same names are taken."""
    return msgspec.convert(value, kind, from_attributes=True)


def body_limit(endpoints: Iterable[Endpoint]) -> Callable[[str], int]:
    """By the path of a request, how many bytes its body may have: the most that any of its methods takes."""
    exact: dict[str, int] = {}
    patterns: list[tuple[re.Pattern[str], int]] = []
    for one in endpoints:
        if one.limit > BODY:
            if "{" in one.path:
                patterns.append((compile_path(one.path)[0], one.limit))
            else:
                exact[one.path] = max(one.limit, exact.get(one.path, 0))

    def limit(path: str) -> int:
        found = exact.get(path)
        if found is None:
            found = max((most for pattern, most in patterns if pattern.match(path)), default=BODY)
        return found

    return limit


async def read_body(
    request: Request, limit: int = BODY, more: Callable[[int], None] = lambda _: None
) -> bytes:
    """The body, never more of it than the limit, whatever its length claims. Raises 413 beyond.

    `more` is told of each part's bytes, and may raise.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise Trouble(413, f"A request's body may have {limit} bytes here.", {"connection": "close"})
            more(len(part))
            parts.append(part)
    except ClientDisconnect:
        raise Trouble(400, "The request ended before its body did.") from None
    return b"".join(parts)


def _parse_query(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    given = request.query_params.multi_items()
    known = {one.name for one in endpoint.query}
    strangers = sorted({key for key, _ in given} - known)
    if strangers and endpoint.query:
        raise Trouble(422, f"Unknown parameter {strangers[0]!r}; known are {', '.join(sorted(known))}.")
    values: dict[str, Any] = {}
    for one in endpoint.query:
        text = request.query_params.get(one.name)
        if text is None:
            values[one.name] = one.default
            continue
        try:
            values[one.name] = msgspec.convert(text, one.type, strict=False)
        except msgspec.ValidationError as error:
            raise Trouble(422, f"Parameter {one.name!r}: {error}.") from None
    return values


async def _parse_body(endpoint: Endpoint, request: Request) -> Any:
    if endpoint.body is None:
        return None
    data = await read_body(request, endpoint.limit)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if data and media != "application/json":
        raise Trouble(415, "The body must be JSON, with Content-Type: application/json.")
    try:
        found = msgspec.json.decode(data or b"{}", type=endpoint.body)
    except msgspec.ValidationError as error:
        raise Trouble(422, f"The body does not fit: {error}.") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Trouble(400, f"The body is not JSON: {error}.") from None
    try:
        json_.loads(data or b"{}", object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Trouble(400, f"The body is not JSON that one may act on: {error}.") from None
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """ValueError where a name stands twice: another reader would take the other value."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object; send each once")
    return found


def adapter(
    endpoint: Endpoint, node: Node, gatekeeper: Gatekeeper
) -> Callable[[Request], Awaitable[Response]]:
    """The handler as Starlette calls it: first who asks, then what they ask, then the work."""

    async def answer(request: Request) -> Response:
        try:
            who = gatekeeper.admit(request, endpoint.scope, endpoint.also)
            query = _parse_query(endpoint, request)
            body = await _parse_body(endpoint, request)
            return await endpoint.handler(Call(node, request, who, query, body))
        except Trouble as trouble:
            if endpoint.refusal is None:
                raise
            return endpoint.refusal(trouble.status, trouble.detail, trouble.headers)

    return answer
