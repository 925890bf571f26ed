"""What an address that beats come from tells."""

from __future__ import annotations

import pytest

from gadfly.monitor.source import host_of, subnet


@pytest.mark.parametrize(
    ("source", "host"),
    [("10.0.0.7:4711", "10.0.0.7"), ("[fe80::1]:4711", "fe80::1"), ("", "")],
)
def test_host(source: str, host: str) -> None:
    assert host_of(source) == host


@pytest.mark.parametrize(
    ("address", "network"),
    [("10.1.2.3", "10.1.2.0/24"), ("fe80::1%eth0", "fe80::/64"), ("", ""), ("nonsense", "")],
)
def test_subnet(address: str, network: str) -> None:
    assert subnet(address) == network
