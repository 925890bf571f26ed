"""What systemd is told, and when."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gadfly import Heart
from gadfly.instrument.systemd import Supervisor, notify, watchdog_interval


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield lambda: systemd.recv(4096).decode().split("\n")


def test_notify(told: Callable[[], list[str]]) -> None:
    assert notify("READY=1", "STATUS=two\nlines")
    assert told() == ["READY=1", "STATUS=two lines"]


@pytest.mark.parametrize("address", ["", "relative", "/nonesuch/notify", "vsock:2:1"])
def test_nobody_listens(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not notify("READY=1")


def test_abstract_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"gadfly-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        assert notify("READY=1")
        assert systemd.recv(100) == b"READY=1"


@pytest.mark.parametrize(
    ("usec", "pid", "expected"),
    [
        ("3000000", None, 1.5),
        ("3000000", "own", 1.5),
        ("3000000", "1", None),
        (None, None, None),
        ("0", None, None),
        ("x", None, None),
    ],
)
def test_watchdog_interval(
    monkeypatch: pytest.MonkeyPatch, usec: str | None, pid: str | None, expected: float | None
) -> None:
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    pid = str(os.getpid()) if pid == "own" else pid
    for name, value in (("WATCHDOG_USEC", usec), ("WATCHDOG_PID", pid)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert watchdog_interval() == expected


def test_the_order_of_a_service_s_life(
    told: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "10000000")
    supervisor = Supervisor()
    supervisor.turn(100.0, "starting", "reading the index")
    assert told() == ["STATUS=starting: reading the index", "WATCHDOG=1"]
    supervisor.turn(101.0, "pass", "")
    assert told() == ["READY=1", "STATUS=pass"]
    assert supervisor.due == 105.0
    supervisor.turn(104.9, "pass", "")
    supervisor.turn(105.0, "pass", "")
    assert told() == ["WATCHDOG=1"]
    supervisor.turn(110.0, "stalled", "no progress")
    assert told() == ["STATUS=stalled: no progress"], "no sign of life: systemd is to restart it"
    supervisor.stopping()
    assert told() == ["STOPPING=1"]


def test_without_a_watchdog_none_is_fed(told: Callable[[], list[str]]) -> None:
    supervisor = Supervisor()
    supervisor.turn(1.0, "pass", "")
    assert told() == ["READY=1", "STATUS=pass"]
    assert supervisor.due == float("inf")


def test_a_heart_tells_systemd(told: Callable[[], list[str]]) -> None:
    with Heart("checkout", 30.0, systemd=True) as heart:
        assert told() == ["READY=1", "STATUS=pass"]
        heart.say("warn", "slow")
        assert told() == ["STATUS=warn: slow"]
    assert told() == ["STOPPING=1"]
