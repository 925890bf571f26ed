"""The messages of the gRPC health service."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.grpc_message import request, status


def framed(message: bytes) -> bytes:
    return struct.pack("!BI", 0, len(message)) + message


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ("", b""),
        ("shop", b"\x0a\x04shop"),
        ("ü", b"\x0a\x02\xc3\xbc"),
        ("x" * 200, b"\x0a\xc8\x01" + b"x" * 200),
    ],
)
def test_request(service: str, message: bytes) -> None:
    assert request(service) == framed(message)


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (b"", "UNKNOWN"),
        (b"\x08\x01", "SERVING"),
        (b"\x08\x02", "NOT_SERVING"),
        (b"\x08\x03", "SERVICE_UNKNOWN"),
        (b"\x12\x02hi\x08\x01", "SERVING"),
        (b"\x10\x07\x08\x81\x00", "SERVING"),
        (b"\x08\x09", None),
        (b"\x08", None),
        (b"\x12\x09hi", None),
        (b"\x0d1234", None),
        (b"\x08" + b"\xff" * 11, None),
        (b"\xff", None),
    ],
)
def test_status(message: bytes, wanted: str | None) -> None:
    assert status(framed(message)) == wanted


@pytest.mark.parametrize("data", [b"", b"\0\0\0\0", b"\x01\0\0\0\0", b"\0\0\0\0\x05x"])
def test_not_framed(data: bytes) -> None:
    assert status(data) is None


@given(st.binary(max_size=60))
def test_any_bytes(message: bytes) -> None:
    status(message)
    status(framed(message))
