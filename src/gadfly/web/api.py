"""Page and API as an ASGI application, made from the table of endpoints."""

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

from gadfly.web import page, stream
from gadfly.web.asking import Asking
from gadfly.web.auth import Gatekeeper
from gadfly.web.components import SOFTWARE
from gadfly.web.guard import Guard
from gadfly.web.node import Node
from gadfly.web.openapi import document
from gadfly.web.pinging import PingDoor
from gadfly.web.problem import HANDLERS
from gadfly.web.question_link import Turns
from gadfly.web.route import Call, Endpoint, adapter, body_limit, json
from gadfly.web.table import ENDPOINTS

Answering = Callable[[Request], Awaitable[Response]]
COMPRESSED_FROM = 1024
"""Bytes; a smaller answer fits a packet or two as it is."""


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
    return document(ENDPOINTS, SOFTWARE)


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
