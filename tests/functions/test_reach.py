"""Which addresses a granted name may lead to."""

from __future__ import annotations

import pytest

from gadfly.functions.reach import parse

OPENED = parse(["10.2.0.0/16", "fd00:7::/32"])


@pytest.mark.parametrize(
    ("host", "address", "allowed"),
    [
        ("h.example", "93.184.216.34", True),
        ("h.example", "2606:2800:220:1:248:1893:25c8:1946", True),
        ("h.example", "10.2.3.4", True),
        ("h.example", "fd00:7::1", True),
        ("h.example", "10.3.3.4", False),
        ("h.example", "192.168.1.1", False),
        ("h.example", "172.16.0.1", False),
        ("h.example", "100.64.0.1", False),
        ("h.example", "127.0.0.1", False),
        ("h.example", "0.0.0.0", False),
        ("h.example", "255.255.255.255", False),
        ("h.example", "240.0.0.1", False),
        ("h.example", "224.0.0.1", False),
        ("h.example", "239.192.71.70", False),
        ("h.example", "169.254.169.254", False),
        ("h.example", "::1", False),
        ("h.example", "::", False),
        ("h.example", "fe80::1%eth0", False),
        ("h.example", "fc00::1", False),
        ("h.example", "ff02::1", False),
        ("h.example", "::ffff:127.0.0.1", False),
        ("h.example", "::ffff:10.3.0.1", False),
        ("h.example", "::ffff:93.184.216.34", True),
        ("h.example", "64:ff9b::7f00:1", False),
        ("h.example", "64:ff9b::a9fe:a9fe", False),
        ("h.example", "2002:7f00:1::", False),
        ("h.example", "2001:0:7f00:1::1", False),
        ("h.example", "::7f00:1", False),
        ("h.example", "fec0::1", False),
        ("h.example", "64:ff9b:1::a9fe:a9fe", False),
        ("h.example", "::ffff:0:7f00:1", False),
        ("h.example", "192.0.0.8", False),
        ("h.example", "192.88.99.1", False),
        ("h.example", "5f00::1", False),
        ("h.example", "3fff::1", False),
        ("h.example", "2001:20::1", False),
        ("h.example", "no address", False),
        ("10.3.0.7", "10.3.0.7", True),
        ("10.3.0.7", "10.3.0.8", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("169.254.169.254", "169.254.169.254", True),
        ("2130706433", "127.0.0.1", False),
        ("127.1", "127.0.0.1", False),
        ("localhost", "127.0.0.1", True),
        ("localhost", "::1", True),
        ("localhost", "93.184.216.34", False),
    ],
)
def test_where_it_may_lead(host: str, address: str, allowed: bool) -> None:
    assert OPENED.allows(host, address) is allowed


@pytest.mark.parametrize(
    "entry", ["0.0.0.0/0", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "h.example", "::/0"]
)
def test_what_is_not_opened_as_a_whole(entry: str) -> None:
    with pytest.raises(ValueError, match=r"network|opened"):
        parse([entry])
