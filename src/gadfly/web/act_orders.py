"""Handlers of what is said to the gate besides yes and no: what an act is planned from, freezes, the
clock."""

from __future__ import annotations

from starlette.responses import Response

from gadfly.web import act
from gadfly.web.act_supplied import supplied
from gadfly.web.answers.act_board import Freeze
from gadfly.web.answers.act_plans import Plan
from gadfly.web.answers.act_requests import Clocking, Freezing, Planning
from gadfly.web.route import Call, json, shape


async def plan(call: Call) -> Response:
    wanted: Planning = call.body
    found = await call.node.acts.plan(
        call.path("name"), wanted.targets, act.principal(call), supplied(wanted)
    )
    return json(shape(found, Plan))


async def freeze(call: Call) -> Response:
    wanted: Freezing = call.body
    made = await call.node.acts.freeze(
        wanted.name, wanted.on, act.principal(call), wanted.reason, wanted.lasts
    )
    return json(shape(made, Freeze), 201)


async def clock(call: Call) -> Response:
    wanted: Clocking = call.body
    await call.node.acts.clock(act.principal(call), wanted.reason)
    return Response(status_code=204)
