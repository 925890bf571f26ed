"""The checks that a catalogue declares."""

from gadfly.config import Config
from gadfly.config.component import Component
from gadfly.config.probe import (
    DnsProbe,
    HttpProbe,
    Probes,
    TcpProbe,
)
from gadfly.monitor.check import Check, checks


def test_each_probe_is_a_check_with_a_name_of_its_own() -> None:
    probes = Probes(
        http=(HttpProbe(url="http://a/"), HttpProbe(url="http://b/"), HttpProbe(url="http://c/", name="x")),
        tcp=(TcpProbe(address="a:1"),),
    )
    found = checks(Config(component={"shop": Component(probe=probes), "idle": Component()}))
    assert [check.key for check in found] == [
        ("shop", "http", ""),
        ("shop", "http", "2"),
        ("shop", "http", "x"),
        ("shop", "tcp", ""),
    ]
    assert found[3].spec is probes.tcp[0]


def test_names_given_twice_are_told_apart() -> None:
    probes = Probes(
        tcp=(TcpProbe(address="a:1", name="2"), TcpProbe(address="b:1"), TcpProbe(address="c:1", name="2"))
    )
    assert [check.name for check in checks(Config(component={"a": Component(probe=probes)}))] == [
        "2",
        "2'",
        "2''",
    ]


def test_targets() -> None:
    assert Check("a", "http", "", HttpProbe(url="https://shop.test/x")).target == "shop.test:443"
    assert Check("a", "http", "", HttpProbe(url="nonsense")).target == "nonsense"
    assert Check("a", "tcp", "", TcpProbe(address="db1:5432")).target == "db1:5432"
    assert Check("a", "dns", "", DnsProbe(query="a")).target == ""
