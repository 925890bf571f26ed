"""What is answered to a request of OTLP, in the encoding that it came in.

Source: the OTLP specification, "OTLP/HTTP Response": a success says what part was not taken; an error's
body is a google.rpc.Status.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

PROTOBUF, JSON = "application/x-protobuf", "application/json"
Counted = Literal["rejectedDataPoints", "rejectedLogRecords"]

CODES = {400: 3, 401: 16, 403: 7, 404: 5, 408: 4, 413: 8, 415: 3, 429: 8, 500: 13, 503: 14}
"""The code of gRPC's that says the same as a status of HTTP's."""
LONGEST = 2000
"""Characters of a message."""


class Taken(NamedTuple):
    """What became of a request; what was not rejected is kept."""

    rejected: int
    """Points or records that were not taken."""
    message: str
    """Why; empty where all were."""


def success(media: str, counted: Counted, rejected: int = 0, message: str = "") -> bytes:
    """All was taken; or all but so many, because of that."""
    message = message[:LONGEST]
    if media == JSON:
        if not rejected and not message:
            return b"{}"
        said = {counted: str(rejected), "errorMessage": message}
        return msgspec.json.encode({"partialSuccess": said})
    part = (b"\x08" + _varint(rejected) if rejected else b"") + _text(2, message)
    return b"\x0a" + _varint(len(part)) + part if part else b""


def status(media: str, code: int, message: str) -> bytes:
    """Nothing was taken, because of that. `code`: HTTP's."""
    number, message = CODES.get(code, 2), message[:LONGEST]
    if media == JSON:
        return msgspec.json.encode({"code": number, "message": message})
    return b"\x08" + _varint(number) + _text(2, message)


def _text(number: int, words: str) -> bytes:
    content = words.encode("utf-8", "replace")
    return bytes((number << 3 | 2,)) + _varint(len(content)) + content if content else b""


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
