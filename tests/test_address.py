from __future__ import annotations

import pytest

from gadfly import address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:7171", ("127.0.0.1", 7171)),
        ("db1.example.org:5432", ("db1.example.org", 5432)),
        ("[::1]:80", ("::1", 80)),
        ("[fe80::1%eth0]:80", ("fe80::1%eth0", 80)),
    ],
)
def test_splits(text: str, expected: tuple[str, int]) -> None:
    assert address.split(text) == expected


@pytest.mark.parametrize(
    "text", ["", "host", "host:", ":80", "::1:80", "host:http", "a b:80", "http://x:80", "h:123456"]
)
def test_refuses_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        address.split(text)


@pytest.mark.parametrize("text", ["host:0", "host:65536"])
def test_refuses_a_port_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="between 1 and 65535"):
        address.split(text)
