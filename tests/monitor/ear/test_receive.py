"""recvmmsg and sendmmsg: many at once, IPv4 and IPv6, too long ones seen as such, errors told apart."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import numpy as np
import pytest

from gadfly.monitor import receive
from gadfly.monitor.members import pack_address
from gadfly.monitor.receive import Receiver, pack_names, send_many, unpack_names


def here(host: str = "127.0.0.1") -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.bind((host, 0))
    return made


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_sent_and_received(host: str) -> None:
    with here(host) as one, here(host) as other:
        frames = np.arange(3 * 64, dtype=np.uint8).reshape(3, 64)
        address = np.frombuffer(pack_address(host) * 3, "V16")
        ports = np.full(3, other.getsockname()[1])
        names = pack_names(address, ports, np.zeros(3), int(one.family))
        assert send_many(one.fileno(), frames, names).all()
        receiver = Receiver()
        assert receiver.receive(other.fileno()) == 3
        assert receiver.headers[:3].tolist() == frames.tolist()
        addresses, ports, scopes = receiver.sources(3)
        assert addresses.tobytes() == address.tobytes()
        assert ports.tolist() == [one.getsockname()[1]] * 3
        assert scopes.tolist() == [0, 0, 0]
        assert receiver.receive(other.fileno()) == 0


@pytest.mark.parametrize(
    ("size", "seen"), [(0, 0), (10, 10), (64, 64), (1200, 1200), (1201, 1201), (9000, 1201)]
)
def test_lengths_and_payloads(size: int, seen: int) -> None:
    with here() as one, here() as other:
        content = bytes(at % 251 for at in range(size))
        one.sendto(content, other.getsockname())
        receiver = Receiver()
        receiver.receive(other.fileno())
        assert receiver.lengths(1).tolist() == [seen]
        assert receiver.payload(0) == content[64:1201]


def test_both_families_in_one_array() -> None:
    names = np.concatenate(
        [
            pack_names(np.frombuffer(pack_address(host), "V16"), np.array([7]), np.array([3]), int(family))
            for host, family in (("10.0.0.1", socket.AF_INET), ("fe80::1", socket.AF_INET6))
        ]
    )
    addresses, ports, scopes = unpack_names(names)
    assert addresses.tobytes() == pack_address("10.0.0.1") + pack_address("fe80::1")
    assert ports.tolist() == [7, 7]
    assert scopes.tolist() == [0, 3]


def test_a_descriptor_that_is_no_socket_is_an_error(tmp_path: Path) -> None:
    with (tmp_path / "f").open("wb") as file, pytest.raises(OSError, match="Socket operation"):
        Receiver().receive(file.fileno())


def test_an_address_that_cannot_be_is_stepped_over() -> None:
    with here() as one, here() as other:
        hosts = [pack_address("127.0.0.1"), pack_address("255.255.255.255"), pack_address("127.0.0.1")]
        names = pack_names(
            np.frombuffer(b"".join(hosts), "V16"),
            np.full(3, other.getsockname()[1]),
            np.zeros(3),
            int(socket.AF_INET),
        )
        assert send_many(one.fileno(), np.zeros((3, 64), np.uint8), names).tolist() == [True, False, True]


@pytest.mark.parametrize(("number", "raises"), [(errno.EAGAIN, False), (errno.EBADF, True)])
def test_a_full_queue_ends_it_and_a_broken_socket_is_an_error(
    monkeypatch: pytest.MonkeyPatch, number: int, raises: bool
) -> None:
    monkeypatch.setattr(receive, "_sendmmsg", lambda *_: -1)
    monkeypatch.setattr(receive.ctypes, "get_errno", lambda: number)
    names = pack_names(np.zeros(2, "V16"), np.zeros(2), np.zeros(2), int(socket.AF_INET))
    if raises:
        with pytest.raises(OSError, match="Bad file descriptor"):
            send_many(-1, np.zeros((2, 64), np.uint8), names)
    else:
        assert not send_many(-1, np.zeros((2, 64), np.uint8), names).any()
