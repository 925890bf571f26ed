from __future__ import annotations

import os
import signal
import time

import pytest

from gadfly.cli.demo.processes import Processes


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_all_are_ended_stopped_ones_and_children_too(tmp_path):
    (tmp_path / "sleeper.py").write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    processes = Processes(tmp_path, {"PYTHONPATH": str(tmp_path)})
    pids = [processes.start(name, "sleeper") for name in ("node", "a", "b")]
    again = processes.start("a", "sleeper")
    end = time.monotonic() + 10
    while not all(processes.log(name) for name in ("node", "b")) or len(processes.log("a")) < 2:
        assert time.monotonic() < end
        time.sleep(0.02)
    children = [int(line) for name in ("node", "a", "b") for line in processes.log(name)]
    processes.signal("b", signal.SIGSTOP)
    processes.end()
    while any(map(alive, [*pids, again, *children])):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_one_that_does_not_want_to_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("gadfly.cli.demo.processes.GRACE", 0.2)
    (tmp_path / "stubborn.py").write_text(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('here', flush=True)\ntime.sleep(60)\n"
    )
    processes = Processes(tmp_path, {"PYTHONPATH": str(tmp_path)})
    pid = processes.start("a", "stubborn")
    end = time.monotonic() + 10
    while not processes.log("a"):
        assert time.monotonic() < end
        time.sleep(0.02)
    processes.end()
    assert not alive(pid)
    assert processes.code("a") == -signal.SIGKILL
