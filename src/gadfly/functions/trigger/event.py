"""Events as AWS Lambda hands them over, so that a handler runs here and there unchanged. Pure.

Shapes, after AWS' documentation: EventBridge's scheduled event; an event of one's own as EventBridge passes
it on (alerts, predictions, automations); CloudWatch Logs' subscription; the request and the answer of a
function URL, payload format 2.0. What AWS names and there is not here, such as an account, has a fixed value.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from gadfly.store.logs import Kept, severity_name

ACCOUNT = "000000000000"
REGION = "local"
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
"""A header's, as HTTP has it."""
_TEXTS = ("application/json", "application/xml", "application/javascript")


class Request(NamedTuple):
    """What came over HTTP. `headers` in their order; `path` behind the function's own address."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    address: str
    """Whose it is."""


class Reply(NamedTuple):
    """What goes back over HTTP."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def encoded(event: Mapping[str, Any]) -> bytes:
    """The same bytes for the same event."""
    return msgspec.json.encode(event)


def scheduled(function: str, called: str, instant: float) -> dict[str, Any]:
    """Of a time of a schedule."""
    return {
        "version": "0",
        "id": _identity(function, called, str(int(instant))),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": _time(instant),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{function}"],
        "detail": {},
    }


def told(kind: str, key: str, at: float, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Of something that gadfly itself tells: `kind` as `Alert`, `Prediction` or `Automation`."""
    return {
        "version": "0",
        "id": _identity("gadfly", kind, key),
        "detail-type": kind,
        "source": "gadfly",
        "account": ACCOUNT,
        "time": _time(at),
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def logs(function: str, called: str, lines: Sequence[Kept]) -> dict[str, Any]:
    """Of lines: base64 of gzip of JSON, the way CloudWatch Logs sends them.

    Host, unit, source and severity of each stand where CloudWatch has the fields that a filter found.
    """
    streams = {f"{one.host}/{one.unit}" for one in lines}
    groups = {one.source for one in lines}
    message = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": f"/gadfly/{groups.pop()}" if len(groups) == 1 else "/gadfly",
        "logStream": streams.pop() if len(streams) == 1 else "several",
        "subscriptionFilters": [called],
        "logEvents": [
            {
                "id": f"{one.number:056d}",
                "timestamp": int(one.at * 1000),
                "message": one.text,
                "extractedFields": {
                    "host": one.host,
                    "unit": one.unit,
                    "source": one.source,
                    "severity": severity_name(one.severity),
                },
            }
            for one in lines
        ],
    }
    # Without a time in it, the same lines are the same bytes.
    data = gzip.compress(msgspec.json.encode(message), compresslevel=6, mtime=0)
    return {"awslogs": {"data": base64.b64encode(data).decode()}}


def url(function: str, request: Request, key: str, at: float) -> dict[str, Any]:
    """Of a request to a function's address."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in request.headers:
        lowered = name.lower()
        if lowered == "cookie":
            cookies += [one.strip() for one in value.split(";")]
        else:
            headers[lowered] = f"{headers[lowered]},{value}" if lowered in headers else value
    asked: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        asked[name] = f"{asked[name]},{value}" if name in asked else value
    body, is_base64 = _body(request.body, headers.get("content-type", ""))
    domain = headers.get("host", function)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
        **({"cookies": cookies} if cookies else {}),
        "headers": headers,
        **({"queryStringParameters": asked} if asked else {}),
        "requestContext": {
            "accountId": "anonymous",
            "apiId": function,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.address,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": _identity(function, "url", key),
            "routeKey": "$default",
            "stage": "$default",
            "time": dt.datetime.fromtimestamp(at, dt.UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(at * 1000),
        },
        **({"body": body} if request.body else {}),
        "isBase64Encoded": is_base64,
    }


def reply(value: Any) -> Reply:
    """What a handler's answer is over HTTP: as it says, or its JSON where it names no status.

    ValueError, for whoever wrote the handler, where it cannot be sent.
    """
    if not isinstance(value, dict) or "statusCode" not in value:
        return Reply(200, [("content-type", "application/json")], msgspec.json.encode(value))
    status = value["statusCode"]
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise ValueError("the handler's statusCode is no status of an answer; it is a number, 200 to 599")
    body = value.get("body") or ""
    if not isinstance(body, str):
        body = msgspec.json.encode(body).decode()
    given, cookies = value.get("headers") or {}, value.get("cookies") or []
    if not isinstance(given, dict) or not isinstance(cookies, list):
        raise ValueError("the handler's headers are no object, or its cookies no list")  # noqa: TRY004
    headers = [(str(name).lower(), str(one)) for name, one in given.items()]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "application/json"))
    headers += [("set-cookie", str(one)) for one in cookies]
    for name, one in headers:
        if not _NAME.fullmatch(name) or not one.isascii() or not one.isprintable():
            raise ValueError(f"the handler's header {name[:40]!r} cannot be sent; it is printable ASCII")
    if status in (204, 304):
        return Reply(status, headers, b"")
    if value.get("isBase64Encoded"):
        try:
            return Reply(status, headers, base64.b64decode(body, validate=True))
        except ValueError:
            raise ValueError("the handler says isBase64Encoded, and its body is not") from None
    return Reply(status, headers, body.encode("utf-8", "replace"))


def _body(body: bytes, content: str) -> tuple[str, bool]:
    """As text where its type is one and it is UTF-8, else as base64."""
    kind = content.partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXTS or kind.endswith(("+json", "+xml")):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), bool(body)


def _identity(*parts: str) -> str:
    """The same for the same: an event that is made again after a crash has the name it had."""
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def _time(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
