"""An ear that does not end by itself is ended."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from gadfly.monitor import ear_process
from gadfly.monitor.ear_process import EarProcess
from gadfly.monitor.outbound import Channel

HUNG = "import sys, time; print(flush=True); time.sleep(60)"


@pytest.fixture
def hung() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", HUNG], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.slow
async def test_one_that_hangs_is_killed(
    hung: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear_process, "ENDING", 0.05)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        ear = EarProcess(hung, Channel(ours))
        assert ear.pid == hung.pid
        await ear.end()
    assert hung.returncode == -signal.SIGKILL
    assert ear.channel.gone.done()
