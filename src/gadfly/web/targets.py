"""Handler: what is scraped, in the form of Prometheus' HTTP API."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from gadfly import duration
from gadfly.web import prometheus
from gadfly.web.route import Call

STATES = ("any", "active", "dropped")
NEVER = "0001-01-01T00:00:00Z"
"""How Go writes a time that is none."""


async def targets(call: Call) -> Response:
    """All targets, or those of one job."""
    state = call.request.query_params.get("state", "any").lower()
    job = call.request.query_params.get("scrapePool", "")
    if state not in STATES:
        return prometheus.failure("bad_data", f'the state "{state[:40]}" is none of {", ".join(STATES)}')
    pages = [one for one in call.node.scraping.shown() if job in ("", one.job)]
    active = [
        {
            "discoveredLabels": one.discovered,
            "labels": one.labels,
            "scrapePool": page.job,
            "scrapeUrl": one.url,
            "globalUrl": one.url,
            "lastError": one.error,
            "lastScrape": prometheus.moment(one.asked_at) if one.asked_at else NEVER,
            "lastScrapeDuration": one.seconds,
            "health": one.health,
            "scrapeInterval": duration.format(one.every),
            "scrapeTimeout": duration.format(one.timeout),
        }
        for page in pages
        for one in page.targets
    ]
    dropped = [{"discoveredLabels": labels} for page in pages for labels in page.dropped]
    found = {
        "activeTargets": active if state != "dropped" else [],
        "droppedTargets": dropped if state != "active" else [],
    }
    return Response(prometheus.success(msgspec.json.encode(found)), media_type="application/json")
