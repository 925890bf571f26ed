"""Handlers: as much of Alertmanager's API, version 2, as whoever sends it alerts needs."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from gadfly.alert.reported import Reported, fingerprint
from gadfly.alert.shown import Alert
from gadfly.errors import FormatError, StoreError
from gadfly.telemetry import alertmanager
from gadfly.web.problem import Trouble
from gadfly.web.prometheus import moment
from gadfly.web.route import Call, json, read_body, shape

BODY = 8_000_000
"""Bytes of a request; 10,000 alerts with some text."""
AGAIN = {"retry-after": "5"}
VERSION = "0.25.0"
"""The Alertmanager whose API this is; amtool compares it with its own."""
REFUSED = "rules of this node have found them themselves, or too many are open here already"
SAID = 20
"""Problems that are told of one request."""


async def post(call: Call) -> Response:
    """Alerts as they are now, on disk when it is answered. A wrong one does not keep the others out."""
    body = await read_body(call.request, BODY)
    try:
        taken, wrong = alertmanager.read(body, call.node.clock.wall())
    except FormatError as error:
        raise Trouble(400, f"{error}.") from None
    who = call.who.name or (call.request.client.host if call.request.client else "")
    reports = [
        Reported(one.labels, one.annotations, one.starts, one.ends, f"alertmanager:{who}", one.generator)
        for one in taken
    ]
    try:
        refused = await call.node.report(reports)
    except StoreError as error:
        raise Trouble(503, str(error), AGAIN) from None
    if wrong:
        raise Trouble(400, f"{len(taken)} alerts were taken. Not taken: {'; '.join(wrong[:SAID])}.")
    if refused:
        raise Trouble(503, f"{refused} alerts were not taken: {REFUSED}.", AGAIN)
    return Response(status_code=200)


async def alerts(call: Call) -> Response:
    """What fires: alerts that were reported, and those of components."""
    found = [shape(one, Alert) for one in await call.node.alerts("firing")]
    return json([_told(one) for one in found])


def _told(one: Alert) -> dict[str, object]:
    labels = one.labels or {
        "alertname": "component",
        "component": one.component,
        "verdict": one.verdict,
        **({"owner": one.owner} if one.owner else {}),
    }
    return alertmanager.gettable(
        labels,
        one.annotations if one.title else {"summary": one.reason},
        starts=moment(one.started),
        ends="0001-01-01T00:00:00Z",
        fingerprint=fingerprint(labels),
        generator=one.generator,
        receivers=[one.owner] if one.owner else [],
        suppressed=one.suppressed,
    )


async def status(call: Call) -> Response:
    """What amtool asks first."""
    about = dict.fromkeys(("branch", "buildDate", "buildUser", "goVersion", "revision"), "")
    return json(
        {
            "cluster": {"status": "disabled", "peers": []},
            "config": {"original": ""},
            "uptime": moment(call.node.started),
            "versionInfo": {**about, "version": VERSION},
        }
    )


async def ready(call: Call) -> Response:
    """As Prometheus and Alertmanager say it."""
    if why := call.node.unready():
        raise Trouble(503, "; ".join(why))
    return Response("OK", 200, None, "text/plain")


def refusal(status: int, detail: str, headers: dict[str, str] | None) -> Response:
    """An error as this API writes it: a text in JSON."""
    return Response(msgspec.json.encode(detail), status, headers, "application/json")
