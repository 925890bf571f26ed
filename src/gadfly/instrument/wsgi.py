"""Health and metrics as a WSGI application, or as middleware around one."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from gadfly.instrument.endpoints import PATHS, answer
from gadfly.instrument.health import Health
from gadfly.instrument.metrics import REGISTRY, Registry

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def wsgi(
    health: Health, registry: Registry = REGISTRY, app: WSGIApplication | None = None
) -> WSGIApplication:
    """Serve /livez, /readyz, /healthz and /metrics; everything else goes to `app`, where there is one."""

    def served(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if app is not None and path not in PATHS:
            return app(environ, start_response)
        status, headers, body = answer(environ["REQUEST_METHOD"], path, health, registry)
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    return served
