"""A real node, real programs: what dies is started again, and the picture says that it worked."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly import catalogue
from gadfly.act.action.effect import Edge
from gadfly.act.engine import Acts
from gadfly.act.executing.board import Board
from gadfly.act.executing.executor import Executor
from gadfly.act.mail.letters import Letters
from gadfly.act.proof import proving
from gadfly.act.scene import Scene
from gadfly.act.view import PictureView
from gadfly.app import Node
from gadfly.config.act import Automation, Gate, Limits
from gadfly.monitor.verdict import Verdict

pytestmark = pytest.mark.slow

LATER = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
WORKER = """
import os, sys, time
from gadfly.instrument import Heart
open(sys.argv[3], "w").write(str(os.getpid()))
with Heart(sys.argv[1], every=0.2, group="workers", owner="ops", to=sys.argv[2]):
    time.sleep(120)
"""
START = """#!/bin/sh
echo "$GADFLY_INTENT $GADFLY_AUTOMATION" >>{folder}/started
setsid {python} {folder}/worker.py "$1" {udp} {folder}/pid </dev/null >/dev/null 2>&1 &
"""


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def runs(pid: int) -> bool:
    """Whether it lives; a zombie that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Fleet:
    """A node in this process, and one worker that a program can start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        udp, tcp = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        (folder / "gadfly.toml").write_text(
            f"""
            [node]
            listen = "127.0.0.1:{tcp}"
            state = "{folder / "state"}"
            [heartbeat]
            groups = ["239.192.71.70:{udp}"]
            [owner.ops]
            contact = ["exec:/bin/true"]
            """
        )
        self.node = Node(catalogue.load(folder / "gadfly.toml"))

    async def start(self) -> None:
        await self.node.start()
        (self.folder / "worker.py").write_text(WORKER)
        script = self.folder / "start"
        script.write_text(START.format(folder=self.folder, python=sys.executable, udp=self.node.hearing.udp))
        script.chmod(0o755)

    async def start_worker(self) -> None:
        process = await asyncio.create_subprocess_exec(str(self.folder / "start"), "worker-1")
        await process.wait()
        await self.until(lambda: self.verdict() is Verdict.undeclared)

    def acts(self, automation: Automation) -> Acts:
        node = self.node
        config = msgspec.structs.replace(
            node.config, automation={"revive": automation}, gate=Gate(floor="0%", removals="100%")
        )
        ledger, key = node.recorder.log, Ed25519PrivateKey.generate()
        view = PictureView(node.components, node.members, node.clock, node.prober.ask_now, node.processes)
        letters = Letters(node.db, config, node.clock, node.name())
        self.board = Board(node.db, node.clock)
        edge = Edge(monotonic=node.clock.monotonic, signal=view.signal, count=view.count, tell=letters.tell)
        executor = Executor(node.name(), key.public_key(), self.board.own, node.clock, edge)
        scene = Scene(config, view, node.clock)
        return Acts(
            node.db,
            ledger,
            scene,
            executor,
            letters,
            key,
            node.clock,
            speaks_for=lambda who: ["ops"] if who == "person:anna" else [],
        )

    async def run(self, automation: Automation) -> Acts:
        acts = self.acts(automation)
        now = self.node.clock.wall()

        def prepare(connection: Any) -> None:
            proving.record(connection, self.node.recorder.log, proving.prove(now), now)
            connection.execute(
                "INSERT INTO standing (automation, level, since, failures, frozen, proposed)"
                " VALUES ('revive', 'act-small', 0, 0, '', '')"
            )

        await self.node.db.write(prepare)
        self.tasks = [asyncio.ensure_future(self.board.run()), asyncio.ensure_future(acts.run())]
        return acts

    async def stop(self) -> None:
        tasks = getattr(self, "tasks", [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.node.stop()
        with contextlib.suppress(OSError, ValueError):
            os.kill(self.pid(), signal.SIGKILL)

    def pid(self) -> int:
        return int((self.folder / "pid").read_text())

    def verdict(self) -> Verdict | None:
        slot = self.node.components.slot("worker-1")
        return None if slot is None else Verdict(int(self.node.components.verdicts[slot]))

    async def entries(self) -> list[Any]:
        found = await self.node.db.read(
            lambda connection: self.node.recorder.log.about(connection, "automation:revive", 100)
        )
        return [entry for _, entry, _ in reversed(found)]

    async def until(self, seen: Callable[[], Any], seconds: float = 20.0) -> Any:
        deadline = time.monotonic() + seconds
        while True:
            found = seen()
            found = await found if asyncio.iscoroutine(found) else found
            if found:
                return found
            assert time.monotonic() < deadline, "it was not seen in time"
            await asyncio.sleep(0.05)


def automation(**changes: Any) -> Automation:
    fine = Automation(
        owner="ops",
        purpose="A worker that died is started again.",
        on='component.silent for 1s, group = "workers"',
        run="",
        limits=Limits(at_once=1, group="100%", fleet="100%", per_hour=6, tries_per_target=3),
        expect="component restarted within 15s and component alive within 15s",
        undo="command /bin/true {component}",
        level="act-small",
        expires=LATER,
        review=LATER,
    )
    return msgspec.structs.replace(fine, **changes)


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    made = Fleet(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_a_worker_that_dies_is_started_again(fleet: Fleet) -> None:
    await fleet.start_worker()
    await fleet.run(automation(run=f"command {fleet.folder}/start {{component}}"))
    first = fleet.pid()
    os.kill(first, signal.SIGKILL)

    async def outcome() -> Any:
        return [entry for entry in await fleet.entries() if entry.kind == "outcome"]

    [found] = await fleet.until(outcome, 40)
    assert found.body["state"] == "verified", found.body
    assert found.who == "node"
    assert found.body["measured"] == {"worker-1": "verified: it runs anew; it is alive"}
    assert fleet.pid() != first
    assert fleet.verdict() is Verdict.undeclared
    assert [entry.kind for entry in await fleet.entries()] == ["decision", "intent", "outcome"]
    assert (fleet.folder / "started").read_text().splitlines()[-1] == "1 revive"
    await fleet.node.recorder.seal()
    size = await fleet.node.db.read(lambda connection: fleet.node.recorder.log.latest(connection).size)
    assert size >= 3


async def test_a_program_that_does_nothing_is_found_out(fleet: Fleet) -> None:
    await fleet.start_worker()
    await fleet.run(
        automation(
            run="command /bin/true {component}",
            expect="component alive within 2s",
            undo="irreversible",
            disturbs=False,
        )
    )
    os.kill(fleet.pid(), signal.SIGKILL)

    async def outcome() -> Any:
        return [entry for entry in await fleet.entries() if entry.kind == "outcome"]

    [found] = await fleet.until(outcome, 40)
    assert found.body["state"] == "failed"
    assert "true ended with 0" in found.body["reason"]


async def test_a_signal_reaches_the_process_that_beats(fleet: Fleet) -> None:
    await fleet.start_worker()
    acts = await fleet.run(
        automation(
            on='component.undeclared for 1s, group = "workers"',
            run="signal:TERM",
            expect="component silent within 10s",
        )
    )
    await fleet.until(lambda: len(fleet.node.processes) > 0)
    shown = await acts.plan("revive", ["worker-1"])
    assert shown.lines[0].words == "send SIGTERM to the process of worker-1 on this host"

    async def outcome() -> Any:
        return [entry for entry in await fleet.entries() if entry.kind == "outcome"]

    [found] = await fleet.until(outcome, 40)
    assert found.body["state"] == "verified", found.body
    assert not runs(fleet.pid())
