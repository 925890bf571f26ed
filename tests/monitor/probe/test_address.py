"""Addresses as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.address import split


@pytest.mark.parametrize(
    ("text", "port", "wanted"),
    [
        ("db1:5432", 0, ("db1", 5432)),
        ("db1", 53, ("db1", 53)),
        ("10.0.0.1:53", 0, ("10.0.0.1", 53)),
        ("[::1]:80", 0, ("::1", 80)),
        ("[fe80::1%eth0]:80", 0, ("fe80::1%eth0", 80)),
        ("[::1]", 53, ("::1", 53)),
    ],
)
def test_good(text: str, port: int, wanted: tuple[str, int]) -> None:
    assert split(text, port) == wanted


@pytest.mark.parametrize(
    "text", ["", "db1", "db1:", "db1:0", "db1:65536", "::1:80", "a b:80", "x@y:80", "[::1:80"]
)
def test_bad(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        split(text)


@given(st.text())
def test_never_another_error(text: str) -> None:
    try:
        host, port = split(text)
    except ValueError:
        return
    assert host
    assert 0 < port < 65536
