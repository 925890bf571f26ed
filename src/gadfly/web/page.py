"""The pages' own files, read once, given with a validator and compressed beforehand."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MEDIA = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class File(msgspec.Struct, frozen=True):
    """One file of the page."""

    name: str
    media: str
    plain: bytes
    packed: bytes
    tag: str


@cache
def load() -> list[File]:
    """Every file in ``pages/``. A file of another kind does not belong there and is not given."""
    found = []
    for entry in sorted(files("gadfly.web").joinpath("pages").iterdir(), key=lambda one: one.name):
        media = MEDIA.get(entry.name.rpartition(".")[2])
        if media is None or not entry.is_file():
            continue
        plain = entry.read_bytes()
        tag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
        found.append(File(entry.name, media, plain, gzip.compress(plain, 9, mtime=0), tag))
    return found


def _give(file: File) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        headers = {"etag": file.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
        if file.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, 200, {**headers, "content-encoding": "gzip"}, file.media)
        return Response(file.plain, 200, headers, file.media)

    return answer


def path(file: File) -> str:
    """Where a file is given: `/` the picture, `/NAME` another page, `/page/` their parts."""
    stem, _, kind = file.name.rpartition(".")
    if kind != "html":
        return f"/page/{file.name}"
    return "/" if stem == "index" else f"/{stem}"


def routes() -> list[Route]:
    """One route a file."""
    return [Route(path(file), _give(file), methods=["GET"]) for file in load()]
