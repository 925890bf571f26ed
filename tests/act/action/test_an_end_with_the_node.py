"""A program that an act runs does not outlive the node that may end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

NODE = """
import asyncio, sys, time, uvloop
from gadfly.act.action import command
from gadfly.act.action.effect import Edge
edge = Edge(monotonic=time.monotonic)
text = "/bin/sh -c 'echo $$ > " + sys.argv[1] + "; exec sleep 30'"
factory = uvloop.new_event_loop if sys.argv[2] == "uvloop" else None
with asyncio.Runner(loop_factory=factory) as runner:
    runner.run(command.do(text, {"component": "c"}, edge))
"""


@pytest.mark.slow
@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_it_ends_when_the_node_is_killed(tmp_path: Path, loop: str) -> None:
    place = tmp_path / "pid"
    node = subprocess.Popen([sys.executable, "-W", "error", "-c", NODE, str(place), loop])
    try:
        pid = int(_wait(lambda: place.exists() and place.read_text()))
    finally:
        node.kill()
        node.wait()
    try:
        assert _wait(lambda: not _lives(pid))
    finally:
        if _lives(pid):
            os.kill(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    """Whether it runs: what nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait(seen):
    deadline = time.monotonic() + 10
    while not (found := seen()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found
