"""Handlers: the ledger for verifiers (C2SP tlog-tiles), for other ledgers (tlog-witness), and for people."""

from __future__ import annotations

from starlette.responses import Response

from gadfly.ledger.entry import KINDS
from gadfly.ledger.witness import BODY, Denied
from gadfly.web.answers.ledger import Entries, Standing, WholeEntry
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, read_body, shape

TEXT = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"
MOST = 1000
"""Entries of one page."""
FULL = "public, max-age=31536000, immutable"
"""For a full tile: it never changes."""
PARTIAL = "public, max-age=86400, immutable"
"""For a partial one: nor does it, but a full one will take its place."""


async def checkpoint(call: Call) -> Response:
    newest = call.node.ledger.newest
    if newest is None:
        raise Trouble(404, "The ledger has no checkpoint yet; it gets one a second after its first entry.")
    return Response(str(newest), 200, {"cache-control": "no-cache"}, TEXT)


async def tile(call: Call) -> Response:
    data, full = await call.node.ledger.tile(f"tile/{call.path('path')}")
    return Response(data, 200, {"cache-control": FULL if full else PARTIAL}, OCTETS)


async def entries(call: Call) -> Response:
    query = call.query
    if query["kind"] and query["kind"] not in KINDS:
        raise Trouble(422, f"Parameter 'kind' is one of {', '.join(KINDS)}.")
    if not 1 <= query["limit"] <= MOST:
        raise Trouble(422, f"Parameter 'limit' is 1 to {MOST}.")
    before = query["before"]
    if before is not None and not 0 <= before < 1 << 62:
        raise Trouble(422, "Parameter 'before' is the index of an entry.")
    found = await call.node.ledger.entries(
        query["about"], query["kind"], query["who"], before, query["limit"]
    )
    return json(shape(found, Entries))


async def entry(call: Call) -> Response:
    return json(shape(await call.node.ledger.entry(_index(call)), WholeEntry))


async def receipt(call: Call) -> Response:
    index = _index(call)
    text = await call.node.ledger.receipt(index)
    name = f'attachment; filename="entry-{index}.tlog-proof"'
    return Response(text, 200, {"content-disposition": name}, TEXT)


async def standing(call: Call) -> Response:
    return json(shape(await call.node.ledger.standing(), Standing))


async def ask(call: Call) -> Response:
    return json(shape(await call.node.ledger.ask(), Standing))


async def add_checkpoint(call: Call) -> Response:
    """Who asks needs no token: the signature on the checkpoint says who it is."""
    body = await read_body(call.request, BODY)
    try:
        line = await call.node.ledger.cosign(body)
    except Denied as denied:
        # As a header: Starlette would add a character set, which the protocol does not have.
        return Response(denied.text, denied.status, {"content-type": denied.media})
    return Response(line, 200, media_type=TEXT)


def _index(call: Call) -> int:
    text = call.path("index")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Trouble(404, f"There is no entry {text[:40]!r}.")
    return int(text)
