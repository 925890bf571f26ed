"""The two messages of ``grpc.health.v1.Health/Check``, and how gRPC frames them. Pure.

HealthCheckRequest has one string (field 1, the service), HealthCheckResponse one enum (field 1, the status):
too little to need a protobuf library.
"""

from __future__ import annotations

import struct

PATH = "/grpc.health.v1.Health/Check"
STATUS = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip
"""gRPC's own status codes by number."""


def request(service: str) -> bytes:
    """A framed HealthCheckRequest."""
    name = service.encode()
    message = b"\x0a" + _varint(len(name)) + name if name else b""
    return struct.pack("!BI", 0, len(message)) + message


def status(data: bytes) -> str | None:
    """The status in a framed HealthCheckResponse, a name of :data:`STATUS`; None if it is none."""
    if len(data) < 5 or data[0] != 0 or len(data) != 5 + struct.unpack("!I", data[1:5])[0]:
        return None
    value, at = 0, 5
    while at < len(data):
        key, at = _read_varint(data, at)
        if key & 7 == 0 and at >= 0:
            number, at = _read_varint(data, at)
            value = number if key >> 3 == 1 else value
        elif key & 7 == 2 and at >= 0:
            length, at = _read_varint(data, at)
            at = at + length if at >= 0 else at
        else:
            return None
        if at < 0:
            return None
    return STATUS.get(value) if at == len(data) else None


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """``(number, next position)``; the position is -1 where the bytes end too soon."""
    number = 0
    for shift in range(0, 64, 7):
        if not 0 <= at < len(data):
            return 0, -1
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    return 0, -1
