"""Handlers: the node itself: health, metrics, configuration, and heartbeats that come over HTTP."""

from __future__ import annotations

from starlette.responses import Response

from gadfly.web import auth, redact
from gadfly.web.answers.system import Health, Reloaded
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, read_body

HEALTH = "application/health+json"
DATAGRAM = 1200
"""Bytes of the longest frame."""


def _health(problems: list[str]) -> Response:
    answer = json(Health(status="fail" if problems else "pass", output="; ".join(problems)))
    answer.status_code = 503 if problems else 200
    answer.headers["content-type"] = HEALTH
    return answer


async def livez(call: Call) -> Response:
    """That this answers is the proof."""
    return _health([])


async def readyz(call: Call) -> Response:
    return _health(list(call.node.unready()))


async def metrics(call: Call) -> Response:
    return Response(call.node.metrics_text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def config(call: Call) -> Response:
    return json(redact.configuration(call.node.config))


async def reload(call: Call) -> Response:
    return json(Reloaded(changes=list(await call.node.reload(call.who.name))))


async def beat(call: Call) -> Response:
    """One frame a request.

    With keys, the frame's own authentication decides, as it does for a datagram. Without, a token is needed,
    except on this machine: whoever is here may send datagrams as well. The media type must be one that a
    browser does not send to another site unasked.
    """
    peer = call.request.client.host if call.request.client else ""
    trusted = call.who.may("beat") or call.node.config.heartbeat.keys or auth.here(call.request, call.node)
    if not trusted:
        raise Trouble(
            401,
            "Beats over HTTP need a token with the scope 'beat', or keys (heartbeat.keys) on both sides.",
            {"www-authenticate": 'Bearer scope="beat"'},
        )
    if call.request.headers.get("content-type", "") != "application/octet-stream":
        raise Trouble(415, "A frame comes as Content-Type: application/octet-stream.")
    frame = await read_body(call.request, DATAGRAM)
    if not frame:
        raise Trouble(400, "The body must be one heartbeat frame.")
    call.node.inject(frame, (peer, call.request.client.port if call.request.client else 0))
    return Response(status_code=204)
