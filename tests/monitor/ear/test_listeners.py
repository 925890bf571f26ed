"""Sockets that stay, come and go: what is kept, what is undone where something is refused. On loopback."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from gadfly.errors import ConfigError
from gadfly.monitor import listeners, sockets
from gadfly.monitor.listeners import Open, change, rejoin, release
from gadfly.monitor.sockets import Listener

LO = socket.if_nametoindex("lo")
ONE, TWO, SIX = "239.192.71.73", "239.192.71.74", "ff15::4767"
GONE = 2_000_000_000
"""The index of no interface."""


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def opened() -> Iterator[list[Open]]:
    """Closed at the end, whatever the test put there."""
    some: list[Open] = []
    yield some
    release(some, ())


def joined(made: socket.socket, group: str) -> bool:
    """Whether the kernel has this membership: it cannot be had twice."""
    try:
        sockets.join(made, group, LO)
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    sockets.leave(made, group, LO)
    return False


def send(group: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        sender.sendto(b"x", (group, port))


def test_multicast_on_loopback_is_heard(opened: list[Open]) -> None:
    opened += change((), [Listener(ONE, 0, (ONE,), (LO,))])
    made = opened[0].made
    made.settimeout(2)
    send(ONE, made.getsockname()[1])
    assert made.recv(10) == b"x"
    assert sockets.drops(made) == 0


def test_one_address_keeps_its_socket_and_what_waits_in_it(opened: list[Open], port: int) -> None:
    opened += change((), [Listener("0.0.0.0", port, (ONE,), (LO,))])
    send(ONE, port)
    new = change(opened, [Listener("0.0.0.0", port, (TWO,), (LO,))])
    assert new[0].made is opened[0].made
    assert joined(new[0].made, ONE), "until the ear knows"
    release(opened, new)
    assert not joined(new[0].made, ONE)
    assert joined(new[0].made, TWO)
    new[0].made.settimeout(2)
    assert new[0].made.recv(10) == b"x"


@pytest.mark.parametrize(
    ("before", "after"),
    [("127.0.0.1", "0.0.0.0"), ("0.0.0.0", "127.0.0.1"), ("::1", "::"), (ONE, "0.0.0.0"), ("0.0.0.0", ONE)],
)
def test_a_wider_or_narrower_address_on_the_same_port(
    opened: list[Open], port: int, before: str, after: str
) -> None:
    opened += change((), [Listener(before, port)])
    if not opened:
        pytest.skip("this machine has no IPv6")
    new = change(opened, [Listener(after, port)])
    release(opened, new)
    assert opened[0].made.fileno() == -1
    opened[:] = new
    assert new[0].made.getsockname()[:2] == (after, port)
    if ":" not in after and after != ONE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                stranger.bind(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("before", "after", "to"), [("127.0.0.1", "0.0.0.0", "127.0.0.1"), ("::1", "::", "::1")]
)
def test_what_comes_while_it_is_handed_over_goes_to_the_new_one(
    opened: list[Open], port: int, before: str, after: str, to: str
) -> None:
    opened += change((), [Listener(before, port)])
    if not opened:
        pytest.skip("this machine has no IPv6")
    new = change(opened, [Listener(after, port)])
    with socket.socket(new[0].listener.family, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"old", (to, port))
        listeners.hand_over(opened, new)
        sender.sendto(b"new", (to, port))
    assert opened[0].made.recv(10) == b"old"
    with pytest.raises(BlockingIOError):
        opened[0].made.recv(10)
    assert new[0].made.recv(10) == b"new"
    release(opened, new)
    opened[:] = new


def test_what_is_kept_is_handed_over_to_nobody(opened: list[Open], port: int) -> None:
    opened += change((), [Listener("127.0.0.1", port), Listener(ONE, port, (ONE,), (LO,))])
    listeners.hand_over(opened, opened[:1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", port))
    assert opened[0].made.recv(10) == b"x"


def test_what_is_refused_is_undone_whole(opened: list[Open], port: int) -> None:
    opened += change((), [Listener("127.0.0.1", port, (ONE,), (LO,))])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        wanted = [
            Listener("127.0.0.1", port, (TWO,), (LO,)),
            Listener(TWO, port, (TWO,), (LO,)),
            Listener("127.0.0.1", taken),
            Listener(ONE, port, (ONE,), (GONE,)),
        ]
        with pytest.raises(ConfigError) as refused:
            change(opened, wanted)
    assert [one.split(";")[0] for one in refused.value.problems] == [
        f"heartbeat: cannot listen on 127.0.0.1 port {taken}: Address already in use",
        f"heartbeat.groups: cannot join {ONE}: No such device or address",
    ]
    assert joined(opened[0].made, ONE)
    assert not joined(opened[0].made, TWO)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind((TWO, port))  # nobody holds it without sharing it
    assert opened[0].made.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0


def test_a_group_is_heard_where_it_can_be(opened: list[Open], port: int) -> None:
    opened += change((), [Listener("0.0.0.0", port, (ONE,), (GONE, LO))])
    assert dict(opened[0].joined) == {(ONE, LO): "lo"}
    assert opened[0].indexes(ONE) == (LO,)
    assert opened[0].indexes(TWO) == ()


def test_ipv6_may_be_heard_nowhere(opened: list[Open], port: int) -> None:
    opened += change((), [Listener("::", port, (SIX,), (GONE,))])
    assert all(not one.joined for one in opened)


def test_interfaces_are_followed_and_nothing_is_refused(opened: list[Open], port: int) -> None:
    opened += change((), [Listener("0.0.0.0", port, (ONE,), (LO,))])
    without = rejoin(opened, [Listener("0.0.0.0", port, (ONE,), (GONE,))])
    assert without[0].made is opened[0].made
    assert listeners.difference(opened, without) == "no longer heard on lo"
    release(opened, without)
    assert not joined(opened[0].made, ONE)
    again = rejoin(without, [Listener("0.0.0.0", port, (ONE,), (LO,)), Listener("127.0.0.1", 1)])
    assert len(again) == 1
    assert listeners.difference(without, again) == "now heard on lo"
    assert joined(opened[0].made, ONE)
    assert listeners.difference(again, rejoin(again, [again[0].listener])) == ""
