"""One HTTP request for a function: the name is looked up once, and what was checked is what is connected to.

No redirects, no cookies, no connection kept: the broker decides on each request anew.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Awaitable, Callable

from gadfly.errors import GadflyError, LimitError
from gadfly.functions.reach import Reach
from gadfly.functions.world import Request, Response
from gadfly.monitor.probe import request as probe_request
from gadfly.monitor.probe.request import PORTS, Target
from gadfly.monitor.probe.response import HEAD, ResponseError
from gadfly.monitor.probe.response import Response as Reading

CHUNK = 65_536
ADDRESSES = 3
"""Of one name are tried."""
Find = Callable[[str, int], Awaitable[list[str]]]


class HttpError(GadflyError):
    """The other side did not answer as HTTP has it, or leads to where a grant does not."""


async def exchange(request: Request, reach: Reach, find: Find | None = None) -> Response:
    """Send it and read the answer. `find`: name and port to addresses; the system's unless given.

    LimitError for an answer that is too large; HttpError, TimeoutError, OSError.
    """
    default = request.port == PORTS[request.scheme]
    target = Target(
        request.scheme == "https",
        request.host,
        request.port,
        request.host if default else f"{request.host}:{request.port}",
        request.path,
    )
    try:
        data = probe_request.request(target, request.method, request.headers, request.body)
    except ValueError as error:
        raise HttpError(str(error)) from None
    try:
        async with asyncio.timeout(request.seconds):
            return await _exchange(target, data, request, reach, find or _found)
    except TimeoutError:
        raise HttpError(f"{target.where} did not answer within {request.seconds:g} s") from None
    except ResponseError as error:
        raise HttpError(f"{target.where} {error}") from None
    except ssl.SSLError as error:
        raise HttpError(f"{target.where}: TLS failed: {error.reason or error}") from None
    except OSError as error:
        raise HttpError(f"{target.where} cannot be reached: {error.strerror or error}") from None


async def _exchange(target: Target, data: bytes, request: Request, reach: Reach, find: Find) -> Response:
    reader, writer = await _connected(target, reach, find)
    try:
        writer.write(data)
        reading = Reading(request.most, request.method == "HEAD")
        received = 0
        while not reading.done:
            piece = await reader.read(CHUNK)
            received += len(piece)
            if piece:
                reading.feed(piece)
            else:
                reading.end()
            if reading.cut or received > 2 * request.most + HEAD:
                raise LimitError(f"{target.where} answered more than the {request.most} bytes that are taken")
    finally:
        writer.transport.abort()
    return Response(reading.status, reading.headers, bytes(reading.body))


async def _connected(
    target: Target, reach: Reach, find: Find
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    places = await find(target.host, target.port)
    open_ones = [place for place in dict.fromkeys(places) if reach.allows(target.host, place)]
    if not open_ones:
        where = places[0] if places else "nowhere"
        raise HttpError(
            f"{target.host} leads to {where}, which is not of the public net; the grant must name "
            f"that address "
            "itself, or whoever runs this node may open the network to functions"
        )
    failed: OSError | None = None
    for place in open_ones[:ADDRESSES]:
        try:
            return await asyncio.open_connection(
                place,
                target.port,
                ssl=_tls() if target.secure else None,
                server_hostname=target.host if target.secure else None,
            )
        except ssl.SSLError:
            raise
        except OSError as error:
            failed = failed or error
    assert failed is not None
    raise failed


async def _found(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return [str(place[0]) for *_, place in found]


@functools.lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
