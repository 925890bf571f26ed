"""Handlers: what automations may do, what they ask for, and how they are stopped.

The principal handed on is the person whose token was presented, or the program that it is lent to, so that
whoever keeps the book can hold an answer against the one that asked: two tokens of one person are one.
"""

from __future__ import annotations

from starlette.responses import Response

from gadfly.web.act_supplied import supplied
from gadfly.web.answers.act_board import (
    Board,
    Breakglass,
    Consent,
    Grant,
    Grants,
    Stop,
)
from gadfly.web.answers.act_load import (
    Load,
    Loads,
    Report,
    Reports,
)
from gadfly.web.answers.act_plans import (
    Approval,
    Approvals,
    Decided,
    Plan,
)
from gadfly.web.answers.act_requests import (
    Approving,
    Breaking,
    Consenting,
    Denying,
    Raising,
    Releasing,
    Resuming,
    Reviewing,
    Running,
    Stopping,
    Withdrawing,
)
from gadfly.web.answers.automations import AutomationStory
from gadfly.web.guard import is_loopback
from gadfly.web.problem import Trouble, problem
from gadfly.web.route import Call, json, shape

DAY = 86_400.0
DAYS = 366
"""A report goes back so many days at most."""
TARGETS = 1000
"""Targets that a request may name."""
LOCAL = "local"
"""The run file's token: who can read it is the node's own user, on its machine. No other has this name."""


def principal(call: Call) -> str:
    """Who asks, as the ledger writes it. Never a name that a machine's principal could have."""
    return call.who.principal


def _id(call: Call) -> str:
    text = call.path("id")
    if not (text.isascii() and text.isalnum() and len(text) < 40):
        raise Trouble(404, f"There is nothing under {text[:40]!r}.")
    return text


async def board(call: Call) -> Response:
    return json(shape(await call.node.acts.board(), Board))


async def automation(call: Call) -> Response:
    name = call.path("name")
    found = await call.node.acts.automation(name)
    if found is None:
        raise Trouble(404, f"No automation {name[:200]!r} is declared; `gadfly act list` has those that are.")
    return json(shape(found, AutomationStory))


async def plan(call: Call) -> Response:
    targets = [one for one in call.query["targets"].split(",") if one]
    if len(targets) > TARGETS:
        raise Trouble(422, f"Name {TARGETS:,} targets at most, or none for all that it selects.")
    return json(shape(await call.node.acts.plan(call.path("name"), targets, principal(call)), Plan))


async def run(call: Call) -> Response:
    wanted: Running = call.body
    name = call.path("name")
    found = await call.node.acts.run(name, wanted.targets, principal(call), wanted.reason, supplied(wanted))
    decided = shape(found, Decided)
    if decided.state == "refused":
        lines = [f"{one.guard}: {one.reason}" for one in decided.plan.refusals]
        detail = "The gate refused it; mend what each line names, then ask again."
        return problem(409, detail, instance=call.request.url.path, problems=lines)
    return json(decided, 202)


async def approvals(call: Call) -> Response:
    state = call.query["state"]
    if state not in ("waiting", "all"):
        raise Trouble(422, "Parameter 'state' is waiting or all.")
    version = call.node.acts.version
    found = [shape(one, Approval) for one in await call.node.acts.approvals(state)]
    return json(Approvals(version=version, approvals=found))


async def approve(call: Call) -> Response:
    wanted: Approving = call.body
    done = await call.node.acts.approve(_id(call), principal(call), wanted.note, wanted.hash)
    return json(shape(done, Approval))


async def deny(call: Call) -> Response:
    wanted: Denying = call.body
    return json(shape(await call.node.acts.deny(_id(call), principal(call), wanted.reason), Approval))


async def grants(call: Call) -> Response:
    return json(Grants(grants=[shape(one, Grant) for one in await call.node.acts.grants()]))


async def load(call: Call) -> Response:
    return json(Loads(load=[shape(one, Load) for one in await call.node.acts.load()]))


async def report(call: Call) -> Response:
    days: float = call.query["days"]
    if not 0 < days <= DAYS:
        raise Trouble(422, f"Parameter 'days' is more than 0 and at most {DAYS}.")
    until = call.node.clock.wall()
    found = await call.node.acts.report(call.query["owner"], until - days * DAY, until)
    return json(Reports(reports=[shape(one, Report) for one in found]))


async def stop(call: Call) -> Response:
    """Nothing is asked back: what is pressed in an emergency must hold at once."""
    wanted: Stopping = call.body
    if (wanted.scope == "everything") != (not wanted.name):
        raise Trouble(422, "Name the owner, automation or target to stop; everything has no name.")
    reason = wanted.reason or "no reason given yet"
    made = await call.node.acts.stop(wanted.scope, wanted.name, principal(call), reason)
    return json(shape(made, Stop), 201)


async def resume(call: Call) -> Response:
    wanted: Resuming = call.body
    await call.node.acts.resume(_id(call), principal(call), wanted.reason)
    return Response(status_code=204)


async def raise_level(call: Call) -> Response:
    wanted: Raising = call.body
    await call.node.acts.raise_level(call.path("name"), principal(call), wanted.reason)
    return Response(status_code=204)


async def consent(call: Call) -> Response:
    wanted: Consenting = call.body
    made = await call.node.acts.consent(
        wanted.owner, wanted.principal, wanted.action, wanted.target, wanted.lasts, principal(call)
    )
    return json(shape(made, Consent), 201)


async def withdraw(call: Call) -> Response:
    wanted: Withdrawing = call.body
    await call.node.acts.withdraw(_id(call), principal(call), wanted.reason)
    return Response(status_code=204)


async def release(call: Call) -> Response:
    wanted: Releasing = call.body
    await call.node.acts.release(_id(call), principal(call), wanted.reason)
    return Response(status_code=204)


async def review(call: Call) -> Response:
    wanted: Reviewing = call.body
    await call.node.acts.review(_id(call), principal(call), wanted.words)
    return Response(status_code=204)


def _only_here(call: Call) -> None:
    """Only who can read the run file on this machine: in an emergency the network may be what is broken."""
    peer = call.request.client.host if call.request.client else ""
    if call.who.name != LOCAL or not is_loopback(peer):
        raise Trouble(
            403,
            "Break-glass is for the node's own user on its own machine: run `gadfly breakglass` there.",
        )


async def breakglass(call: Call) -> Response:
    wanted: Breaking = call.body
    _only_here(call)
    made = await call.node.acts.breakglass(principal(call), wanted.reason, wanted.lasts)
    return json(shape(made, Breakglass), 201)


async def give_back(call: Call) -> Response:
    _only_here(call)
    await call.node.acts.give_back(principal(call))
    return Response(status_code=204)
