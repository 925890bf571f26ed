"""What is served at /livez, /readyz, /healthz and /metrics, whatever server it is in."""

from __future__ import annotations

import asyncio
from typing import Literal

from gadfly.instrument import exposition, health
from gadfly.instrument.health import Health
from gadfly.instrument.metrics import Registry

SCOPES: dict[str, Literal["live", "ready", "all"]] = {"/livez": "live", "/readyz": "ready", "/healthz": "all"}
METRICS = "/metrics"
PATHS = (*SCOPES, METRICS)

Answer = tuple[int, list[tuple[str, str]], bytes]


def answer(
    method: str, path: str, checks: Health, registry: Registry, loop: asyncio.AbstractEventLoop | None = None
) -> Answer:
    """Status, headers and body. Waits for the health checks; a path that is none of ours is 404."""
    if path not in PATHS:
        return _with_length(404, "text/plain; charset=utf-8", b"not found\n")
    if method not in ("GET", "HEAD"):
        status, headers, body = _with_length(405, "text/plain; charset=utf-8", b"GET or HEAD\n")
        return status, [*headers, ("allow", "GET, HEAD")], body
    if path == METRICS:
        status, kind, body = 200, exposition.CONTENT_TYPE, registry.exposition().encode()
    else:
        kind = health.CONTENT_TYPE
        status, body = checks.body(SCOPES[path], loop)
    status, headers, body = _with_length(status, kind, body)
    return status, [*headers, ("cache-control", "no-store")], b"" if method == "HEAD" else body


def _with_length(status: int, kind: str, body: bytes) -> Answer:
    return status, [("content-type", kind), ("content-length", str(len(body)))], body
