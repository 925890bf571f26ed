"""The demo as people see it first: it plays to its end, sees all, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.first, pytest.mark.timeout(240)]


def left_behind(temporary: Path) -> list[str]:
    """Processes whose environment has this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.fsencode(temporary) in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
    return found


def start(temporary: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(temporary), "COLUMNS": "80", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "gadfly", "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_plays_to_its_end(tmp_path):
    process = start(tmp_path)
    out, err = process.communicate(timeout=220)
    assert (process.returncode, err) == (0, ""), out
    for words in (
        "kill -KILL",
        "kill -STOP",
        "503",
        "stands still",
        "A job fails",
        "does not run",
        "no false alarm",
    ):
        assert words in out
    assert "unseen" not in out
    assert max(map(len, out.splitlines())) <= 80 + len("#token=") + 60
    assert left_behind(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_everything(tmp_path):
    process = start(tmp_path)
    assert process.stdout is not None
    for line in process.stdout:
        if re.search(r"healthy +search", line):
            break
    assert len(left_behind(tmp_path)) > 3
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    end = time.monotonic() + 30
    while left_behind(tmp_path):
        assert time.monotonic() < end, left_behind(tmp_path)
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []
