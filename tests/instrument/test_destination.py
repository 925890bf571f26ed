"""Reading where beats go, and finding it when nothing is said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gadfly.instrument import runfile
from gadfly.instrument.destination import Destination, find, parse


@pytest.mark.parametrize(
    ("to", "expected", "shown"),
    [
        ("127.0.0.1:7170", ("unicast", "127.0.0.1", 7170, ""), "127.0.0.1:7170"),
        ("node.example.org", ("unicast", "node.example.org", 7170, ""), "node.example.org:7170"),
        ("node.example.org:9", ("unicast", "node.example.org", 9, ""), "node.example.org:9"),
        ("[::1]:7170", ("unicast", "::1", 7170, ""), "[::1]:7170"),
        ("[2001:db8::1]", ("unicast", "2001:db8::1", 7170, ""), "[2001:db8::1]:7170"),
        ("239.192.71.70:7170", ("multicast", "239.192.71.70", 7170, ""), "239.192.71.70:7170"),
        ("239.192.71.70:7170%eth0", ("multicast", "239.192.71.70", 7170, "eth0"), "239.192.71.70:7170%eth0"),
        (
            "239.192.71.70%10.0.0.1",
            ("multicast", "239.192.71.70", 7170, "10.0.0.1"),
            "239.192.71.70:7170%10.0.0.1",
        ),
        ("[ff15::4766]:7170%lo", ("multicast", "ff15::4766", 7170, "lo"), "[ff15::4766]:7170%lo"),
        ("[ff15::4766%lo]:7170", ("multicast", "ff15::4766", 7170, "lo"), "[ff15::4766]:7170%lo"),
    ],
)
def test_forms(to: str, expected: tuple[str, str, int, str], shown: str) -> None:
    read = parse(to)
    assert read[:4] == expected
    assert str(read) == shown


@pytest.mark.parametrize(
    ("to", "host", "port"),
    [
        ("http://node:7171", "node", 7171),
        ("https://node.example.org/gadfly/", "node.example.org", 443),
        ("http://[::1]", "::1", 80),
    ],
)
def test_http(to: str, host: str, port: int) -> None:
    read = parse(to)
    assert read == Destination("http", host, port, url=to.rstrip("/"))
    assert str(read) == to.rstrip("/")


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("::1:7170", "an IPv6 address is written"),
        ("[::1", "an IPv6 address is written"),
        ("[::1]7170", "an IPv6 address is written"),
        ("[zz]:7170", "zz is not an IPv6 address"),
        ("host:port", "port is not a port"),
        ("host:0", "0 is not a port"),
        ("host:65536", "65536 is not a port"),
        ("host:²", "² is not a port"),
        (":7170", "is no address"),
        ("a b:1", "is no address"),
        ("127.0.0.1:7170%lo", "goes with a multicast group only"),
        ("http://", "write http://node:7171"),
        ("http://user@node", "write http://node:7171"),
        ("http://node/?x=1", "write http://node:7171"),
    ],
)
def test_mistakes_are_named(to: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(to)


def write(**content: object) -> None:
    file = runfile.path()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def test_order(monkeypatch: pytest.MonkeyPatch) -> None:
    write(pid=os.getpid(), udp="127.0.0.1:4444", url="http://127.0.0.1:1")
    assert str(find("10.0.0.1:1")) == "10.0.0.1:1"
    assert str(find(None)) == "127.0.0.1:9", "$GADFLY_TO"
    monkeypatch.delenv("GADFLY_TO")
    assert str(find(None)) == "127.0.0.1:4444", "the node's file"
    runfile.path().unlink()
    assert str(find(None)) == "239.192.71.70:7170"


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"pid": 0}', '{"pid": "x"}', '{"pid": 999999999}', '{"pid": -1}', "\xff"]
)
def test_a_file_of_no_running_node_is_none(content: str) -> None:
    runfile.path().parent.mkdir(parents=True)
    runfile.path().write_text(content, encoding="latin-1")
    assert runfile.read() is None


def test_no_file_is_none() -> None:
    assert runfile.read() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_the_file_of_another_user_is_not_believed() -> None:
    write(pid=os.getpid(), udp="127.0.0.1:4444")
    assert runfile.read() == {"pid": os.getpid(), "udp": "127.0.0.1:4444"}
    os.chown(runfile.path(), 65534, 65534)
    assert runfile.read() is None


@pytest.mark.parametrize(
    ("run", "runtime", "euid", "expected"),
    [
        ("/a", "/b", 0, "/a/node.json"),
        (None, "/b", 0, "/b/gadfly/node.json"),
        (None, None, 0, "/run/gadfly/node.json"),
        (None, None, 1000, "~/.local/state/gadfly/node.json"),
    ],
)
def test_where(
    monkeypatch: pytest.MonkeyPatch, run: str | None, runtime: str | None, euid: int, expected: str
) -> None:
    for name, value in (("GADFLY_RUN", run), ("XDG_RUNTIME_DIR", runtime)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: euid)
    assert runfile.path() == Path(expected).expanduser()
