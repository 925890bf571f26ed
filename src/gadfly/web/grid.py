"""The picture as bytes: one a slot, its index the slot, its value the verdict (255: free)."""

from __future__ import annotations

import gzip
import struct
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from gadfly.web.answers.components import Arrangement
from gadfly.web.picture import Picture
from gadfly.web.problem import Trouble
from gadfly.web.route import Call

BINARY = "application/octet-stream"

_packed: WeakKeyDictionary[Picture, tuple[int, bytes, bytes]] = WeakKeyDictionary()
"""The last version asked for, plain and compressed: a hundred watchers that reload cost one compression."""


def _whole(picture: Picture) -> tuple[int, bytes, bytes]:
    version = picture.version
    kept = _packed.get(picture)
    if kept is None or kept[0] != version or len(kept[1]) != picture.size:
        plain = picture.verdicts[: picture.size].tobytes()
        kept = _packed[picture] = (version, plain, gzip.compress(plain, 1, mtime=0))
    return kept


def _matches(request: Request, tag: str) -> bool:
    """Whether If-None-Match names the version that there is. Weak comparison, RFC 9110 section 13.1.2."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in given.split(","))


async def grid(call: Call) -> Response:
    version, plain, compressed = _whole(call.node.picture)
    tag = f'"{version}-{len(plain)}"'
    headers = {
        "etag": f"W/{tag}",
        "cache-control": "no-cache",
        "vary": "accept-encoding",
        "gadfly-version": str(version),
    }
    if _matches(call.request, tag):
        return Response(status_code=304, headers=headers)
    if "gzip" in call.request.headers.get("accept-encoding", ""):
        return Response(compressed, 200, {**headers, "content-encoding": "gzip"}, BINARY)
    return Response(plain, 200, headers, BINARY)


async def order(call: Call) -> Response:
    """The slots put together by a label; the JSON in front says where each label begins."""
    by: str = call.query["by"]
    if by not in ("group", "host", "owner", "kind"):
        raise Trouble(422, "Parameter 'by' is group, host, owner or kind.")
    parts = call.node.picture.arrange(by)
    head = msgspec.json.encode(Arrangement(by=by, labels=[(label, len(slots)) for label, slots in parts]))
    head += b" " * (-len(head) % 4)
    body = [struct.pack("<I", len(head)), head]
    body += [np.asarray(slots, dtype="<u4").tobytes() for _, slots in parts]
    return Response(b"".join(body), media_type=BINARY)
