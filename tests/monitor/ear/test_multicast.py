"""Real multicast between two network namespaces: heard, enquired about in the group, found dead."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gadfly.monitor.control import HEAD, Say, Settings
from gadfly.monitor.ear import Ear
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import Members
from gadfly.monitor.sockets import open_listener, plan
from gadfly.telemetry.frame import component_id

pytestmark = [pytest.mark.slow, pytest.mark.netns]
NAMES = (f"gfear-{os.getpid()}-a", f"gfear-{os.getpid()}-b")
BEATING = """
import sys, gadfly, time
with gadfly.Heart("far", every=0.2, to=sys.argv[1]):
    time.sleep(60)
"""


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def namespaces() -> Iterator[tuple[str, str]]:
    try:
        for name in NAMES:
            ip("netns", "add", name)
        here, there = NAMES
        ip("link", "add", "gf0", "netns", here, "type", "veth", "peer", "name", "gf0", "netns", there)
        for number, name in enumerate(NAMES, 1):
            ip("-n", name, "addr", "add", f"10.71.9.{number}/24", "dev", "gf0")
            ip("-n", name, "addr", "add", f"fd71::{number}/64", "dev", "gf0", "nodad")
            ip("-n", name, "link", "set", "gf0", "up")
            ip("-n", name, "link", "set", "lo", "up")
    except (subprocess.CalledProcessError, OSError) as error:
        for name in NAMES:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        if os.environ.get("CI"):
            pytest.fail(f"CI must be able to make network namespaces: {error}")
        pytest.skip(f"this machine does not permit network namespaces: {error}")
    yield NAMES
    for name in NAMES:
        ip("netns", "del", name)


def inside(namespace: str, work: Callable[[], Any]) -> Any:
    """Do something in a namespace, on a thread of its own."""
    box: list[Any] = []

    def run() -> None:
        with open(f"/run/netns/{namespace}") as file:
            assert ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000) == 0
        box.append(work())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return box[0]


@pytest.mark.parametrize("group", ["239.192.71.70:7170", "[ff15::4766]:7170"])
def test_heard_and_found_dead(namespaces: tuple[str, str], group: str) -> None:
    here, there = namespaces
    listeners = inside(here, lambda: plan((group,), ("gf0",), "", local=False))
    opened = inside(here, lambda: [open_listener(one) for one in listeners])
    members = Members.create(100)
    node, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ear = Ear(members, theirs, lambda: None)
    groups = [(name, one.port, one.interfaces) for one in listeners for name in one.groups]
    settings = Settings({}, True, 1.0, 2000, [True] * len(opened), groups)
    message = HEAD.pack(Say.configure, 1) + settings.pack()
    socket.send_fds(node, [message], [made.fileno() for made in opened])
    heart = subprocess.Popen(
        ["ip", "netns", "exec", there, sys.executable, "-c", BEATING, f"{group}%gf0"],
        stdin=subprocess.DEVNULL,
    )

    def until(wanted: Liveness, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ear.turn()
            slot = int(members.find(np.array([component_id("far")], np.uint64))[0])
            if slot >= 0 and members.liveness[slot] == wanted:
                return
        raise AssertionError(f"not {wanted.name}: {members.counters.snapshot()}")

    try:
        until(Liveness.alive, 10)
        for _ in range(60):
            ear.turn()
        assert members.counters.get("enquiries_answered") >= 1
        heart.kill()
        heart.wait()
        until(Liveness.silent, 5)
    finally:
        heart.kill()
        heart.wait()
        for made in [*opened, *ear._sockets, node, theirs]:
            made.close()
        ear._poll.close()
        members.close()
