"""The rows of the API's table that are Alertmanager's: with a prefix and without, as senders have either."""

from __future__ import annotations

from gadfly.web import alertmanager
from gadfly.web.auth import INGEST
from gadfly.web.route import Endpoint

PREFIXES = ("", "/alertmanager")


def _rows(prefix: str) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="POST",
            path=f"{prefix}/api/v2/alerts",
            handler=alertmanager.post,
            summary="Alerts of a Prometheus, as Alertmanager takes them",
            scope=INGEST,
            takes="application/json",
            limit=alertmanager.BODY,
            errors=(400, 413, 503),
            refusal=alertmanager.refusal,
            media="text/plain",
            help="A list of alerts: `labels`, `annotations`, `startsAt`, `endsAt`, `generatorURL`. One "
            "without an end is over when it is not sent again within five minutes. On disk when answered.",
        ),
        Endpoint(
            method="GET",
            path=f"{prefix}/api/v2/alerts",
            handler=alertmanager.alerts,
            summary="What fires, as Alertmanager tells it",
            gives=list,
            refusal=alertmanager.refusal,
        ),
        Endpoint(
            method="GET",
            path=f"{prefix}/api/v2/status",
            handler=alertmanager.status,
            summary="What amtool asks first",
            gives=dict,
            refusal=alertmanager.refusal,
        ),
        Endpoint(
            method="GET",
            path=f"{prefix}/-/ready",
            handler=alertmanager.ready,
            summary="Whether the node can do its work, as Prometheus and Alertmanager say it",
            scope="",
            media="text/plain",
            errors=(503,),
        ),
    )


ENDPOINTS: tuple[Endpoint, ...] = tuple(row for prefix in PREFIXES for row in _rows(prefix))
