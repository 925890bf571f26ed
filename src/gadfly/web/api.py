"""The table of everything the API offers, and the application made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gadfly.web import (
    act_table,
    alertmanager_table,
    alerts,
    answers,
    components,
    drill_table,
    facts_table,
    function_table,
    grid,
    ledger_table,
    logs_table,
    otlp_table,
    page,
    predictions_table,
    push_table,
    query_table,
    questions_table,
    stream,
    system,
    targets_table,
    tokens,
    write_table,
)
from gadfly.web.asking import Asking
from gadfly.web.auth import Gatekeeper
from gadfly.web.guard import Guard
from gadfly.web.node import Node
from gadfly.web.openapi import document
from gadfly.web.pinging import PingDoor
from gadfly.web.problem import HANDLERS
from gadfly.web.question_link import Turns
from gadfly.web.route import Call, Endpoint, Query, adapter, body_limit, json

V1 = "/api/v1"
Answering = Callable[[Request], Awaitable[Response]]
COMPRESSED_FROM = 1024
"""Bytes; a smaller answer fits a packet or two as it is."""

_LIMIT = Query("limit", int, 500, f"How many at most, up to {alerts.MOST:,}.")

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{V1}/summary",
        handler=components.summary,
        summary="One glance: how many components have each verdict",
        gives=answers.Summary,
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/grid",
        handler=grid.grid,
        summary="The verdict of every slot, one byte each",
        media=grid.BINARY,
        help="Byte n is slot n's verdict in the order of the table of verdicts; 255: the slot is free. "
        "The header Gadfly-Version says which version this is; `/stream?since=` goes on from there. "
        "If-None-Match is honoured.",
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/grid/order",
        handler=grid.order,
        summary="The slots put together by a label",
        query=(Query("by", str, "group", "group, host, owner or kind"),),
        media=grid.BINARY,
        errors=(422,),
        help="Four bytes (little-endian) length of a JSON text, the JSON text (by, labels: pairs of label "
        "and number of slots), then the slots, four bytes each.",
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/stream",
        handler=stream.stream,
        summary="Changes as they happen, as server-sent events",
        query=(Query("since", int | None, None, "The version to go on from; Last-Event-ID does the same."),),
        media="text/event-stream",
        errors=(503,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/components",
        handler=components.components,
        summary="A list of components, filtered and paged",
        query=(
            Query("q", str, "", "Part of a name, whatever its case."),
            Query("verdict", str, "", "Verdicts, with commas between."),
            Query("owner", str, "", "Exactly this owner."),
            Query("group", str, "", "Exactly this group."),
            Query("host", str, "", "Exactly this host."),
            Query("kind", str, "", "service, host, job, device or function."),
            Query("offset", int, 0, "How many to pass over."),
            Query("limit", int, 100, f"How many at most, up to {components.PAGE}."),
            Query("order", str, "verdict", "verdict (worst first), name or seen."),
        ),
        gives=answers.Components,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/slots/{{slot}}",
        handler=components.at_slot,
        summary="The component at a slot of the grid",
        gives=answers.Row,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/story",
        handler=components.story,
        summary="Everything about one component, by any name",
        query=(Query("name", str, "", "Its name; here it may hold slashes and dots."),),
        gives=answers.Story,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/components/{{name:path}}/story",
        handler=components.story,
        summary="Everything about one component",
        gives=answers.Story,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/components/{{name:path}}",
        handler=components.component,
        summary="One component in a line",
        gives=answers.Row,
        errors=(404,),
    ),
    Endpoint(
        method="DELETE",
        path=f"{V1}/components/{{name:path}}",
        handler=components.forget,
        summary="Drop a component that is gone for good: neither declared nor beating",
        scope="admin",
        status=204,
        errors=(404, 409),
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/probe/{{name:path}}",
        handler=components.ask,
        summary="Ask a component's probes now",
        scope="probe",
        gives=answers.Asking,
        status=202,
        errors=(404, 409),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/alerts",
        handler=alerts.alerts,
        summary="Alerts, newest first",
        query=(Query("state", str, "firing", "firing, resolved (of late) or all."), _LIMIT),
        gives=answers.Alerts,
        errors=(422,),
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/alerts/{{id}}/ack",
        handler=alerts.acknowledge,
        summary="Acknowledge an alert: somebody is at it, escalation stops",
        scope="ack",
        body=answers.Acknowledge,
        gives=answers.Acknowledged,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/incidents",
        handler=alerts.incidents,
        summary="Open incidents: alerts of one cause",
        query=(_LIMIT,),
        gives=answers.Incidents,
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/incidents/{{id}}/ack",
        handler=alerts.acknowledge,
        summary="Acknowledge an incident and every alert in it",
        scope="ack",
        body=answers.Acknowledge,
        gives=answers.Acknowledged,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/silences",
        handler=alerts.silences,
        summary="Silences that hold or will",
        gives=answers.Silences,
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/silences",
        handler=alerts.add_silence,
        summary="Silence what matches, until an end, for a reason",
        scope="silence",
        body=answers.Silencing,
        gives=answers.Silence,
        status=201,
        errors=(422,),
    ),
    Endpoint(
        method="DELETE",
        path=f"{V1}/silences/{{id}}",
        handler=alerts.end_silence,
        summary="End a silence now",
        scope="silence",
        status=204,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/outbox",
        handler=alerts.dead_letters,
        summary="Dead letters: notifications that could not be delivered",
        query=(_LIMIT,),
        gives=answers.DeadLetters,
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/outbox/{{id}}/retry",
        handler=alerts.retry,
        summary="Try a dead letter again",
        scope="ack",
        status=202,
        errors=(404, 409),
    ),
    *act_table.ENDPOINTS,
    *function_table.ENDPOINTS,
    *ledger_table.ENDPOINTS,
    *query_table.ENDPOINTS,
    *alertmanager_table.ENDPOINTS,
    *predictions_table.ENDPOINTS,
    *questions_table.ENDPOINTS,
    *drill_table.ENDPOINTS,
    *facts_table.ENDPOINTS,
    *push_table.ENDPOINTS,
    *targets_table.ENDPOINTS,
    *logs_table.ENDPOINTS,
    *write_table.ENDPOINTS,
    *otlp_table.ENDPOINTS,
    Endpoint(
        method="GET",
        path=f"{V1}/tokens",
        handler=tokens.tokens,
        summary="Tokens, without what would let one use them",
        scope="tokens",
        gives=answers.Tokens,
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/tokens",
        handler=tokens.add,
        summary="Make a token; it is shown this once",
        scope="tokens",
        body=answers.Minting,
        gives=answers.NewToken,
        status=201,
        errors=(409, 422),
    ),
    Endpoint(
        method="DELETE",
        path=f"{V1}/tokens/{{id}}",
        handler=tokens.remove,
        summary="Remove a token",
        scope="tokens",
        status=204,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/whoami",
        handler=tokens.whoami,
        summary="What the presented token may do",
        scope="",
        gives=answers.Whoami,
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/beat",
        handler=system.beat,
        summary="A heartbeat frame, where datagrams do not get through",
        scope="",
        takes="application/octet-stream",
        status=204,
        errors=(400, 401, 413, 415),
        help="One frame of at most 1200 bytes. Needs the scope `beat`, keys on both sides, or loopback.",
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/config",
        handler=system.config,
        summary="The configuration in force, without secrets",
        gives=dict,
    ),
    Endpoint(
        method="POST",
        path=f"{V1}/reload",
        handler=system.reload,
        summary="Read the configuration again; refused whole if anything in it is wrong",
        scope="reload",
        gives=answers.Reloaded,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        handler=system.metrics,
        summary="The node's own metrics, in Prometheus' text format",
        media="text/plain",
    ),
    Endpoint(
        method="GET",
        path="/livez",
        handler=system.livez,
        summary="Whether the node answers",
        scope="",
        gives=answers.Health,
        media=system.HEALTH,
    ),
    Endpoint(
        method="GET",
        path="/readyz",
        handler=system.readyz,
        summary="Whether the node can do its work",
        scope="",
        gives=answers.Health,
        media=system.HEALTH,
        errors=(503,),
    ),
    Endpoint(
        method="GET",
        path="/healthz",
        handler=system.readyz,
        summary="The same as /readyz",
        scope="",
        gives=answers.Health,
        media=system.HEALTH,
        errors=(503,),
    ),
)


def _routes(node: Node, gatekeeper: Gatekeeper, endpoints: Iterable[Endpoint]) -> list[Route]:
    """One route a path, so that a wrong method is told which ones there are (405 with Allow)."""
    by_path: dict[str, dict[str, Answering]] = {}
    for one in endpoints:
        by_path.setdefault(one.path, {})[one.method] = adapter(one, node, gatekeeper)

    def choosing(methods: dict[str, Answering]) -> Answering:
        async def answer(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await methods[method](request)

        return answer

    return [Route(path, choosing(methods), methods=list(methods)) for path, methods in by_path.items()]


@cache
def _described() -> dict[str, Any]:
    """Made when somebody asks for the first time: it takes longer than all the routes."""
    return document(ENDPOINTS, components.SOFTWARE)


async def _openapi(call: Call) -> Response:
    return json(_described())


def build(node: Node) -> Starlette:
    """Page and API of a node as an ASGI application; ``app.state.stream`` must be closed before it stops."""
    gatekeeper = Gatekeeper(node)
    own = Endpoint(
        method="GET", path="/openapi.json", handler=_openapi, summary="This description", scope="", gives=dict
    )
    routes = _routes(node, gatekeeper, (*ENDPOINTS, own))
    app = Starlette(
        routes=[*routes, *page.routes()],
        exception_handlers=dict(HANDLERS),
        middleware=[
            Middleware(PingDoor, node=node),
            Middleware(
                Guard,
                listen=node.config.node.listen,
                url=node.config.node.url,
                limit=body_limit(ENDPOINTS),
            ),
            Middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM, compresslevel=4),
        ],
    )
    app.router.redirect_slashes = False
    app.state.stream = stream.Stream(node)
    app.state.asking = Asking()
    app.state.turns = Turns()
    return app
