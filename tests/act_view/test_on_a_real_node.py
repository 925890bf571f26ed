"""The whole way on a real node, by command: planned, asked, approved, done, measured, stopped, resumed."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gadfly import catalogue
from gadfly.app import Node
from gadfly.instrument import Heart

pytestmark = pytest.mark.slow

LATER = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Acting:
    """A real node with one automation, whose page and API are asked by the real command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tcp, self.udp = free(socket.SOCK_STREAM), free(socket.SOCK_DGRAM)
        (folder / "gadfly.toml").write_text(
            f"""
            [node]
            name = "north"
            listen = "127.0.0.1:{self.tcp}"
            state = "{folder / "state"}"
            watch_host = false
            [heartbeat]
            groups = ["239.192.71.70:{self.udp}"]
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
        self.node = Node(catalogue.load(folder / "gadfly.toml"))

    async def start(self) -> None:
        node = self.node
        await node.start()
        self.heart = Heart("w1", 0.2, group="workers", owner="payments", to=node.hearing.udp).start()
        await self.until(lambda: node.components.slot("w1") is not None)

    async def stop(self) -> None:
        with contextlib.suppress(AttributeError):
            self.heart.stop()
        await self.node.stop()

    async def until(self, seen: Any, seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < deadline, "it was not seen in time"
            await asyncio.sleep(0.05)

    async def gadfly(self, *words: str, token: str = "") -> tuple[int, str]:
        """A command's exit code, and what it printed."""
        environment = {
            **os.environ,
            "GADFLY_NODE": self.node.server.url,
            "GADFLY_TOKEN": token or self.node.access.local,
            "NO_COLOR": "1",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gadfly",
            *words,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    async def token(self, name: str, *scopes: str) -> str:
        given = [word for scope in scopes for word in ("--scope", scope)]
        code, out = await self.gadfly("token", "create", name, "--person", name, *given, "--json")
        assert code == 0, out
        return str(json.loads(out)["token"])


@pytest.fixture
async def acting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Acting]:
    monkeypatch.setenv("GADFLY_RUN", str(tmp_path / "run"))
    made = Acting(tmp_path)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def test_asked_approved_done_measured_and_stopped(acting: Acting) -> None:
    anna = await acting.token("anna", "act", "approve:payments")
    boss = await acting.token("boss", "approve:platform", "stop")
    code, out = await acting.gadfly("act", "plan", "touch")
    assert "1 of 1 in group workers" in out
    assert f"/usr/bin/touch {acting.folder}/w1" in out
    assert not (acting.folder / "w1").exists()

    code, out = await acting.gadfly("act", "run", "touch", "--reason", "to see it", token=anna)
    assert code == 1, out
    assert "gadfly act approve 1" in out
    code, out = await acting.gadfly("act", "approvals")
    assert code == 1
    assert "may answer: payments, then platform" in out
    code, out = await acting.gadfly("act", "approve", "1", token=anna)
    assert code == 3
    assert "nobody approves their own" in out
    assert not (acting.folder / "w1").exists()

    code, out = await acting.gadfly("act", "approve", "1", "--note", "go", token=boss)
    assert (code, "it runs as intent 1" in out) == (0, True), out
    await acting.until(lambda: (acting.folder / "w1").exists())
    for _ in range(40):
        code, out = await acting.gadfly("act", "show", "touch")
        if "measured by node" in out:
            break
    assert "verified" in out
    assert "1 of 1, at least" in out

    code, out = await acting.gadfly("stop", "--reason", "enough", token=boss)
    assert code == 0
    assert "STOPPED s1: every automation, by person:boss" in out
    code, out = await acting.gadfly("act", "run", "touch", "--reason", "again", token=anna)
    assert code == 2
    assert "stop: " in out
    code, out = await acting.gadfly("act", "list")
    assert code == 2
    assert "approve, stopped" in out
    code, out = await acting.gadfly("resume", "--reason", "mended", token=anna)
    assert code == 3
    assert "no scope 'stop'" in out
    code, out = await acting.gadfly("resume", "--reason", "mended", token=boss)
    assert code == 0, out
    code, out = await acting.gadfly("act", "report", "payments")
    assert out.splitlines()[2].split()[:4] == ["touch", "1", "1", "1"]
    assert (await acting.gadfly("act", "load"))[0] == 0
    assert "automation:touch" in (await acting.gadfly("act", "grants"))[1]


async def test_two_tokens_of_one_person_are_one_person(acting: Acting) -> None:
    """Who asks by the run file's token, and approves by it or by another of that user, is refused; so is a
    program, whatever its scopes."""
    me = acting.node.access.all()[0].person
    made = await acting.gadfly("token", "create", "phone", "--person", me, "--scope", "approve", "--json")
    phone = str(json.loads(made[1])["token"])
    made = await acting.gadfly("token", "create", "ci-bot", "--program", "--scope", "admin", "--json")
    program = str(json.loads(made[1])["token"])
    bea = await acting.token("bea", "approve")
    refused, out = await acting.gadfly("token", "create", "x", "--program", "--scope", "approve")
    assert (refused, "A program approves nothing" in out) == (3, True), out

    code, out = await acting.gadfly("act", "run", "touch", "--reason", "to see it")
    assert code == 1, out
    for token, why in (("", "nobody approves their own"), (phone, "their own"), (program, "a person must")):
        code, out = await acting.gadfly("act", "approve", "1", token=token)
        assert (code, why in out) == (3, True), out
    assert not (acting.folder / "w1").exists()
    code, out = await acting.gadfly("stop", "--reason", "enough", token=program)
    assert code == 0, out
    code, out = await acting.gadfly("resume", "--reason", "mended", token=program)
    assert (code, "program:ci-bot cannot lift" in out) == (3, True), out
    assert (await acting.gadfly("resume", "--reason", "mended"))[0] == 0

    code, out = await acting.gadfly("act", "run", "touch", "--reason", "to see it")
    assert code == 1, out
    code, out = await acting.gadfly("act", "approve", "2", "--note", "ask ann@example.org", token=bea)
    assert code == 0, out
    await acting.until(lambda: (acting.folder / "w1").exists())
    code, out = await acting.gadfly("ledger", "tail", "--kind", "approval")
    assert "Person bea approved touch on w1 (plan 2), asked for by person " + me in out
    code, out = await acting.gadfly("breakglass", "--reason", "nobody of payments answers")
    assert code == 0, out

    def texts(connection: Any) -> list[bytes]:
        return [bytes(body) for (body,) in connection.execute("SELECT body FROM ledger_entry")]

    written = b"\n".join(await acting.node.db.read(texts))
    assert b"person:bea" not in written
    assert b"ann@example.org" not in written
    assert f"person:{me}".encode() not in written
    hashed = acting.node.recorder.mask.subject(f"person:{me}")
    whos = [json.loads(line) for line in written.splitlines()]
    assert [one["who"] for one in whos if one["kind"] == "breakglass"] == [hashed]


async def test_by_hand_with_a_grant_it_is_the_persons_own_act(acting: Acting) -> None:
    """By a token with the scope and a grant of that person; the ledger has it under their name."""
    toml = acting.folder / "gadfly.toml"
    since = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    given = f"""
            [grant.release]
            to = ["person:carl"]
            may = ["command /usr/bin/touch *"]
            owner = "payments"
            because = "A release that needs a hand."
            since = {since.isoformat(timespec="seconds").replace("+00:00", "Z")}
            until = {(since + dt.timedelta(hours=8)).isoformat(timespec="seconds").replace("+00:00", "Z")}
    """
    toml.write_text(toml.read_text() + given)
    acting.node.path = toml
    carl = await acting.token("carl", "act")
    code, out = await acting.gadfly("reload")
    assert code == 0, out
    await acting.until(lambda: not acting.node.acting.belief.words)
    code, out = await acting.gadfly("act", "run", "touch", "--reason", "the release", token=carl)
    assert code == 0, out
    await acting.until((acting.folder / "w1").exists)
    code, out = await acting.gadfly("ledger", "tail", "--about", "person:carl", "--json")
    intents = [one for one in map(json.loads, out.splitlines()) if one["kind"] == "intent"]
    assert len(intents) == 1, out
    assert intents[0]["who"].startswith("person:")
    assert "automation:touch" in intents[0]["about"]
