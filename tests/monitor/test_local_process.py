"""A process of this host is watched by pidfd, when it is proved to be the one that beats."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gadfly.monitor import local_process
from gadfly.monitor.local_process import LocalProcesses, is_local, owner_of_port, perhaps_here

SENDER = """
import socket, sys
beats = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
beats.bind(("127.0.0.1", 0))
print(beats.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def sender() -> Iterator[tuple[subprocess.Popen[str], int]]:
    with subprocess.Popen(
        [sys.executable, "-c", SENDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def test_the_owner_of_a_port_is_the_process_or_its_parent(sender: tuple[subprocess.Popen[str], int]) -> None:
    process, port = sender
    assert owner_of_port(process.pid, port) == process.pid
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.bind(("127.0.0.1", 0))
        assert owner_of_port(process.pid, mine.getsockname()[1]) == os.getpid()


def test_nobody_is_proved_to_own_anything_by_claiming_it(sender: tuple[subprocess.Popen[str], int]) -> None:
    process, port = sender
    assert owner_of_port(process.pid, 1 if port != 1 else 2) is None
    assert owner_of_port(2**22 + 1, port) is None
    assert owner_of_port(1, port) is None


@pytest.mark.parametrize(
    ("host", "address", "wanted"),
    [
        (socket.gethostname(), "10.0.0.9", True),
        ("node7", "127.0.0.1", True),
        ("node7", "127.8.0.1", True),
        ("node7", "::1", True),
        ("node7", "10.0.0.9", False),
        ("", "", False),
    ],
)
def test_whether_a_proof_is_worth_while(host: str, address: str, wanted: bool) -> None:
    assert perhaps_here(host, address) is wanted


async def test_an_exit_is_told_once(sender: tuple[subprocess.Popen[str], int]) -> None:
    process, port = sender
    told: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
    watched = LocalProcesses(lambda slot, incarnation: told.put_nowait((slot, incarnation)))
    assert watched.watch(7, 99, process.pid, "127.0.0.1", port)
    assert watched.watch(7, 99, process.pid, "127.0.0.1", port)
    assert len(watched) == 1
    process.kill()
    assert await asyncio.wait_for(told.get(), 5) == (7, 99)
    assert told.empty()
    assert len(watched) == 0


async def test_a_new_incarnation_replaces_the_old(sender: tuple[subprocess.Popen[str], int]) -> None:
    process, port = sender
    watched = LocalProcesses(lambda slot, incarnation: None)
    assert watched.watch(7, 1, process.pid, "127.0.0.1", port)
    assert watched.watch(7, 2, process.pid, "127.0.0.1", port)
    assert len(watched) == 1
    watched.close()
    assert len(watched) == 0


async def test_who_is_not_watched(
    sender: tuple[subprocess.Popen[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    process, port = sender
    watched = LocalProcesses(lambda slot, incarnation: None)
    assert not watched.watch(1, 1, process.pid, "203.0.113.9", port)  # not an address of this host
    assert not watched.watch(1, 1, 1, "127.0.0.1", port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.bind(("127.0.0.1", 0))  # the node itself
        assert not watched.watch(1, 1, os.getpid(), "127.0.0.1", mine.getsockname()[1])
    monkeypatch.setattr(local_process, "LIMIT", 0)
    assert not watched.watch(1, 1, process.pid, "127.0.0.1", port)


async def test_a_process_that_is_gone_already(
    sender: tuple[subprocess.Popen[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(pid: int) -> int:
        raise ProcessLookupError(3, "No such process")

    process, port = sender
    monkeypatch.setattr(os, "pidfd_open", gone)
    assert not LocalProcesses(lambda slot, incarnation: None).watch(1, 1, process.pid, "127.0.0.1", port)


def test_what_proc_says_may_be_anything(tmp_path: Path) -> None:
    (tmp_path / "9" / "net").mkdir(parents=True)
    (tmp_path / "9" / "net" / "udp").write_text("head\n 1: 00:0035 short\n")
    assert owner_of_port(9, 53, tmp_path) is None
    line = " 1: 0100007F:0035 00000000:0000 07 0:0 00:0 00000000 0 0 4711 2 x 0\n"
    (tmp_path / "9" / "net" / "udp").write_text("head\n" + line)
    assert owner_of_port(9, 53, tmp_path) is None
    (tmp_path / "9" / "stat").write_text("9 (a) b) S 8 1 1")
    (tmp_path / "8" / "fd").mkdir(parents=True)
    (tmp_path / "8" / "fd" / "3").symlink_to("socket:[4711]")
    assert owner_of_port(9, 53, tmp_path) == 8


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("203.0.113.9", False), ("nonsense", False)],
)
def test_is_local(address: str, local: bool) -> None:
    assert is_local(address) is local


async def test_a_signal_goes_to_the_proved_process_of_that_run_only(
    sender: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = sender
    ended: asyncio.Queue[int] = asyncio.Queue()
    watched = LocalProcesses(lambda slot, incarnation: ended.put_nowait(slot))
    assert "not watched" in watched.signal(7, 99, signal.SIGTERM)
    assert watched.watch(7, 99, process.pid, "127.0.0.1", port)
    assert "another run" in watched.signal(7, 98, signal.SIGTERM)
    assert process.poll() is None
    assert watched.signal(7, 99, signal.SIGTERM) == ""
    assert await asyncio.wait_for(ended.get(), 5) == 7
    assert process.wait(5) == -signal.SIGTERM
    assert "not watched" in watched.signal(7, 99, signal.SIGTERM)


async def test_a_process_that_ended_is_not_signalled(sender: tuple[subprocess.Popen[str], int]) -> None:
    process, port = sender
    watched = LocalProcesses(lambda slot, incarnation: None)
    assert watched.watch(7, 99, process.pid, "127.0.0.1", port)
    process.kill()
    process.wait(5)  # its number is free again, and the loop has not yet had a turn to notice
    assert watched.signal(7, 99, signal.SIGTERM) == "its process has ended"
    watched.close()
