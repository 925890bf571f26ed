"""Handlers: alerts, incidents, acknowledgements, silences and dead letters."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from gadfly import redact
from gadfly.alert.shown import Alert, Incident
from gadfly.alert.silence import LONGEST
from gadfly.web.answers.alerts import (
    Acknowledged,
    Alerts,
    DeadLetter,
    DeadLetters,
    Incidents,
    Silence,
    Silences,
    Silencing,
)
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, shape

MOST = 10_000
"""Entries of a list in one answer at most."""


def _limit(call: Call) -> int:
    limit: int = call.query["limit"]
    if not 1 <= limit <= MOST:
        raise Trouble(422, f"Parameter 'limit' is 1 to {MOST}.")
    return limit


def _id(call: Call) -> str:
    """The id in the path, where it can be one: no longer than a number that the store can hold."""
    text = call.path("id")
    if not (text.isascii() and text.isalnum() and len(text) < 19):
        raise Trouble(404, f"There is nothing under {text[:40]!r}.")
    return text


async def alerts(call: Call) -> Response:
    state = call.query["state"]
    if state not in ("firing", "resolved", "all"):
        raise Trouble(422, "Parameter 'state' is firing, resolved or all.")
    found = [shape(one, Alert) for one in await call.node.alerts(state)]
    return json(Alerts(version=call.node.alerts_version, alerts=found[: _limit(call)]))


async def incidents(call: Call) -> Response:
    found = [shape(one, Incident) for one in await call.node.incidents()]
    shown = [
        msgspec.structs.replace(
            one, components=one.components[:20], told=[redact.contact(to) for to in one.told]
        )
        for one in found[: _limit(call)]
    ]
    return json(Incidents(version=call.node.alerts_version, incidents=shown))


async def acknowledge(call: Call) -> Response:
    done = await call.node.acknowledge(call.path("id"), call.who.name, call.body.note)
    return json(shape(done, Acknowledged))


async def silences(call: Call) -> Response:
    return json(Silences(silences=[shape(one, Silence) for one in await call.node.silences()]))


async def add_silence(call: Call) -> Response:
    wanted: Silencing = call.body
    now = call.node.clock.wall()
    if (wanted.lasts is None) == (wanted.ends is None):
        raise Trouble(422, "A silence needs an end: give either lasts (seconds) or ends (a time).")
    ends = wanted.ends if wanted.ends is not None else now + (wanted.lasts or 0.0)
    if not now < ends <= now + LONGEST:
        raise Trouble(422, "A silence ends in the future, within a year.")
    made = await call.node.add_silence(wanted.match, ends, wanted.reason, call.who.name)
    return json(shape(made, Silence), 201)


async def end_silence(call: Call) -> Response:
    await call.node.end_silence(_id(call), call.who.name)
    return Response(status_code=204)


async def dead_letters(call: Call) -> Response:
    found = [shape(one, DeadLetter) for one in await call.node.dead_letters()]
    shown = [msgspec.structs.replace(one, to=redact.contact(one.to)) for one in found[: _limit(call)]]
    return json(DeadLetters(dead_letters=shown))


async def retry(call: Call) -> Response:
    await call.node.retry(_id(call), call.who.name)
    return Response(status_code=202)
