"""What a handler imports as ``gadfly_fn`` on AWS Lambda: the same calls, with the same names and errors.

This file is copied beside the handler as it is, so it stands alone: the standard library, and boto3, which is
there. Its grants are in the environment (GADFLY_GRANTS), its secrets in Secrets Manager under
``gadfly/NAME``.
Grants are checked in the function's own process: they keep an honest function honest. What a dishonest one
may do is in its role.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple

MOST = 1 << 20
"""Bytes of a request's and of an answer's body."""
SECONDS = 30.0
WINDOW = 300.0
"""Seconds that a signed time may be away."""
KEEP = 300.0
"""Seconds for which a secret is kept in memory."""
_PLACE = re.compile(r"\{secret:([A-Za-z0-9][A-Za-z0-9._-]{0,199})\}")
_ODD = re.compile(r"%(2[eEfF]|5[cC]|25|00)|\\|//|/\.{1,2}(/|;|$)|[\s#]")
_LABELS = r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)"
"""Where a query names labels, not metrics."""
_WORDS = frozenset(
    {
        *("and", "or", "unless", "atan2", "bool", "offset", "inf", "nan", "group_left", "group_right"),
        *("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile", "count_values"),
        *("topk", "bottomk", "limitk", "limit_ratio"),
    }
)
"""Words of a query that are neither metrics nor called with what stands right behind them."""
_kept: dict[str, tuple[float, str]] = {}


class Denied(Exception):
    """No grant covers this; the message has the line that would."""


class Failed(Exception):
    """It was allowed, and did not work: the other side is away, too slow or says too much."""


class Response(NamedTuple):
    """What an HTTP server answered; `headers` with lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON. ValueError where it is none."""
        return json.loads(self.body)

    def text(self) -> str:
        """The body, read as UTF-8; what is none of it is replaced."""
        return self.body.decode(errors="replace")


def http(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | str | Mapping[str, Any] | list[Any] | None = None,
    secret: str | None = None,
) -> Response:
    """One request; a redirect of GET or HEAD is followed where it is granted. Denied, Failed."""
    method = method.upper()
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    if isinstance(body, str):
        body = body.encode()
    elif body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        sent.setdefault("content-type", "application/json")
    if body is not None and len(body) > MOST:
        raise Failed(f"a body has at most {MOST} bytes")
    url = _filled(url)
    _allow_url(method, url)
    plain = dict(sent)
    sent = {name: _filled(value) for name, value in sent.items()}
    if secret is not None:
        sent["authorization"] = f"Bearer {_secret(secret)}"
    for _ in range(4):
        answer = _sent(method, url, sent, body)
        after = urllib.parse.urljoin(url, answer.headers.get("location", ""))
        if method not in ("GET", "HEAD") or answer.status not in (301, 302, 303, 307, 308) or after == url:
            break
        _allow_url(method, after)
        if urllib.parse.urlsplit(after)[:2] != urllib.parse.urlsplit(url)[:2]:
            sent = {name: value for name, value in plain.items() if not _PLACE.search(value)}
        url = after
    return answer


def metric(query: str) -> list[dict[str, Any]]:
    """The value now of a PromQL query, from the node. Needs the ``metric:read`` of each metric in it."""
    for name in _metric_names(query):
        _allow(f"metric:read {name}")
    found = _node(f"/prometheus/api/v1/query?{urllib.parse.urlencode({'query': query})}")
    return found["data"]["result"]  # type: ignore[no-any-return]


def components(**selector: str) -> list[dict[str, Any]]:
    """Components with their verdict, from the node. Needs the ``component:read`` of one of the pairs."""
    pairs = [f"component:read {key}={value}" for key, value in selector.items()]
    if not pairs or not any(line in _grants() for line in pairs):
        raise Denied(f"{pairs[0] if pairs else 'component:read'} is not granted")
    return _node(f"/api/v1/components?{urllib.parse.urlencode(selector)}")["components"]  # type: ignore[no-any-return]


def invoke(name: str, event: Any) -> Any:
    """Call another function and wait for what it gives. ``function:invoke NAME``."""
    _allow(f"function:invoke {name}")
    answer = _client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    value = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        raise Failed(f"{name} failed: {value}")
    return value


def silence(matching: str, seconds: float, comment: str) -> Any:
    """Only where the node is."""
    raise Denied("alert:silence is only there where the node is")


def act(name: str, **inputs: Any) -> Any:
    """Only where the node is."""
    raise Denied("act:request is only there where the node is")


def signed(event: Any, context: Any) -> Any:
    """The handler of a webhook: the function's own one is called for what was signed; others are answered
    401.

    What does not come by the address comes from whom the account lets call it, such as its schedule.
    """
    module, _, handler = os.environ["GADFLY_HANDLER"].rpartition(".")
    call = getattr(importlib.import_module(module), handler)
    if not isinstance(event, dict) or "http" not in event.get("requestContext", {}):
        return call(event, context)
    kind, count = os.environ["GADFLY_SIGNED"].split()
    name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    secrets = [_stored(f"{name}-webhook-{number}").encode() for number in range(1, int(count) + 1)]
    text = event.get("body") or ""
    body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    if not verified(kind, secrets, event.get("headers", {}), body, time.time()):
        return {"statusCode": 401, "body": "not signed by whom it should be"}
    return call(event, context)


def verified(kind: str, secrets: list[bytes], headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether one of the secrets signed it: as GitHub does, or as Standard Webhooks do, not long ago."""
    if kind == "github":
        given = headers.get("x-hub-signature-256", "").removeprefix("sha256=").encode()
        return any(
            hmac.compare_digest(hmac.new(one, body, hashlib.sha256).hexdigest().encode(), given)
            for one in secrets
        )
    at, identity = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
    if not re.fullmatch(r"\d{1,12}", at, re.ASCII) or abs(int(at) - now) > WINDOW:
        return False
    # What is signed is joined by dots. Only where it comes apart in one way, it is what the sender meant.
    if not identity or "." in identity or re.match(rb"[0-9]+\.", body):
        return False
    content = f"{identity}.{at}.".encode() + body
    given_ones = [
        one.removeprefix("v1,").encode() for one in headers.get("webhook-signature", "").split()[:16]
    ]
    for one in secrets:
        key = base64.b64decode(one.removeprefix(b"whsec_"))
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
        if any(hmac.compare_digest(wanted, given) for given in given_ones):
            return True
    return False


def _metric_names(query: str) -> list[str]:
    """Which metrics a query names, by a plain reading: what it cannot read is Denied."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`', '""', query, flags=re.DOTALL)
    text = re.sub(r"#[^\n]*", " ", text)
    for before, inner in re.findall(r"([\w:]*)\s*\{([^{}]*)\}", text):
        pairs = [one.strip() for one in inner.split(",") if one.strip()]
        plain = all(re.fullmatch(r"[A-Za-z_]\w*\s*(?:=~|!~|!=|=)\s*\"\"", one, re.ASCII) for one in pairs)
        named = before and before.lower() not in _WORDS
        if not named or not plain or any(one.startswith("__name__") for one in pairs):
            raise Denied(
                "each part of a query must name its metric in front of its braces, as queue_depth{…}"
            )
    text = re.sub(r'\{[^{}]*\}|\[[^\[\]]*\]|""', " ", text)
    text = re.sub(_LABELS, " ", text, flags=re.IGNORECASE)
    text = re.sub(r"\b\d[\w.]*", " ", text)
    names = re.findall(r"[A-Za-z_:][\w:]*(?![\w:]|\s*\()", text, re.ASCII)
    found = [one for one in names if one.lower() not in _WORDS]
    if not found or re.search(r"[{}\[\]\"'`]", text):
        raise Denied("a query must name its metrics, as queue_depth{…}")
    return found


def _grants() -> list[str]:
    return json.loads(os.environ.get("GADFLY_GRANTS", "[]"))  # type: ignore[no-any-return]


def _allow(line: str) -> None:
    if line not in _grants():
        raise Denied(f"{line} is not granted; its owner may add that line to `grants`")


def _allow_url(method: str, url: str) -> None:
    if not _covered(method, url):
        shown = _struck(url.partition("?")[0])
        raise Denied(f"http:{method} {shown} is not granted; its owner may add that line to `grants`")


def _covered(method: str, url: str) -> bool:
    asked = _parts(url)
    if asked is None or _ODD.search(asked[1]) or "*" in asked[1]:
        return False
    for line in _grants():
        verb, _, text = line.partition(" ")
        granted = _parts(text.removesuffix("*"))
        if verb != f"http:{method}" or granted is None or granted[0] != asked[0]:
            continue
        if asked[1] == granted[1] or (text.endswith("*") and asked[1].startswith(granted[1])):
            return True
    return False


def _parts(url: str) -> tuple[tuple[str, str, int], str] | None:
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or parts.fragment:
        return None
    return (parts.scheme, (parts.hostname or "").lower(), port), parts.path or "/"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _sent(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Response:
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    asked = urllib.request.Request(url, body, {"user-agent": "gadfly-fn", **headers}, method=method)  # noqa: S310
    try:
        with opener.open(asked, timeout=SECONDS) as answer:
            return _answer(answer)
    except urllib.error.HTTPError as answer:
        with answer:
            return _answer(answer)
    except (OSError, ValueError) as error:
        raise Failed(_struck(str(error))) from None


def _answer(answer: Any) -> Response:
    data = answer.read(MOST + 1)
    if len(data) > MOST:
        raise Failed(f"it answered more than the {MOST} bytes that are taken")
    return Response(answer.status, {name.lower(): value for name, value in answer.headers.items()}, data)


def _filled(text: str) -> str:
    return _PLACE.sub(lambda found: _secret(found[1]), text)


def _struck(text: str) -> str:
    for _, value in _kept.values():
        text = text.replace(value, "[secret]")
    return text


def _secret(name: str) -> str:
    _allow(f"secret:use {name}")
    return _stored(name)


def _stored(name: str) -> str:
    """A secret of this name, without a grant: also what the node and the senders of webhooks share with
    it."""
    kept = _kept.get(name)
    if kept is None or time.monotonic() - kept[0] > KEEP:
        found = _client("secretsmanager").get_secret_value(SecretId=f"gadfly/{name}")["SecretString"]
        kept = _kept[name] = (time.monotonic(), found.strip())
    return kept[1]


def _node(path: str) -> Any:
    headers = {"authorization": f"Bearer {_stored('node-token')}"}
    answer = _sent("GET", os.environ["GADFLY_NODE"].rstrip("/") + path, headers, None)
    if answer.status != 200:
        raise Failed(f"the node answered {answer.status}")
    return answer.json()


def _client(service: str) -> Any:
    return importlib.import_module("boto3").client(service)
