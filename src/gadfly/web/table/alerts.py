"""Rows of the API's table: alerts, incidents, silences and dead letters."""

from __future__ import annotations

from gadfly.web import alerts
from gadfly.web.answers.alerts import (
    Acknowledge,
    Acknowledged,
    Alerts,
    DeadLetters,
    Incidents,
    Silence,
    Silences,
    Silencing,
)
from gadfly.web.route import Endpoint, Query

_LIMIT = Query("limit", int, 500, f"How many at most, up to {alerts.MOST:,}.")

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/alerts",
        handler=alerts.alerts,
        summary="Alerts, newest first",
        query=(Query("state", str, "firing", "firing, resolved (of late) or all."), _LIMIT),
        gives=Alerts,
        errors=(422,),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/alerts/{id}/ack",
        handler=alerts.acknowledge,
        summary="Acknowledge an alert: somebody is at it, escalation stops",
        scope="ack",
        body=Acknowledge,
        gives=Acknowledged,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/incidents",
        handler=alerts.incidents,
        summary="Open incidents: alerts of one cause",
        query=(_LIMIT,),
        gives=Incidents,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/incidents/{id}/ack",
        handler=alerts.acknowledge,
        summary="Acknowledge an incident and every alert in it",
        scope="ack",
        body=Acknowledge,
        gives=Acknowledged,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/silences",
        handler=alerts.silences,
        summary="Silences that hold or will",
        gives=Silences,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/silences",
        handler=alerts.add_silence,
        summary="Silence what matches, until an end, for a reason",
        scope="silence",
        body=Silencing,
        gives=Silence,
        status=201,
        errors=(422,),
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/silences/{id}",
        handler=alerts.end_silence,
        summary="End a silence now",
        scope="silence",
        status=204,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/outbox",
        handler=alerts.dead_letters,
        summary="Dead letters: notifications that could not be delivered",
        query=(_LIMIT,),
        gives=DeadLetters,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/outbox/{id}/retry",
        handler=alerts.retry,
        summary="Try a dead letter again",
        scope="ack",
        status=202,
        errors=(404, 409),
    ),
)
