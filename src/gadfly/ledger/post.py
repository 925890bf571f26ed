"""One POST with a bounded answer: how a witness is asked."""

from __future__ import annotations

import asyncio
import ssl
import urllib.parse

import h11

from gadfly.errors import LedgerError

HEAD = 65_536
"""Bytes of an answer's head at most."""


async def post(url: str, body: bytes, timeout: float, limit: int) -> tuple[int, bytes]:
    """Status and body of the answer, of which `limit` bytes are read. Redirects are not followed.

    LedgerError where there is none within `timeout` seconds, in words without the address's password.
    """
    try:
        async with asyncio.timeout(timeout):
            return await _exchange(url, body, limit)
    except TimeoutError:
        raise LedgerError(f"no answer within {timeout:g} s") from None
    except ssl.SSLError as error:
        raise LedgerError(f"TLS failed: {error.reason}") from None
    except OSError as error:
        raise LedgerError(f"it cannot be reached: {error.strerror or type(error).__name__}") from None
    except h11.RemoteProtocolError as error:
        raise LedgerError(f"its answer is not HTTP: {error}") from None
    except (ValueError, h11.LocalProtocolError) as error:
        raise LedgerError(f"its address cannot be used ({type(error).__name__})") from None


async def _exchange(url: str, body: bytes, limit: int) -> tuple[int, bytes]:
    parts = urllib.parse.urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
    head = connection.send(
        h11.Request(
            method="POST",
            target=target,
            headers=[
                ("host", parts.netloc.rpartition("@")[2]),
                ("user-agent", "gadfly"),
                ("connection", "close"),
                ("content-type", "text/plain; charset=utf-8"),
                ("content-length", str(len(body))),
            ],
        )
    )
    data = connection.send(h11.Data(data=body))
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(host, port, ssl=tls)
    try:
        writer.write((head or b"") + (data or b""))
        status, got = 0, b""
        while len(got) < limit:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(16_384))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                got += event.data
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                break
        return status, got[:limit]
    finally:
        writer.transport.abort()
