"""The rows of the API's table that concern the ledger. What is under `/ledger/` is as C2SP has it."""

from __future__ import annotations

from gadfly.web import ledger
from gadfly.web.answers import ledger as ledger_answers
from gadfly.web.route import Endpoint, Query

V1 = "/api/v1/ledger"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/ledger/checkpoint",
        handler=ledger.checkpoint,
        summary="The ledger's newest signed tree head (C2SP tlog-checkpoint), with its cosignatures",
        media=ledger.TEXT,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/ledger/tile/{path:path}",
        handler=ledger.tile,
        summary="A tile of the hash tree, or a bundle of entries (C2SP tlog-tiles)",
        media=ledger.OCTETS,
        errors=(404,),
        help="`LEVEL/NUMBER` or `entries/NUMBER`, the number in groups of three digits (`x001/234`), with "
        "`.p/WIDTH` behind a partial one. It never changes, and may be cached for ever.",
    ),
    Endpoint(
        method="POST",
        path="/ledger/witness/add-checkpoint",
        handler=ledger.add_checkpoint,
        summary="Ask this node to cosign another ledger's checkpoint (tlog-witness)",
        scope="",
        takes=ledger.TEXT,
        media=ledger.TEXT,
        errors=(400, 403, 404, 409, 413, 422),
        help="The signature on the checkpoint says who asks; its key must stand in a [witness.NAME]. "
        "409 has the size that was cosigned last, as text/x.tlog.size.",
    ),
    Endpoint(
        method="GET",
        path=V1,
        handler=ledger.entries,
        summary="Entries of the ledger, newest first, each with its sentence",
        query=(
            Query("about", str, "", "A subject: component:NAME, owner:NAME, incident:i3 …"),
            Query("kind", str, "", "One kind: flip, alert, silence, intent …"),
            Query("who", str, "", "One principal: node, person:NAME, program:NAME, automation:NAME …"),
            Query("before", int | None, None, "Only older ones than this index."),
            Query("limit", int, 100, f"How many at most, up to {ledger.MOST:,}."),
        ),
        gives=ledger_answers.Entries,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/standing",
        handler=ledger.standing,
        summary="Keys and sizes: this ledger, the witnesses it asks, the ledgers it witnesses",
        gives=ledger_answers.Standing,
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/ask",
        handler=ledger.ask,
        summary="Ask every witness for its cosignature of the newest checkpoint now",
        scope="reload",
        gives=ledger_answers.Standing,
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/{{index}}",
        handler=ledger.entry,
        summary="One entry of the ledger, with its canonical bytes",
        gives=ledger_answers.WholeEntry,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/{{index}}/receipt",
        handler=ledger.receipt,
        summary="The offline proof of an entry (C2SP tlog-proof)",
        media=ledger.TEXT,
        errors=(404,),
    ),
)
