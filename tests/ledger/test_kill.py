"""kill -9 at any moment: what was acknowledged is there, the ledger audits clean, and goes on."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gadfly.ledger import anchor
from gadfly.ledger.audit import audit
from gadfly.ledger.key import identity
from gadfly.ledger.log import Log

WRITER = Path(__file__).with_name("writer.py")
LIVES = 12


@pytest.mark.slow
def test_a_killed_writer_leaves_a_ledger_that_goes_on(tmp_path: Path) -> None:
    generator = random.Random(9)
    acknowledged = entries = 0
    for life in range(LIVES):
        process = subprocess.Popen(
            [sys.executable, str(WRITER), str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        first = process.stdout.readline()  # it has started, and goes on from what is there
        if not first:
            _, trouble = process.communicate(timeout=30)
            pytest.fail(f"life {life}: {trouble}")
        assert int(first.split()[0]) >= acknowledged
        timer = threading.Timer(generator.uniform(0.0, 0.4), process.send_signal, [signal.SIGKILL])
        timer.start()
        lines = [first, *process.stdout]
        timer.join()
        process.communicate(timeout=30)
        whole = [line.split() for line in lines if line.endswith("\n")]
        acknowledged = max(int(stop) for _, stop in whole)

        who = identity(tmp_path, "writer")
        log = Log(who.origin, who.key)
        known = anchor.kept(tmp_path, log.verifier)
        connection = sqlite3.connect(tmp_path / "gadfly.db", isolation_level=None)
        report = audit(connection, log.verifier, known=[known] if known else [])
        connection.close()
        assert report.problems == []
        assert report.entries >= acknowledged
        assert report.entries - report.covered < 256
        assert report.entries > entries
        entries = report.entries
    assert entries > 256, "the writer was killed too early to have shown anything"
