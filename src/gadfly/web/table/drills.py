"""The rows of the API's table that concern fire drills."""

from __future__ import annotations

from gadfly.web import drills
from gadfly.web.answers import drills as drill_answers
from gadfly.web.route import Endpoint, Query

V1 = "/api/v1"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{V1}/drills",
        handler=drills.drills,
        summary="Fire drills: who was told, how fast, and what did not happen",
        query=(Query("limit", int, 100, f"How many at most, up to {drills.MOST:,}."),),
        gives=drill_answers.Drills,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/drills/{{id}}",
        handler=drills.drill,
        summary="One fire drill, as far as it has come",
        gives=drill_answers.Drill,
        errors=(404,),
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/drills",
        handler=drills.begin,
        summary="Send a synthetic failure the way of a real one",
        scope="act",
        body=drill_answers.Drilling,
        gives=drill_answers.Drill,
        status=202,
        errors=(404, 409, 422, 429, 503),
        help="It goes on by itself; ask for it by its id until its state is not `running`. An owner has one "
        "a minute at most. `POST /api/v1/alerts/{id}/ack` with the id of the drill takes it on.",
    ),
)
