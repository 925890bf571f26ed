"""How functions, their versions and their calls are shown: what the API answers of each. Pure."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote_plus

from gadfly import secret
from gadfly.functions.invoke import Done
from gadfly.functions.queue import Attempt, Invocation
from gadfly.redact import HIDDEN
from gadfly.store.asked import Asked, Use
from gadfly.store.deployed import Version

_TELLING = re.compile(r"auth|cookie|key|token|secret|password|session|signature", re.IGNORECASE)
"""Names of headers and parameters that hold what lets one send in another's name."""


def grant(line: str, use: Use | None) -> dict[str, Any]:
    """A line of what it may do, and its use; None: it was never used."""
    if use is None:
        return {"line": line, "count": 0, "first": None, "last": None}
    return {"line": line, "count": use.count, "first": use.first, "last": use.last}


def version(one: Version) -> dict[str, Any]:
    """What was deployed."""
    return {"hash": one.hash, "files": one.files, "bytes": one.bytes, "at": one.at, "who": one.who}


def invocation(one: Invocation, said: Asked) -> dict[str, Any]:
    """A call; `said`: what its last try asked for."""
    return {
        "id": one.id,
        "function": one.function,
        "called": one.called,
        "key": one.key,
        "state": one.state,
        "reason": one.reason,
        "created": one.created,
        "due": one.due,
        "ended": one.ended,
        "attempts": one.attempts,
        "allowed": one.allowed,
        "replayable": one.size > 0 and one.state not in ("waiting", "running"),
        "used": said.used,
        "denied": said.denied,
    }


def attempt(one: Attempt, said: Asked) -> dict[str, Any]:
    """A try; `said`: what it asked for."""
    return {
        "number": one.number,
        "began": one.began,
        "ended": one.ended,
        "outcome": one.outcome,
        "error": one.error,
        "version": one.version,
        "answer": _text(one.answer),
        "log": _text(one.log),
        "unsaid": one.unsaid,
        "used": said.used,
        "denied": said.denied,
    }


def whole(done: Done | None) -> dict[str, Any]:
    """What is not kept in whole, for who waited for it."""
    if done is None:
        return {}
    return {"answer": done.value, "error": done.error, "seconds": done.seconds, "output": done.log}


def event(data: bytes) -> str:
    """As it was, but for headers and parameters of a delivery by which its sender is known: replayed with
    them, shown without."""
    try:
        found = json.loads(data or b"null")
    except (ValueError, RecursionError):
        return _text(data)
    if not isinstance(found, dict) or not isinstance(headers := found.get("headers"), dict):
        return _text(data)
    hidden = {name for name in headers if name.lower() in secret.HEADERS or _TELLING.search(name)}
    shown = {**found, "headers": {**headers, **dict.fromkeys(hidden, HIDDEN)}}
    if shown.get("cookies"):
        shown["cookies"] = [HIDDEN]
    if isinstance(asked := found.get("queryStringParameters"), dict):
        shown["queryStringParameters"] = {
            name: HIDDEN if _TELLING.search(name) else one for name, one in asked.items()
        }
    if isinstance(query := found.get("rawQueryString"), str):
        shown["rawQueryString"] = "&".join(map(_parameter, query.split("&")))
    return _text(data) if shown == found else json.dumps(shown)


def _parameter(text: str) -> str:
    name, there, _ = text.partition("=")
    return f"{name}={HIDDEN}" if there and _TELLING.search(unquote_plus(name)) else text


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
