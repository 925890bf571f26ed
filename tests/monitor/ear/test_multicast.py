"""Real multicast between two network namespaces: heard, enquired about in the group, found dead."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest

from gadfly.monitor.control import HEAD, Say, Settings
from gadfly.monitor.ear import Ear
from gadfly.monitor.listeners import change
from gadfly.monitor.liveness import Liveness
from gadfly.monitor.members import Members
from gadfly.monitor.sockets import plan
from gadfly.telemetry.frame import component_id

pytestmark = [pytest.mark.slow, pytest.mark.netns]
BEATING = """
import sys, gadfly, time
with gadfly.Heart("far", every=0.2, to=sys.argv[1]):
    time.sleep(60)
"""


@pytest.mark.parametrize("group", ["239.192.71.70:7170", "[ff15::4766]:7170"])
def test_heard_and_found_dead(hosts: Any, group: str) -> None:
    hosts.connect()
    wanted = hosts.inside(hosts.here, lambda: plan((group,), ("gf0",), "", local=False))
    opened = hosts.inside(hosts.here, lambda: change((), wanted))
    members = Members.create(100)
    node, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ear = Ear(members, theirs, lambda: None)
    groups = [(name, one.listener.port, one.indexes(name)) for one in opened for name in one.listener.groups]
    settings = Settings({}, True, 1.0, 2000, [True] * len(opened), groups)
    message = HEAD.pack(Say.configure, 1) + settings.pack()
    socket.send_fds(node, [message], [one.made.fileno() for one in opened])
    heart = subprocess.Popen(
        ["ip", "netns", "exec", hosts.there, sys.executable, "-c", BEATING, f"{group}%gf0"],
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
        for made in [*(one.made for one in opened), *ear._sockets, node, theirs]:
            made.close()
        ear._poll.close()
        members.close()
