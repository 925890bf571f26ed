"""Addresses where the port may be left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.probe.address import split


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("db1:5432", ("db1", 5432)),
        ("db1", ("db1", 53)),
        ("10.0.0.1", ("10.0.0.1", 53)),
        ("[::1]:80", ("::1", 80)),
        ("[::1]", ("::1", 53)),
    ],
)
def test_good(text: str, wanted: tuple[str, int]) -> None:
    assert split(text, 53) == wanted


@pytest.mark.parametrize(
    "text", ["", "db1:", "db1:0", "db1:65536", "::1:80", "a b", "x@y:80", "[::1:80", "[]"]
)
def test_bad(text: str) -> None:
    with pytest.raises(ValueError):
        split(text, 53)


@given(st.text())
def test_never_another_error(text: str) -> None:
    try:
        host, port = split(text, 53)
    except ValueError:
        return
    assert host
    assert 0 < port < 65536
