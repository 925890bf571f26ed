"""The node as the command line sees it: where it is, how it is asked, and what its refusals mean."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from gadfly.errors import ConfigError, GadflyError, NodeUnreachable, Refused

DEFAULT = "http://127.0.0.1:7171"
JSON = "application/json"
LIMIT = 64 * 1024 * 1024
"""Bytes of one answer: a hundred thousand components with all their facts are half of it."""
LINE = 1024 * 1024
"""Bytes of one line of the event stream."""


class Node:
    """One node's API. Every call is one request; errors are :class:`Refused` or :class:`NodeUnreachable`."""

    def __init__(self, url: str, token: str = "", timeout: float = 10.0) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise ConfigError(f"gadfly: {url!r} is not the address of a node; write {DEFAULT}")
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self.token = token
        self._timeout = timeout
        self._host, self._port, self._base = parts.hostname, port, parts.path.rstrip("/")
        self._tls = parts.scheme == "https"

    def patient(self, seconds: float) -> Node:
        """The same node, waited for so long."""
        return Node(self.url, self.token, seconds)

    def get(self, path: str, **query: object) -> Any:
        """The JSON that GET answers. Query values of None or '' are left out."""
        return self._ask("GET", path + _query(query))

    def post(self, path: str, body: object = None) -> Any:
        """The JSON that POST answers, or None."""
        return self._ask("POST", path, {} if body is None else body)

    def send(self, path: str, data: bytes, media: str) -> Any:
        """The JSON that POST answers to these bytes of that media type."""
        return self._ask("POST", path, data, media)

    def delete(self, path: str, **query: object) -> Any:
        """The JSON that DELETE answers, or None. Query values of None or '' are left out."""
        return self._ask("DELETE", path + _query(query))

    def fetch(self, path: str) -> bytes:
        """What GET gives for a path from the server's root, whatever it is."""
        return self._read("GET", path, None)

    def stream(self, path: str, timeout: float = 60.0, **query: object) -> Iterator[tuple[str, str]]:
        """Server-sent events as (event, data), until the node ends the stream or is silent for `timeout`."""
        where = f"/api/v1/{path}{_query(query)}"
        connection, answer = self._open("GET", where, None, timeout, "text/event-stream")
        try:
            self._judge(answer)
            yield from events(iter(lambda: answer.readline(LINE), b""))
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None
        finally:
            connection.close()

    def _ask(self, method: str, path: str, body: object = None, media: str = JSON) -> Any:
        data = self._read(method, f"/api/v1/{path}", body, media)
        if not data:
            return None
        try:
            return json.loads(data)
        except ValueError:
            raise Refused(f"what answers at {self.url} is not a gadfly node: it sent no JSON") from None

    def _read(self, method: str, path: str, body: object, media: str = JSON) -> bytes:
        connection, answer = self._open(method, path, body, self._timeout, JSON, media)
        try:
            self._judge(answer)
            data = answer.read(LIMIT + 1)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None
        finally:
            connection.close()
        if len(data) > LIMIT:
            raise Refused(f"the node's answer is larger than {LIMIT >> 20} MiB; ask for less with a filter")
        return data

    def _open(
        self, method: str, path: str, body: object, timeout: float, accept: str, media: str = JSON
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        headers = {"Accept": f"{accept}, application/problem+json", "Connection": "close"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["Content-Type"] = media
        connection: http.client.HTTPConnection
        if self._tls:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=context)
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        try:
            connection.request(method, f"{self._base}{path}", data, headers)
            return connection, connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._unreachable(error) from None

    def _judge(self, answer: http.client.HTTPResponse) -> None:
        if answer.status < 300:
            return
        if answer.status < 400:
            raise Refused(f"{self.url} sends us elsewhere; give --node the address where the node itself is")
        raise _refusal(answer.status, answer.read(65_536), bool(self.token))

    def _unreachable(self, error: Exception) -> NodeUnreachable:
        if isinstance(error, ConnectionRefusedError):
            why = "nobody listens there"
        elif isinstance(error, TimeoutError):
            why = "it does not answer in time"
        else:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return NodeUnreachable(
            f"no node at {self.url}: {why}. Start one with `gadfly up`, or name another with --node"
        )


def locate(url: str = "", token: str = "") -> Node:
    """The node that was named, or the one running on this machine.

    The local node's token is used for that node only, never sent to another one.
    """
    from gadfly.instrument import runfile

    local = runfile.read() or {}
    address = url or str(local.get("url") or DEFAULT)
    node = Node(address)
    if token.startswith(("env:", "file:")):
        from gadfly.secret import resolve

        token = resolve(token).decode("ascii", "ignore").strip()
    if not token and local.get("token") and Node(str(local["url"])).url == node.url:
        token = str(local["token"])
    node.token = token
    return node


def events(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Server-sent events from their lines, as (event, data). What is unknown is passed over.

    https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
    """
    event, data = "message", list[str]()
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            if data:
                yield event, "\n".join(data)
            event, data = "message", []
        elif text.startswith("event:"):
            event = text[6:].strip()
        elif text.startswith("data:"):
            data.append(text[5:].removeprefix(" "))


def segment(name: str) -> str:
    """A component's name as one segment of a path."""
    return quote(name, safe="")


def _query(query: dict[str, object]) -> str:
    pairs = {key: value for key, value in query.items() if value not in (None, "", ())}
    return f"?{urlencode(pairs, doseq=True)}" if pairs else ""


def _refusal(status: int, body: bytes, with_token: bool) -> GadflyError:
    """The error that an RFC 9457 problem stands for, or the status alone."""
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    if problem.get("problems"):
        return ConfigError(*(str(line) for line in problem["problems"]))
    said = (problem.get(key) for key in ("detail", "error", "title"))
    text = next((str(word) for word in said if word), f"the node answered {status}")
    if status == 401 and not with_token:
        text += " Give it with --token or GADFLY_TOKEN; `gadfly token create`, there, makes one."
    return Refused(text, status)
