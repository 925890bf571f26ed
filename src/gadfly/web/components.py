"""Handlers: the summary, lists of components, and one component's story."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from starlette.responses import Response

from gadfly import redact
from gadfly.monitor.verdict import Verdict
from gadfly.web.answers.alerts import AlertCounts
from gadfly.web.answers.components import (
    Asking,
    Components,
    Row,
    Story,
    Summary,
)
from gadfly.web.picture import Picture
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, shape

PAGE = 1000
"""Rows in one answer at most."""
FRESH = 0.5
"""Seconds a list may be old. The page asks a second after a change, so it never sees one from before it; a
hundred pages that show the same list cost two searches a second."""
LISTS = 64
"""Lists kept at most."""
HISTORY = 60
FLIPS = 200

_lists: WeakKeyDictionary[Picture, dict[tuple[Any, ...], tuple[float, bytes]]] = WeakKeyDictionary()
"""By query: the moment, and the answer."""

try:
    SOFTWARE = version("gadfly")
except PackageNotFoundError:
    SOFTWARE = "source"


async def summary(call: Call) -> Response:
    node = call.node
    picture = node.picture
    found = picture.counts()
    counts = {verdict.name: found.get(verdict.name, 0) for verdict in Verdict}
    return json(
        Summary(
            node=node.name(),
            software=SOFTWARE,
            at=node.clock.wall(),
            started=node.started,
            version=picture.version,
            size=picture.size,
            total=sum(counts.values()),
            counts=counts,
            alerts=msgspec.convert(node.alert_counts(), AlertCounts),
            ready=not node.unready(),
            warnings=list(node.warnings()),
            reading=node.config.node.reading,
        )
    )


async def components(call: Call) -> Response:
    asked = call.query
    verdicts = tuple(filter(None, asked["verdict"].split(",")))
    for word in verdicts:
        if word not in Verdict.__members__:
            raise Trouble(422, f"Parameter 'verdict': {word!r} is none of {', '.join(Verdict.__members__)}.")
    if asked["order"] not in ("verdict", "name", "seen"):
        raise Trouble(422, "Parameter 'order' is verdict, name or seen.")
    if not 1 <= asked["limit"] <= PAGE or asked["offset"] < 0:
        raise Trouble(422, f"Parameter 'limit' is 1 to {PAGE}, 'offset' 0 or more.")
    picture = call.node.picture
    now = call.node.clock.monotonic()
    key = tuple(asked.values())
    kept = _lists.setdefault(picture, {})
    if key in kept and now - kept[key][0] < FRESH:
        return Response(kept[key][1], media_type="application/json")
    total, slots = picture.find(
        q=asked["q"][:200],
        verdict=verdicts,
        owner=asked["owner"],
        group=asked["group"],
        host=asked["host"],
        kind=asked["kind"],
        offset=asked["offset"],
        limit=asked["limit"],
        order=asked["order"],
    )
    rows = [shape(picture.row(slot), Row) for slot in slots]
    answer = json(Components(total=total, offset=asked["offset"], version=picture.version, components=rows))
    kept.pop(key, None)
    kept[key] = (now, bytes(answer.body))
    while len(kept) > LISTS:
        del kept[next(iter(kept))]
    return answer


def _slot(call: Call, name: str) -> int:
    slot = call.node.picture.slot(name)
    if slot is None:
        raise Trouble(404, f"No component {name[:200]!r} is declared or has been heard.")
    return slot


async def component(call: Call) -> Response:
    return json(shape(call.node.picture.row(_slot(call, call.path("name"))), Row))


async def at_slot(call: Call) -> Response:
    picture = call.node.picture
    text = call.path("slot")
    slot = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if not 0 <= slot < picture.size or picture.name(slot) is None:
        raise Trouble(404, "No component is at this slot.")
    return json(shape(picture.row(slot), Row))


async def story(call: Call) -> Response:
    name = call.query["name"] if "name" in call.query else call.path("name")
    found = await call.node.story(name)
    if found is None:
        raise Trouble(404, f"No component {name[:200]!r} is declared or has been heard.")
    told = shape(found, Story)
    return json(
        msgspec.structs.replace(
            told,
            at=call.node.clock.wall(),
            health=redact.url(told.health) if "@" in told.health else told.health,
            flips=told.flips[:FLIPS],
            probes=[msgspec.structs.replace(one, history=one.history[-HISTORY:]) for one in told.probes],
            notices=[msgspec.structs.replace(one, to=redact.contact(one.to)) for one in told.notices],
            owners=[
                msgspec.structs.replace(one, contact=[redact.contact(each) for each in one.contact])
                for one in told.owners
            ],
        )
    )


async def forget(call: Call) -> Response:
    name = call.path("name")
    _slot(call, name)
    await call.node.forget(name, call.who.name)
    return Response(status_code=204)


async def ask(call: Call) -> Response:
    name = call.path("name")
    _slot(call, name)
    probes = await call.node.ask_now(name, call.who.name)
    if not probes:
        raise Trouble(409, f"{name[:200]!r} has no probe to ask; declare one in the catalogue.")
    return json(Asking(component=name, probes=probes), 202)
