"""Whatever the network does, the program is not raised into, blocked or slowed, and the beats come back."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from gadfly import Heart
from gadfly.instrument.datagram import DatagramLink
from gadfly.instrument.destination import parse
from gadfly.telemetry.frame import Kind


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.005)


def steps(heart: Heart, seconds: float = 0.3) -> float:
    """The longest step of a busy program's loop beside the heart, in seconds."""
    longest, until = 0.0, time.monotonic() + seconds
    while (now := time.monotonic()) < until:
        heart.progress()
        heart.say("warn" if int(now * 100) % 2 else "pass")
        time.sleep(0.001)
        longest = max(longest, time.monotonic() - now)
    return longest


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*_: Any, **__: Any) -> Any:
        release.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    start = time.monotonic()
    with Heart("checkout", 0.02, to="node.example.org:7170", progress=5) as heart:
        assert time.monotonic() - start < 2.0
        assert steps(heart) < 0.5
        release.set()
        eventually(lambda: "no answer" in heart.trouble)
        assert heart.beats == 0
    assert time.monotonic() - start < 6.0


@pytest.mark.parametrize("code", [errno.ENETUNREACH, errno.EPERM, errno.ENOBUFS, errno.EBADF, errno.EMSGSIZE])
def test_sends_that_fail_and_come_back(receiver: Any, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    broken = threading.Event()
    broken.set()
    real = socket.socket.sendto

    class Unreliable(socket.socket):
        def sendto(self, *arguments: Any) -> int:
            if broken.is_set():
                raise OSError(code, "broken for the test")
            return real(self, *arguments)

    monkeypatch.setattr("gadfly.instrument.datagram.socket.socket", Unreliable)
    with Heart("checkout", 0.02, to=receiver.to) as heart:
        eventually(lambda: "broken for the test" in heart.trouble)
        assert steps(heart) < 0.5
        broken.clear()
        assert receiver.next().kind is Kind.announce, "nobody has heard the first one"
        eventually(lambda: heart.trouble == "")


def test_no_sockets_to_be_had(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket
    broken = threading.Event()

    def refuse(*arguments: Any, **more: Any) -> socket.socket:
        if broken.is_set() and socket.SOCK_DGRAM in arguments:
            raise OSError(errno.EMFILE, "too many open files")
        return real(*arguments, **more)

    heart = Heart("checkout", 0.02, to=receiver.to)
    monkeypatch.setattr("gadfly.instrument.datagram.socket.socket", refuse)
    broken.set()
    with heart:
        eventually(lambda: "too many open files" in heart.trouble)
        broken.clear()
        assert receiver.next().kind is Kind.announce


def test_no_thread_to_be_had(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with Heart("checkout") as heart:
        heart.progress()
        assert not heart.running
    assert "checkout does not beat: can't start new thread" in capsys.readouterr().err


def test_a_wrong_environment_is_told_and_not_raised(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GADFLY_TO", "host:port")
    with Heart("checkout") as heart:
        assert not heart.running
    assert "checkout does not beat: host:port: port is not a port" in capsys.readouterr().err


def test_a_defect_of_ours_does_not_end_the_beats(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    heart = Heart("checkout", 0.02, to=receiver.to).start()
    receiver.next()
    vitals = heart._vitals
    real = vitals.state
    calls = iter([ZeroDivisionError("a defect")])

    def state(now: float) -> tuple[str, str]:
        for error in calls:
            raise error
        return real(now)

    monkeypatch.setattr(vitals, "state", state)
    eventually(lambda: "a defect" in heart.trouble or heart.beats > 2)
    receiver.rest()
    assert receiver.next().kind in (Kind.beat, Kind.announce)
    heart.stop()


def test_a_flood_of_datagrams_does_not_slow_the_program(receiver: Any) -> None:
    with Heart("checkout", 0.05, to=receiver.to) as heart:
        receiver.next()
        stop = threading.Event()

        def flood() -> None:
            while not stop.is_set():
                for _ in range(100):
                    receiver.socket.sendto(b"x" * 64, receiver.sender)
                time.sleep(0.001)

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            assert steps(heart, 0.5) < 0.5
        finally:
            stop.set()
            thread.join()
        before = heart.beats
        eventually(lambda: heart.beats >= before + 3)


def test_a_lost_network_falls_back_to_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    class NoRoute(real):  # type: ignore[valid-type,misc]
        routed = False
        lost = True

        def setsockopt(self, level: int, option: int, value: Any) -> None:
            self.routed = self.routed or option == socket.IP_MULTICAST_IF
            super().setsockopt(level, option, value)

        def sendto(self, data: bytes, address: Any) -> int:
            if NoRoute.lost and not self.routed:
                raise OSError(errno.ENETUNREACH, "Network is unreachable")
            # No multicast leaves this machine, wherever a route leads.
            return int(super().sendto(data, address if self.routed else ("127.0.0.1", address[1])))

        def connect(self, address: Any) -> None:
            if NoRoute.lost:
                raise OSError(errno.ENETUNREACH, "Network is unreachable")

    with real(socket.AF_INET, socket.SOCK_DGRAM) as node:
        node.bind(("239.192.71.70", 0))
        member = socket.inet_aton("239.192.71.70") + socket.inet_aton("127.0.0.1")
        node.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        node.settimeout(5.0)
        monkeypatch.setattr("gadfly.instrument.datagram.socket.socket", NoRoute)
        link = DatagramLink(parse(f"239.192.71.70:{node.getsockname()[1]}"))
        assert link.send(b"beat")
        assert node.recv(100) == b"beat"
        assert link.trouble == ""
        now = time.monotonic()
        monkeypatch.setattr("gadfly.instrument.datagram.time.monotonic", lambda: now)
        now += 2
        before = link.sockets()[0]
        link.send(b"beat")
        assert link.sockets()[0] is before, "its port is known; as long as there is no other way it stays"
        NoRoute.lost = False
        link.send(b"beat")
        assert link.sockets()[0] is before, "not at every beat"
        now += 2
        link.send(b"beat")
        assert before.fileno() == -1, "the route is there again"
        assert not link.sockets()[0].routed
        link.close()


def test_an_interface_that_is_not_there_is_trouble_and_no_error() -> None:
    for to in ("239.192.71.70:7170%nonesuch0", "[ff15::4766]:7170%127.0.0.1", "[ff15::4766]:7170%::1"):
        link = DatagramLink(parse(to))
        assert not link.send(b"beat") or link.sockets(), to
        link.close()
