"""What becomes of the command when `gadfly exec` is killed, and can neither forward nor tell anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gadfly.instrument import parent_death
from gadfly.instrument.parent_death import ends_with_us

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the signal is Linux's")


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.01)


def runs(pid: int) -> bool:
    """Whether it runs; one that ended may wait for a parent that never asks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def start(receiver: Any, *options: str, command: list[str]) -> tuple[subprocess.Popen[bytes], int]:
    """`gadfly exec`, killed as soon as its command runs; the command's process id."""
    arguments = [sys.executable, "-m", "gadfly", "exec", "nightly", "--to", receiver.to, *options, "--"]
    run = subprocess.Popen([*arguments, *command], stdout=subprocess.PIPE)
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    assert runs(pid)
    run.kill()
    run.wait()
    run.stdout.close()
    return run, pid


@linux
@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--no-output",)])
def test_the_command_is_asked_to_end(receiver: Any, tmp_path: Path, options: tuple[str, ...]) -> None:
    script = f"trap 'echo cleaned > {tmp_path}/told; exit' TERM; echo $$; while :; do sleep 0.05; done"
    _, pid = start(receiver, *options, command=["sh", "-c", script])
    try:
        eventually(lambda: not runs(pid))
    finally:
        if runs(pid):
            os.kill(pid, signal.SIGKILL)
    assert (tmp_path / "told").read_text() == "cleaned\n"


@linux
@pytest.mark.slow
def test_it_goes_on_where_that_is_wished(receiver: Any, tmp_path: Path) -> None:
    script = f"echo $$; while :; do sleep 0.05; date >> {tmp_path}/lines; done"
    _, pid = start(receiver, "--outlive", "--no-output", command=["sh", "-c", script])
    try:
        lines = tmp_path / "lines"
        before = lines.stat().st_size if lines.exists() else 0
        eventually(lambda: lines.exists() and lines.stat().st_size > before + 100)
        assert runs(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


@linux
def test_one_whose_parent_ended_before_it_could_be_armed_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parent_death.os, "getpid", lambda: 2)
    arm = ends_with_us()
    monkeypatch.undo()
    assert subprocess.run(["true"], preexec_fn=arm, check=False).returncode == 128 + signal.SIGTERM


@linux
def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        script = "kill -TERM $$; echo lives"
        run = subprocess.run(
            ["sh", "-c", script], preexec_fn=ends_with_us(), capture_output=True, check=False
        )
    finally:
        signal.signal(signal.SIGTERM, before)
    assert run.stdout == b"lives\n"


def test_elsewhere_there_is_no_such_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent_death.sys, "platform", "darwin")
    assert ends_with_us() is None


@linux
def test_nor_with_a_library_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert ends_with_us() is None
