"""The rows of the API's table that concern facts: what questions are asked of."""

from __future__ import annotations

from gadfly.web import facts
from gadfly.web.answers import facts as fact_answers
from gadfly.web.auth import INGEST
from gadfly.web.route import Endpoint, Query

V1 = "/api/v1"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{V1}/facts",
        handler=facts.facts,
        summary="The tables that questions are asked of, and which kinds lack what",
        gives=fact_answers.Facts,
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/facts/{{table}}",
        handler=facts.rows,
        summary="Rows of a table that came over the API",
        query=(
            Query("after", str, "", "Only those behind this key: the `next` of the answer before."),
            Query("limit", int, 100, f"How many at most, up to {facts.MOST:,}."),
        ),
        gives=fact_answers.FactRows,
        errors=(404, 422),
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/facts/{{table}}",
        handler=facts.put,
        summary="Tell facts that the node cannot know: a rota, deploys, incidents of another tool",
        scope=INGEST,
        takes=facts.LINES,
        limit=facts.BODY,
        gives=fact_answers.TakenFacts,
        also=(facts.RELOAD,),
        errors=(400, 404, 413, 415, 429, 503),
        help="One JSON object a line, with the columns of docs/facts.md. A row with the key of one that was "
        "told before replaces it, so that sending the same again changes nothing. All of them are taken, or "
        "none; what is wrong is named with its line and column. With the scope `ingest` alone: "
        f"{', '.join(sorted(facts.MEASURED))}; all others need `{facts.RELOAD}`.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{V1}/facts/{{table}}",
        handler=facts.delete,
        summary="Forget facts that came over the API",
        scope=facts.RELOAD,
        query=(Query("key", str, "", "Only the row of this key. Without it, all of the table."),),
        gives=fact_answers.GoneFacts,
        errors=(404, 503),
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/questions/now",
        handler=facts.look,
        summary="Look at the data now, and not only once a day",
        scope="reload",
        gives=fact_answers.Look,
        errors=(408, 409, 422, 503),
        help="Answers within ten minutes, or with 408; it is looked to the end nevertheless. Sightings are "
        "counted once a day however often this is called.",
    ),
)
