"""An automation of the catalogue on a whole node: an alert calls, a person approves, the picture measures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gadfly.ledger.entry import Entry

pytestmark = pytest.mark.slow

WORKER = """
import os, sys, time
from gadfly.instrument import Heart
open(sys.argv[2], "w").write(str(os.getpid()))
with Heart("worker-1", every=0.2, group="workers", owner="ops", to=sys.argv[1]):
    time.sleep(120)
"""
CATALOGUE = """
[gate]
floor = "0%"
soak = "1s"

[automation.revive]
owner = "ops"
purpose = "A worker that died is started again."
on = 'alert for 1s, group = "workers"'
run = "command {folder}/start {{component}}"
limits = {{ at_once = 1, group = "100%", fleet = "100%", per_hour = 6, tries_per_target = 3 }}
expect = "component restarted within 20s"
undo = "command /bin/true {{component}}"
level = "act-small"
expires = 2032-06-30
review = 2031-06-30
"""


@pytest.fixture
def start(place) -> Path:
    """A program that starts the worker; the catalogue names it."""
    folder = place.folder
    (folder / "worker.py").write_text(WORKER)
    script = folder / "start"
    place.write(CATALOGUE.format(folder=folder))
    return script


def run(script: Path, udp: str) -> None:
    """Write the program for this node, and start the worker by it as the automation will."""
    folder = script.parent
    words = f"{sys.executable} {folder}/worker.py {udp} {folder}/pid"
    script.write_text(f"#!/bin/sh\nsetsid {words} </dev/null >/dev/null 2>&1 &\n")
    script.chmod(0o755)
    subprocess.run([script, "worker-1"], check=True)


def _me(node) -> str:
    """Who the local token is taken for: the user that the tests run as."""
    return node.access.all()[0].principal


async def test_called_by_an_alert_approved_and_measured(place, start, until) -> None:
    async with place.node() as node:
        run(start, node.hearing.udp)
        await until(lambda: node.components.slot("worker-1") is not None)
        await until(lambda: not node.unready)
        pid = place.folder / "pid"
        await until(pid.exists)
        first = int(await until(pid.read_text))
        os.kill(first, signal.SIGKILL)

        async def waiting() -> object:
            rows = await node.db.read(lambda c: c.execute("SELECT id, state FROM request").fetchall())
            return rows == [(1, "waiting")]

        try:
            await until(waiting, 30)
            _, decision = await node.acting.engine.approve(1, _me(node), "it is really dead")
            assert decision.allowed, decision.words

            async def states() -> object:
                rows = await node.db.read(lambda c: c.execute("SELECT state FROM intent").fetchall())
                return rows == [("verified",)]

            await until(states, 30)
            assert int(pid.read_text()) != first
            entries = await node.db.read(lambda c: node.recorder.log.about(c, "automation:revive", 100))
            kinds = [entry.kind for _, entry, _ in reversed(entries)]
            assert kinds == ["decision", "approval", "decision", "intent", "outcome"]
        finally:
            os.kill(int(pid.read_text()), signal.SIGKILL)
    assert any("May revive act on worker-1?" in one["title"] for one in place.notifications())


async def test_a_stop_ends_what_is_on_its_way_within_a_second(place, start, until) -> None:
    place.write(
        CATALOGUE.format(folder=place.folder)
        .replace(f"command {place.folder}/start {{component}}", f"command {place.folder}/long {{component}}")
        .replace("level =", "disturbs = false\nlevel =")
        .replace("within 20s", "within 2s")
    )
    long = place.folder / "long"
    long.write_text(
        f"#!/bin/sh\ntrap '' TERM\necho $$ >{place.folder}/long.pid\nwhile :; do sleep 0.1; done\n"
    )
    long.chmod(0o755)
    async with place.node() as node:
        run(start, node.hearing.udp)
        await until(lambda: node.components.slot("worker-1") is not None)
        await node.db.write(lambda c: _earned(c, node.recorder.log))
        pid = place.folder / "long.pid"
        try:
            await until(lambda: _proved(node))
            _, decision = await node.acting.engine.trigger("revive", "", ["worker-1"], "a try")
            assert decision.allowed, decision.words
            running = int(await until(lambda: pid.exists() and pid.read_text()))
            began = time.monotonic()
            await node.acting.view.stop("everything", "", _me(node), "enough")
            await until(lambda: not runs(running))
            assert time.monotonic() - began < 1.0

            async def outcome() -> object:
                return await node.db.read(
                    lambda c: c.execute(
                        "SELECT state, reason FROM intent WHERE finished IS NOT NULL"
                    ).fetchall()
                )

            [(state, reason)] = await until(outcome, 40)
            assert state == "failed"
            assert "ended on the way" in reason
            _, decision = await node.acting.engine.trigger("revive", "", ["worker-1"], "again")
            assert "stop" in {one.guard for one in decision.refusals}
        finally:
            os.kill(int((place.folder / "pid").read_text()), signal.SIGKILL)


def _earned(connection, log) -> None:
    """The automation may act by itself, and the ledger says so."""
    body = {"what": "raised", "from": "approve", "to": "act-small", "because": "a test"}
    log.append(
        connection,
        [Entry(kind="autonomy", who="node", about=("automation:revive",), body=body, at=time.time())],
    )
    connection.execute(
        "INSERT INTO standing (automation, level, since, failures, frozen, proposed)"
        " VALUES ('revive', 'act-small', 0, 0, '', '')"
    )


async def _proved(node) -> bool:
    rows = await node.db.read(lambda c: c.execute("SELECT COUNT(*) FROM proof").fetchall())
    return rows[0][0] > 0 and not node.acting.belief.words


def runs(pid: int) -> bool:
    """Whether it lives; a zombie that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
