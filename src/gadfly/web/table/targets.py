"""The row of the API's table that says what is scraped."""

from __future__ import annotations

from gadfly.web import prometheus, targets
from gadfly.web.route import Endpoint
from gadfly.web.table.query import PREFIXES

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    Endpoint(
        method="GET",
        path=f"{prefix}/targets",
        handler=targets.targets,
        summary="What is scraped, and how it went, as Prometheus answers",
        gives=dict,
        errors=(400,),
        refusal=prometheus.refusal,
        help="`state` (any, active, dropped), `scrapePool` (a job). Errors are in Prometheus' form.",
    )
    for prefix in PREFIXES
)
