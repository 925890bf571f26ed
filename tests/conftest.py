"""What holds for every test: no beat, lookup or state leaves the test's own folder and loopback."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _stay_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GADFLY_TO", "127.0.0.1:9")
    monkeypatch.setenv("GADFLY_RUN", str(tmp_path / "run"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("GADFLY_KEY", "GADFLY_NODE", "GADFLY_TOKEN", "NOTIFY_SOCKET", "WATCHDOG_USEC"):
        monkeypatch.delenv(name, raising=False)
