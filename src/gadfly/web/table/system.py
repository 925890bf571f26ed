"""Rows of the API's table: the node itself, and beats that come over HTTP."""

from __future__ import annotations

from gadfly.web import system
from gadfly.web.answers.system import Health, Reloaded
from gadfly.web.route import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/v1/beat",
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
        path="/api/v1/config",
        handler=system.config,
        summary="The configuration in force, without secrets",
        gives=dict,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/reload",
        handler=system.reload,
        summary="Read the configuration again; refused whole if anything in it is wrong",
        scope="reload",
        gives=Reloaded,
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
        gives=Health,
        media=system.HEALTH,
    ),
    Endpoint(
        method="GET",
        path="/readyz",
        handler=system.readyz,
        summary="Whether the node can do its work",
        scope="",
        gives=Health,
        media=system.HEALTH,
        errors=(503,),
    ),
    Endpoint(
        method="GET",
        path="/healthz",
        handler=system.readyz,
        summary="The same as /readyz",
        scope="",
        gives=Health,
        media=system.HEALTH,
        errors=(503,),
    ),
)
