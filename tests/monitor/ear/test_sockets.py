"""Which sockets the settings want, and what opening them says."""

from __future__ import annotations

import socket

import pytest

from gadfly.errors import ConfigError
from gadfly.monitor.sockets import Listener, open_listener, plan

LO = socket.if_nametoindex("lo")
G4, G6 = "239.192.71.70:7170", "[ff15::4766]:7170"


def test_local_stays_on_loopback_whatever_else_is_said() -> None:
    assert plan((G4, G6), ("nonesuch",), "", local=True) == (
        Listener("127.0.0.1", 7170),
        Listener("::1", 7170),
        Listener("239.192.71.70", 7170, ("239.192.71.70",), (LO,)),
        Listener("ff15::4766", 7170, ("ff15::4766",), (LO,)),
    )
    with pytest.raises(ConfigError, match="stays on loopback"):
        plan((G4,), (), "0.0.0.0:7170", local=True)


def test_a_group_joins_the_socket_that_hears_everything_on_its_port() -> None:
    assert plan((G4, "239.1.1.1:9000"), ("lo",), "", local=False) == (
        Listener("0.0.0.0", 7170, ("239.192.71.70",), (LO,)),
        Listener("::", 7170),
        Listener("239.1.1.1", 9000, ("239.1.1.1",), (LO,)),
    )


@pytest.mark.parametrize(
    ("bind", "wanted"),
    [
        ("127.0.0.1:9001", Listener("127.0.0.1", 9001)),
        ("127.0.0.1", Listener("127.0.0.1", 7170)),
        ("[::1]:9001", Listener("::1", 9001)),
        ("[::1]", Listener("::1", 7170)),
        ("::1", Listener("::1", 7170)),
    ],
)
def test_bind(bind: str, wanted: Listener) -> None:
    assert plan((), (), bind, local=True) == (wanted,)


def test_a_named_interface_may_be_away_for_a_while() -> None:
    wanted = plan((G4,), ("nonesuch", "lo"), "127.0.0.1", local=False, missing=True)
    assert wanted[1].interfaces == (LO,)


@pytest.mark.parametrize("interface", ["lo", "127.0.0.1"])
def test_interfaces_by_name_or_address(interface: str) -> None:
    assert plan((G4,), (interface,), "127.0.0.1", local=False)[1].interfaces == (LO,)


def test_without_names_all_that_are_up() -> None:
    assert LO in plan((G4,), (), "127.0.0.1", local=False)[1].interfaces


@pytest.mark.parametrize(
    ("groups", "interfaces", "bind", "said"),
    [
        (("10.0.0.1:7170",), (), "", "no multicast address"),
        (("nonsense",), (), "", "heartbeat.groups.*is no address"),
        (("239.1.1.1:x",), (), "", "is no address"),
        (("239.1.1.1:65535",), (), "", "below 65535"),
        ((), (), "example.org:1", "heartbeat.bind.*is no address"),
        ((G4,), ("nonesuch",), "", "there is no interface nonesuch; present: .*lo"),
    ],
)
def test_what_cannot_be(groups: tuple[str, ...], interfaces: tuple[str, ...], bind: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        plan(groups, interfaces, bind, local=False)


def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(ConfigError, match=r"is another node running\? change heartbeat\.bind"):
            open_listener(Listener("127.0.0.1", other.getsockname()[1]))


def test_without_ipv6_there_is_no_such_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> socket.socket:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refuse)
    assert open_listener(Listener("::1", 7170)) is None


def test_without_an_ipv6_address_there_is_no_such_socket() -> None:
    with pytest.raises(ConfigError, match="cannot listen on fd00::dead"):
        open_listener(Listener("fd00::dead", 0))


def test_without_privilege_the_buffer_is_what_the_system_permits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Plain(socket.socket):
        def setsockopt(self, level: int, option: int, value: object) -> None:  # type: ignore[override]
            asked.append(option)
            if (level, option) == (socket.SOL_SOCKET, 33):
                raise PermissionError
            super().setsockopt(level, option, value)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "socket", Plain)
    made = open_listener(Listener("127.0.0.1", 0))
    assert made is not None
    made.close()
    assert socket.SO_RCVBUF in asked
