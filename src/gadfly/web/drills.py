"""Handlers: fire drills."""

from __future__ import annotations

from starlette.responses import Response

from gadfly.web.answers.drills import Drill, Drilling, Drills
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, shape

MOST = 1_000


async def begin(call: Call) -> Response:
    """Begin one."""
    wanted: Drilling = call.body
    begun = await call.node.drilling.begin(
        wanted.target,
        wanted.kind,
        call.who.principal,
        shortened=wanted.shortened,
        ring=wanted.ring,
        escalate=wanted.escalate,
        wait=wanted.wait,
        samples=wanted.samples,
    )
    name = str(getattr(begun, "name", ""))
    return json(shape(await call.node.drilling.drill(name), Drill), 202)


async def drills(call: Call) -> Response:
    """The newest first."""
    limit = call.query["limit"]
    if not 1 <= limit <= MOST:
        raise Trouble(422, f"Parameter 'limit' is 1 to {MOST:,}.")
    return json(Drills(drills=[shape(one, Drill) for one in await call.node.drilling.drills(limit)]))


async def drill(call: Call) -> Response:
    """One of them."""
    return json(shape(await call.node.drilling.drill(call.path("id")), Drill))
