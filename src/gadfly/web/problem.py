"""Every error the API gives is a problem document (RFC 9457) that says who must do what."""

from __future__ import annotations

import http

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gadfly.errors import ConfigError, FormatError, GadflyError, LedgerError, LimitError, Refused, StoreError
from gadfly.web.answers import Problem

MEDIA = "application/problem+json"


class Trouble(Exception):
    """An error with its HTTP status, raised by a handler."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


def problem(
    status: int,
    detail: str = "",
    *,
    instance: str = "",
    headers: dict[str, str] | None = None,
    problems: list[str] | None = None,
) -> Response:
    """The answer for one error. ``instance`` is the path asked for."""
    try:
        title = http.HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    body = Problem(title=title, status=status, detail=detail, instance=instance, problems=problems or [])
    sent = {"cache-control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(body), status, sent, MEDIA)


def _status(error: GadflyError) -> int:
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, FormatError):
        return 400
    if isinstance(error, LimitError):
        return 429
    if isinstance(error, ConfigError):
        return 422
    if isinstance(error, StoreError | LedgerError):
        return 503
    return 500


async def on_trouble(request: Request, error: Exception) -> Response:
    """An error that a handler raised on purpose."""
    assert isinstance(error, Trouble)
    return problem(error.status, error.detail, instance=request.url.path, headers=error.headers)


async def on_gadfly_error(request: Request, error: Exception) -> Response:
    """An error of the node's own tree."""
    assert isinstance(error, GadflyError)
    lines = list(error.problems) if isinstance(error, ConfigError) else []
    detail = "The configuration was not taken; mend these lines and try again." if lines else str(error)
    return problem(_status(error), detail, instance=request.url.path, problems=lines)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own: no such path, or not this method."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 404:
        detail = "There is nothing at this address; /openapi.json lists what there is."
    elif error.status_code == 405:
        detail = f"{request.method} is not understood here; use {headers.get('Allow', 'another method')}."
    else:
        detail = error.detail
    return problem(error.status_code, detail, instance=request.url.path, headers=headers)


HANDLERS = {
    Trouble: on_trouble,
    GadflyError: on_gadfly_error,
    HTTPException: on_http_exception,
}
