"""The stop button on a real node: pressed in Chromium, seen by the command line, kept across a restart."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import until

pytestmark = pytest.mark.slow

LATER = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Up:
    """`gadfly up` in a process of its own, with a worker that beats and an automation that needs a yes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tcp, udp = free(socket.SOCK_STREAM), free(socket.SOCK_DGRAM)
        (folder / "gadfly.toml").write_text(
            f"""
            [node]
            name = "north"
            listen = "127.0.0.1:{tcp}"
            state = "{folder / "state"}"
            watch_host = false
            [heartbeat]
            groups = ["239.192.71.70:{udp}"]
            [owner.platform]
            contact = ["exec:/bin/true"]
            [owner.payments]
            contact = ["exec:/bin/true"]
            owner = "platform"
            [gate]
            floor = "0%"
            removals = "100%"
            [automation.touch]
            owner = "payments"
            purpose = "A file says that it was here."
            targets = 'group = "workers"'
            on = "manual"
            run = "command /usr/bin/touch {folder}/{{component}}"
            limits = {{ at_once = 1, group = "100%", fleet = "100%", per_hour = 6, tries_per_target = 3 }}
            expect = "component alive within 10s"
            undo = "command /usr/bin/rm {folder}/{{component}}"
            level = "approve"
            expires = {LATER}
            review = {LATER}
            """
        )
        self.url = f"http://127.0.0.1:{tcp}/"
        self.environment = {
            **os.environ,
            "GADFLY_RUN": str(folder / "run"),
            "GADFLY_TO": f"127.0.0.1:{udp}",
            "HOME": str(folder),
            "NO_COLOR": "1",
        }
        for name in ("GADFLY_NODE", "GADFLY_TOKEN"):
            self.environment.pop(name, None)
        self.begun: list[subprocess.Popen[bytes]] = []

    def begin(self) -> None:
        self.start()
        self._begin("beat", "w1", "--every", "0.5s", "--group", "workers", "--owner", "payments")

    def start(self) -> None:
        self.node = self._begin("up", "--config", str(self.folder / "gadfly.toml"))
        self.until(lambda: self("act", "list")[0] != 3)

    def _begin(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "gadfly", *words],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.begun.append(process)
        return process

    def __call__(self, *words: str, token: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "gadfly", *words],
            env={**self.environment, **({"GADFLY_TOKEN": token} if token else {})},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def token(self, name: str, *scopes: str) -> str:
        given = [word for scope in scopes for word in ("--scope", scope)]
        return str(json.loads(self("token", "create", name, "--person", name, *given, "--json")[1])["token"])

    def until(self, true: Any, seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "it did not become true"
            time.sleep(0.1)

    def restart(self) -> None:
        self.node.send_signal(signal.SIGTERM)
        self.node.wait(15)
        self.start()

    def close(self) -> None:
        for process in self.begun:
            process.send_signal(signal.SIGTERM)
        for process in self.begun:
            process.wait(15)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    made = Up(tmp_path)
    try:
        made.begin()
        yield made
    finally:
        made.close()


@pytest.mark.timeout(240)
def test_approved_stopped_and_resumed(browser: Any, up: Up) -> None:
    anna, boss = up.token("anna", "act", "ack"), up.token("boss", "approve:platform", "stop")
    # A node that was held up does not trust its own sight for a minute, and then nothing acts.
    up.until(lambda: up("act", "plan", "touch")[1].endswith("somebody's approval\n"), 90)
    assert up("act", "run", "touch", "--reason", "to see it", token=anna)[0] == 1
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{up.url}act#token={boss}")
    page.wait_for_selector("#approvals .approval")
    told = page.inner_text("#approvals")
    assert "asked by person:anna" in told
    assert "1 of 1 in group workers" in told
    page.click("#approvals button:has-text('approve')")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#toast:has-text('it runs as intent 1')")
    up.until((up.folder / "w1").exists)
    page.wait_for_selector("#ladder:has-text('1 of 1 verified')", timeout=20_000)

    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    phone.goto(f"{up.url}act#token={anna}")
    phone.wait_for_selector("#ladder tbody th")
    phone.tap("#stop")
    phone.wait_for_selector("#stop-card.stopped")
    page.wait_for_selector("#stop-card.stopped")
    assert "stopped by person:anna" in page.inner_text("#stops")
    code, out = up("act", "list")
    assert (code, "STOPPED s1: every automation, by person:anna" in out) == (2, True)
    code, out = up("act", "run", "touch", "--reason", "again", token=anna)
    assert (code, "stop: " in out) == (2, True)

    up.restart()
    page.goto(f"{up.url}act#token={boss}")
    page.wait_for_selector("#stop-card.stopped")
    page.click("#stops button")
    page.fill("dialog input[name=reason]", "it is mended")
    page.click("dialog button[type=submit]")
    until(page, "!document.getElementById('stop-card').classList.contains('stopped')")
    assert "STOPPED" not in up("act", "list")[1]
    assert complaints == []
