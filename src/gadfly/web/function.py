"""Handlers: functions, their calls, and the door for webhooks."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from gadfly.errors import LimitError, Refused
from gadfly.functions.trigger.event import Reply, Request
from gadfly.web.answers.functions import (
    Deploying,
    Function,
    FunctionLog,
    Functions,
    FunctionStory,
    FunctionVersion,
    Invocation,
    Invocations,
    InvocationStory,
    Invoking,
    Replayed,
    Said,
)
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, read_body, shape

MOST = 500
"""Invocations of one page."""
LOGS = 50
"""Invocations of whose tries the output is given at once."""
WAIT = 25.0
"""Seconds that an answer is waited for at most; a request may take thirty."""
STATES = ("", "waiting", "running", "done", "dead", "skipped")


async def functions(call: Call) -> Response:
    """All of them."""
    found = await call.node.functions.all()
    return json(Functions(functions=tuple(shape(one, Function) for one in found)))


async def function(call: Call) -> Response:
    """One."""
    return json(shape(await call.node.functions.one(call.path("name")), FunctionStory))


async def invocations(call: Call) -> Response:
    """A page of calls."""
    given = call.query
    if given["state"] not in STATES:
        raise Trouble(422, f"`state` is one of {', '.join(STATES[1:])}.")
    limit = _limit(call, MOST)
    found = await call.node.functions.invocations(given["function"], given["state"], given["before"], limit)
    return json(Invocations(invocations=tuple(shape(one, Invocation) for one in found)))


async def invocation(call: Call) -> Response:
    """One call."""
    seconds = _seconds(call.query["wait"])
    return json(shape(await call.node.functions.invocation(_number(call), seconds), InvocationStory))


async def logs(call: Call) -> Response:
    """What the last tries wrote."""
    limit = _limit(call, LOGS)
    found = await call.node.functions.logs(call.path("name"), call.query["before"], limit)
    return json(FunctionLog(tries=tuple(shape(one, Said) for one in found)))


async def deploy(call: Call) -> Response:
    """Another version from now on."""
    wanted: Deploying = call.body
    made = await call.node.functions.deploy(call.path("name"), wanted.hash, call.who.principal)
    return json(shape(made, FunctionVersion))


async def invoke(call: Call) -> Response:
    """Call it now."""
    wanted: Invoking = call.body
    try:
        event = msgspec.json.encode(wanted.event)
    except RecursionError:
        raise Trouble(400, "The event is nested too deeply.") from None
    seconds = _seconds(wanted.wait)
    made = await call.node.functions.invoke(call.path("name"), event, call.who.principal, seconds)
    return json(shape(made, InvocationStory))


async def replay(call: Call) -> Response:
    """Make a call again."""
    number = await call.node.functions.replay(_number(call), call.who.principal)
    return json(Replayed(invocation=number), 202)


async def deliver(call: Call) -> Response:
    """A webhook's delivery. Whoever signed it needs no token."""
    request, name = call.request, call.path("name")
    try:
        # Before a byte is read: who does not even say to have signed holds no memory here.
        limit = call.node.functions.limit(name, frozenset(request.headers))
    except Refused as error:
        return json({"error": str(error)}, error.status, {"connection": "close"})
    address = request.client.host if request.client else ""
    with call.node.functions.room(address) as more:
        try:
            body = await read_body(request, limit, more)
        except LimitError as error:
            return json({"error": str(error)}, 429, {"connection": "close", "retry-after": "30"})
        came = Request(
            request.method,
            "/",
            request.url.query,
            [(key.decode("latin-1"), value.decode("latin-1")) for key, value in request.headers.raw],
            body,
            address,
        )
        return _sent(await call.node.functions.deliver(name, came))


_KEPT_BACK = frozenset(
    {
        *("content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer", "te"),
        *("content-security-policy", "content-security-policy-report-only", "x-frame-options", "set-cookie"),
        *("x-content-type-options", "referrer-policy", "strict-transport-security", "clear-site-data"),
        *("service-worker-allowed", "permissions-policy"),
    }
)
"""Of a handler's headers: how the answer is sent, and what a browser takes as the word of the whole node."""
_BODILESS = (204, 304)
"""What follows such an answer on its connection is the next one."""


def _sent(reply: Reply) -> Response:
    body = b"" if reply.status in _BODILESS else reply.body
    response = Response(body, reply.status)
    del response.headers["content-length"]
    for name, value in reply.headers:
        if name not in _KEPT_BACK:
            response.headers.append(name, value)
    if reply.status not in _BODILESS:
        response.headers["content-length"] = str(len(body))
    return response


def _limit(call: Call, most: int) -> int:
    limit: int = call.query["limit"]
    if not 1 <= limit <= most:
        raise Trouble(422, f"`limit` is 1 to {most:,}.")
    return limit


def _seconds(given: float) -> float:
    if not 0 <= given <= WAIT:
        raise Trouble(422, f"`wait` is 0 to {WAIT:.0f} seconds.")
    return given


def _number(call: Call) -> int:
    text = call.path("id")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Trouble(404, "There is no such invocation.")
    return int(text)
