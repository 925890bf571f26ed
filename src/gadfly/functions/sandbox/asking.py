"""What a handler imports as ``gadfly_fn``: the things it may ask for, each covered by a grant or denied.

There is no socket and no secret in a cell. Each function here sends one frame, ``{"ask": {"verb", "text",
"args"}}``, to the supervisor on the one descriptor that the call has, and waits for ``{"ok": …}``,
``{"denied": words}`` or ``{"failed": words}``. What `text` is, is what a grant of that verb is about::

    http("POST", "https://hooks.example/x", body={"text": "hi"}, secret="slack")
    metric("queue_depth")                 # PromQL; every metric in it needs its metric:read
    components(group="web")
    silence("group=web", 900, "rollout")
    act("restart-worker", worker="w7")
    invoke("tidy-uploads", {"older_than": 7})

One call is answered before the next one of another thread is sent.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


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


_one_at_a_time = threading.Lock()
_exchange: Callable[[dict[str, Any]], dict[str, Any]] | None = None


def connect(exchange: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Done once for a call, before the handler runs: `exchange` sends one frame and gives the reply."""
    global _exchange
    _exchange = exchange


def _ask(verb: str, text: str, args: Mapping[str, Any]) -> Any:
    if _exchange is None:
        raise Failed("nothing can be asked while the code is loaded; ask in the handler")
    with _one_at_a_time:
        reply = _exchange({"ask": {"verb": verb, "text": text, "args": dict(args)}})
    if "denied" in reply:
        raise Denied(str(reply["denied"]))
    if "ok" not in reply:
        raise Failed(str(reply.get("failed", "no answer")))
    return reply["ok"]


def http(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | str | Mapping[str, Any] | list[Any] | None = None,
    secret: str | None = None,
) -> Response:
    """One request. `body`: bytes, text, or what becomes JSON. `secret`: the name of one that is put in.

    Needs ``http:METHOD URL`` (and ``secret:use NAME``). Denied, Failed.
    """
    sent = dict(headers or {})
    if isinstance(body, str):
        body = body.encode()
    elif body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        if not any(name.lower() == "content-type" for name in sent):
            sent["content-type"] = "application/json"
    args: dict[str, Any] = {"headers": sent}
    if body is not None:
        args["body"] = base64.b64encode(body).decode()
    if secret is not None:
        args["secret"] = secret
    found = _ask(f"http:{method.upper()}", url, args)
    return Response(
        int(found["status"]), dict(found.get("headers", {})), base64.b64decode(found.get("body", ""))
    )


def metric(query: str) -> list[dict[str, Any]]:
    """The value now of a PromQL query: one object a series. Needs ``metric:read NAME`` for each metric."""
    return _ask("metric:read", query, {})  # type: ignore[no-any-return]


def components(**selector: str) -> list[dict[str, Any]]:
    """Components with their verdict, chosen by one of name, group, owner, host, kind. ``component:read``."""
    return _ask("component:read", _one(selector), {})  # type: ignore[no-any-return]


def silence(matching: str, seconds: float, comment: str) -> Any:
    """Keep alerts of `matching` (such as ``group=web``) quiet for a while. ``alert:silence``."""
    return _ask("alert:silence", matching, {"seconds": seconds, "comment": comment})


def act(name: str, **inputs: Any) -> Any:
    """Request an automation; the gate decides. ``act:request NAME``. Gives what was decided."""
    return _ask("act:request", name, {"inputs": inputs})


def invoke(name: str, event: Any) -> Any:
    """Call another function and wait for what it gives. ``function:invoke NAME``."""
    return _ask("function:invoke", name, {"event": event})


def _one(selector: Mapping[str, str]) -> str:
    if len(selector) != 1:
        raise TypeError("components are chosen by one of name=, group=, owner=, host=, kind=")
    ((key, value),) = selector.items()
    return f"{key}={value}"
