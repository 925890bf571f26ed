"""HTTP goes where the configuration says, by name and by the address that the name leads to."""

from __future__ import annotations

import pytest

from gadfly.act.action import allow


@pytest.mark.parametrize(
    ("entries", "host", "port", "good"),
    [
        ([], "deploy.example.org", 443, False),
        (["deploy.example.org"], "deploy.example.org", 8443, True),
        (["deploy.example.org"], "Deploy.Example.ORG.", 443, True),
        (["deploy.example.org:8443"], "deploy.example.org", 443, False),
        (["deploy.example.org:8443"], "deploy.example.org", 8443, True),
        (["deploy.example.org"], "evil-deploy.example.org", 443, False),
        (["*.example.org"], "a.b.example.org", 443, True),
        (["*.example.org"], "example.org", 443, False),
        (["*.example.org"], "badexample.org", 443, False),
        (["10.2.0.0/16"], "10.2.3.4", 80, True),
        (["10.2.0.0/16"], "10.3.3.4", 80, False),
        (["deploy.example.org"], "169.254.169.254", 80, False),
        (["127.0.0.0/8"], "::ffff:127.0.0.1", 80, True),
        (["::1"], "::1", 80, True),
        (["127.0.0.1:7391"], "127.0.0.1", 7391, True),
        (["127.0.0.1:7391"], "127.0.0.1", 22, False),
        (["[::1]:7391"], "::1", 7391, True),
        (["[::1]:7391"], "::1", 22, False),
    ],
)
def test_which_hosts_a_url_may_name(entries: list[str], host: str, port: int, good: bool) -> None:
    assert allow.parse(entries).named(host, port) is good


@pytest.mark.parametrize(
    ("entries", "address", "good"),
    [
        (["deploy.example.org"], "198.51.100.7", True),
        (["deploy.example.org", "127.0.0.1:443"], "127.0.0.1", True),
        (["deploy.example.org", "127.0.0.1:22"], "127.0.0.1", False),
        (["deploy.example.org"], "10.0.0.7", True),
        (["deploy.example.org"], "127.0.0.1", False),
        (["deploy.example.org"], "::1", False),
        (["deploy.example.org"], "::ffff:127.0.0.1", False),
        (["deploy.example.org"], "169.254.169.254", False),
        (["deploy.example.org"], "fe80::1%eth0", False),
        (["deploy.example.org"], "224.0.0.1", False),
        (["deploy.example.org"], "0.0.0.0", False),
        (["127.0.0.0/8"], "127.0.0.1", True),
        (["deploy.example.org"], "no address", False),
    ],
)
def test_where_a_name_may_lead(entries: list[str], address: str, good: bool) -> None:
    assert allow.parse(entries).reached(address, 443) is good


@pytest.mark.parametrize("entry", ["", "http://a.example.org", "a b", "a.example.org:99999", "a..b", "*."])
def test_says_what_is_no_entry(entry: str) -> None:
    with pytest.raises(ValueError, match=r"is not a host|a port is"):
        allow.parse([entry])
