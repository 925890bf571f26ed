"""POST as Alertmanager does it: JSON version 4, one connection a message, redirects not followed."""

from __future__ import annotations

import asyncio
import functools
import ssl
import urllib.parse

import h11
import msgspec

from gadfly.alert.notification import Notification, alertmanager
from gadfly.alert.notify.destination import Context, Destination
from gadfly.errors import NotifyError

HEAD = 65_536
"""Bytes of an answer's head at most; its body is not needed."""
BUSY = frozenset({408, 425, 429})
"""Statuses below 500 after which trying again may help."""


async def send(notification: Notification, destination: Destination, context: Context) -> None:
    """Return when the receiver answered 2xx. The key in `Idempotency-Key` is the same at every try."""
    body = msgspec.json.encode(alertmanager(notification, destination.name))
    headers = {
        "content-type": "application/json",
        "user-agent": "gadfly",
        "idempotency-key": notification.key,
        **{name.lower(): value for name, value in destination.headers.items()},
    }
    try:
        async with asyncio.timeout(destination.timeout):
            status = await post(destination.url, headers, body)
    except TimeoutError:
        raise NotifyError(f"No answer within {destination.timeout:g} s.") from None
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotifyError(
            f"It answered {status}, a redirect, which is not followed; write the final address.",
            permanent=True,
        )
    raise NotifyError(f"It answered {status}.", permanent=400 <= status < 500 and status not in BUSY)


async def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """One request; the status of its answer. NotifyError without the address in it, which may be secret."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
        fields = [("host", parts.netloc.rpartition("@")[2]), ("connection", "close"), *headers.items()]
        fields.append(("content-length", str(len(body))))
        request = connection.send(h11.Request(method="POST", target=target, headers=fields))
    except (ValueError, h11.LocalProtocolError) as error:
        raise NotifyError(
            f"Its address or headers cannot be used ({type(error).__name__}).", permanent=True
        ) from None
    data = connection.send(h11.Data(data=body))
    try:
        reader, writer = await asyncio.open_connection(
            host, port, ssl=_tls() if parts.scheme == "https" else None
        )
    except ssl.SSLError as error:
        raise NotifyError(f"TLS failed: {error.reason}.") from None
    except OSError as error:
        raise NotifyError(f"It cannot be reached: {error.strerror or error}.") from None
    try:
        writer.write((request or b"") + (data or b""))
        return await _status(connection, reader)
    except (OSError, ssl.SSLError) as error:
        raise NotifyError(f"The connection broke: {error.strerror or type(error).__name__}.") from None
    except h11.RemoteProtocolError as error:
        raise NotifyError(f"Its answer is not HTTP: {error}.") from None
    finally:
        writer.transport.abort()


async def _status(connection: h11.Connection, reader: asyncio.StreamReader) -> int:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(16_384))
        elif isinstance(event, h11.Response):
            return event.status_code


@functools.lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
