"""What an act runs, and all that it started, does not outlive the node that may end it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gadfly.act.action import command, leftover
from gadfly.act.action.effect import Edge, State
from gadfly.act.action.keeping import Keeping
from gadfly.clock import SystemClock

pytestmark = pytest.mark.slow

NODE = """
import asyncio, pathlib, sys, time, uvloop
from gadfly.act.action import command
from gadfly.act.action.effect import Edge
from gadfly.act.action.keeping import Keeping
folder = pathlib.Path(sys.argv[1])
edge = Edge(monotonic=time.monotonic, keeping=Keeping(folder / "acts"))
factory = uvloop.new_event_loop if sys.argv[2] == "uvloop" else None
with asyncio.Runner(loop_factory=factory) as runner:
    runner.run(command.do(f"/bin/sh {folder}/program", {"component": "c", "fence": "7"}, edge))
"""
PROGRAM = """
cd {folder}
(trap '' TERM HUP; echo $$ >stubborn; sleep 60 & wait; sleep 60) &
setsid sh -c 'echo $$ >service; exec sleep 60' &
(sh -c 'echo $$ >grandchild; exec sleep 60') &
echo $$ >program.pid
{last}
"""


@pytest.fixture
def program(tmp_path: Path):
    """Writes it; ends whatever is left of it."""

    def write(last: str = "sleep 60") -> None:
        (tmp_path / "program").write_text(PROGRAM.format(folder=tmp_path, last=last))

    yield write
    for name in ("program.pid", "service", "grandchild"):
        if (tmp_path / name).exists() and _lives(pid := int((tmp_path / name).read_text())):
            os.kill(pid, signal.SIGKILL)


def run(folder: Path, loop: str = "asyncio") -> subprocess.Popen[bytes]:
    """A node that carries the program out."""
    return subprocess.Popen([sys.executable, "-W", "error", "-c", NODE, str(folder), loop])


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_all_of_it_ends_when_the_node_is_killed(tmp_path: Path, program, loop: str) -> None:
    """What made a session of its own is a service that was to be started: that stays."""
    program()
    node = run(tmp_path, loop)
    try:
        pids = {name: _pid(tmp_path / name) for name in ("program.pid", "service", "grandchild")}
        session = os.getsid(pids["program.pid"])
    finally:
        node.kill()
        node.wait()
    _wait(lambda: not _lives(pids["program.pid"]) and not _lives(pids["grandchild"]))
    _wait(lambda: not leftover.members(session))
    assert _lives(pids["service"])


def test_what_a_program_left_when_it_ended_stays(tmp_path: Path, program) -> None:
    """Its effect is not taken back because the node stops afterwards."""
    program("sleep 0.2")
    node = run(tmp_path)
    assert node.wait(10) == 0
    assert not list((tmp_path / "acts").iterdir())
    time.sleep(0.2)
    assert _lives(_pid(tmp_path / "grandchild"))


async def test_where_the_keeper_was_killed_too_the_next_start_ends_it(tmp_path: Path, program) -> None:
    program()
    node = run(tmp_path)
    try:
        pids = {name: _pid(tmp_path / name) for name in ("program.pid", "grandchild")}
        _wait(lambda: list((tmp_path / "acts").iterdir()))
        (keeper,) = [pid for pid in _children(node.pid) if pid != pids["program.pid"]]
        os.kill(keeper, signal.SIGKILL)
    finally:
        node.kill()
        node.wait()
    _wait(lambda: not _lives(pids["program.pid"]))
    assert _lives(pids["grandchild"])
    ended = await leftover.end(tmp_path / "acts", SystemClock())
    assert list(ended) == [7]
    assert ended[7] >= 1
    assert not _lives(pids["grandchild"])
    assert not list((tmp_path / "acts").iterdir())
    assert await leftover.end(tmp_path / "acts", SystemClock()) == {}


async def test_a_session_of_another_is_let_be(tmp_path: Path) -> None:
    """The same number, another beginning: it is not what was noted."""
    other = sleeper()
    try:
        leftover.note(tmp_path / "acts", other.pid, 7)
        path = tmp_path / "acts" / str(other.pid)
        path.write_bytes(path.read_bytes().replace(b'"started":', b'"started":1'))
        (tmp_path / "acts" / "junk").write_text("no")
        assert await leftover.end(tmp_path / "acts", SystemClock()) == {}
        assert other.poll() is None
        assert not list((tmp_path / "acts").iterdir())
    finally:
        other.kill()
        other.wait()


async def test_a_keeper_that_ended_is_started_anew_and_knows_what_runs(tmp_path: Path) -> None:
    keeping = Keeping(tmp_path / "acts")
    edge = Edge(monotonic=time.monotonic, keeping=keeping)
    try:
        first = asyncio.ensure_future(command.do("/bin/sleep 20", {"component": "c", "fence": "7"}, edge))
        await asyncio.to_thread(_wait, lambda: keeping._running)
        assert keeping._process is not None
        keeping._process.kill()
        keeping._process.wait()
        effect = await command.do("/bin/true", {"component": "c", "fence": "8"}, edge)
        assert (effect.state, effect.ok) == (State.finished, True)
        assert keeping._process.poll() is None
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    finally:
        keeping.close()
    keeping.close()


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["/bin/sleep", "60"], start_new_session=True)


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _pid(path: Path) -> int:
    return int(_wait(lambda: path.exists() and path.read_text().strip()))


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
