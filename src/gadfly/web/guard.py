"""What holds for every request before it is looked at, and for every answer before it leaves.

Against DNS rebinding a node on loopback answers only to loopback's names: a foreign page may point its own
name at 127.0.0.1, but the browser still sends that name. No CORS header is ever sent; requests that a browser
marks as coming from another site are refused except for opening the page itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gadfly.web.problem import problem

log = logging.getLogger(__name__)

BODY = 65_536
"""Bytes of a request's body at most where an endpoint says no more; the longest of them takes a silence."""
TARGET = 4096
"""Bytes of path and query at most."""
HEAD = 16_384
"""Bytes of a request's headers at most."""
SECONDS = 30.0
"""From the headers of a request to the end of its answer; streams have bounds of their own."""
ENDLESS = "/api/v1/stream"
LONG = {"/api/v1/questions/now": 600.0}
"""Instead of :data:`SECONDS`, for who may have the node work for so long: a look at a large node's data."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Own scripts and styles, nothing else; with trusted types no mistake of ours turns text into markup."""

FORM_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""For a page with a form and no script."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def host_only(authority: str) -> str:
    """The host of ``host:port`` or ``[v6]:port``, in lower case without brackets."""
    text = authority.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.rpartition(":")[0] if text.count(":") == 1 else text


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names(listen: str, url: str) -> frozenset[str] | None:
    """Hosts that may be asked for beside loopback's own; None: any, as the node is not on loopback."""
    if not is_loopback(host_only(listen)):
        return None
    authority = url.partition("://")[2].partition("/")[0]
    return frozenset({host_only(authority)} - {""})


class Guard:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp, *, listen: str, url: str = "", limit: Callable[[str], int]) -> None:
        """`limit` says by the path how many bytes a body may have."""
        self._app = app
        self._limit = limit
        self._names = names(listen, url)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = host_only(headers.get("host", ""))
        if self._names is not None and host not in self._names and not is_loopback(host):
            return (
                421,
                "This node answers to loopback's names only; set node.url to the name that people use.",
            )
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > TARGET:
            return 414, f"Path and query may have {TARGET} bytes."
        if sum(len(key) + len(value) for key, value in scope["headers"]) > HEAD:
            return 431, f"A request's headers may have {HEAD} bytes."
        site = headers.get("sec-fetch-site", "")
        opening = headers.get("sec-fetch-mode") == "navigate" and scope["method"] == "GET"
        if site in ("cross-site", "same-site") and not opening:
            return 403, "Requests from another site's page are not answered."
        length = headers.get("content-length", "0")
        limit = self._limit(scope["path"])
        if not (length.isascii() and length.isdecimal() and len(length) < 20) or int(length) > limit:
            return 413, f"A request's body may have {limit} bytes here."
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope, Headers(scope=scope))

        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = headers.get("content-security-policy")
                for key, value in HEADERS.items():
                    headers[key] = value
                if own == FORM_POLICY:
                    headers["content-security-policy"] = FORM_POLICY
                headers.setdefault("cache-control", "no-store")
            await send(message)

        if refusal is not None:
            status, detail = refusal
            closing = {"connection": "close"}
            answer = problem(status, detail, instance=scope["path"][:200], headers=closing)
            await answer(scope, receive, guarded)
            return
        if scope["path"] == ENDLESS:
            await self._app(scope, receive, guarded)
            return
        seconds = LONG.get(scope["path"], SECONDS)
        try:
            async with asyncio.timeout(seconds):
                await self._app(scope, receive, guarded)
        except TimeoutError:
            if started:
                raise
            answer = problem(408, f"Not done within {seconds:.0f} s.", headers={"connection": "close"})
            await answer(scope, receive, guarded)
        except Exception:
            # A defect. The caller is told that it is ours; the log has the rest.
            # The link of a letter is leave to answer, and logs are read by others.
            path = "/q/…" if scope["path"].startswith("/q/") else scope["path"]
            log.exception("%s %s failed", scope["method"], path)
            if started:
                raise
            answer = problem(500, "The node failed here; its log says where.", instance=scope["path"])
            await answer(scope, receive, guarded)
