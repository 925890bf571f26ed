"""kill −9 at every stage of a notification: it arrives, and at most one duplicate, with one key."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

NODE = """
import asyncio, os, signal, sys
from gadfly.alert import courier, engine, notify, outbox, pipeline
from gadfly.alert.notify import webhook
from gadfly.clock import SystemClock
from gadfly.config import Config, Owner
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict
from gadfly.store.sqlite import Database

path, url, stage = sys.argv[1:4]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def before(where, name):
    setattr(where, name, die)

def after(where, name):
    plain = getattr(where, name)
    def then(*args, **kwargs):
        plain(*args, **kwargs)
        die()
    setattr(where, name, then)

def after_async(where, name):
    plain = getattr(where, name)
    async def then(*args, **kwargs):
        result = await plain(*args, **kwargs)
        die()
    return then

if stage == "in the transaction":
    after(outbox, "put")
elif stage == "committed":
    plain = engine.Engine.take
    async def take(self, changes):
        await plain(self, changes)
        die()
    engine.Engine.take = take
elif stage == "claiming":
    after(outbox, "claim")
elif stage == "claimed":
    async def send(*args): die()
    notify.SENDERS["webhook"] = send
elif stage == "connected":
    webhook._status = die
elif stage == "answered":
    notify.SENDERS["webhook"] = after_async(webhook, "send")
elif stage == "marking":
    after(outbox, "sent")
elif stage == "marked":
    plain_carry = courier.Courier._carry
    async def carry(self, letter):
        await plain_carry(self, letter)
        die()
    courier.Courier._carry = carry

async def main():
    db = Database(path)
    config = Config(owner={"ops": Owner(contact=(url,))})
    clock = SystemClock()
    subject = Subject(name="shop", owner="ops")
    e = engine.Engine(db, config, clock, {"shop": subject}.get)
    c = courier.Courier(db, config, clock, name="n")
    await e.start()
    running = [asyncio.create_task(e.run()), asyncio.create_task(c.run())]
    # As the picture does after every start: it finds the component bad and says so.
    await e.take([Change(at=clock.wall(), component="shop", slot=0, before=Verdict.unknown,
                         after=Verdict.down, reason="refused", subject=subject)])
    await asyncio.gather(*running)

asyncio.run(main())
"""

STAGES = [
    "in the transaction",
    "committed",
    "claiming",
    "claimed",
    "connected",
    "answered",
    "marking",
    "marked",
]


@contextlib.asynccontextmanager
async def receiver(got: list[dict]) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            length = next(int(line[15:]) for line in head if line.startswith(b"content-length:"))
            got.append(json.loads(await reader.readexactly(length)))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def start(*arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *map(str, arguments)])


@pytest.mark.parametrize("stage", STAGES)
async def test_killed(stage: str, tmp_path: Path) -> None:
    got: list[dict] = []
    state = str(tmp_path / "gadfly.db")
    script = tmp_path / "node.py"
    script.write_text(NODE)
    async with receiver(got) as url:
        first = start(script, state, url, stage)
        try:
            code = await asyncio.wait_for(asyncio.to_thread(first.wait, 60), 60)
        finally:
            first.kill()
        assert code == -9, f"it did not come to the stage {stage!r}"
        second = start(script, state, url, "none")
        try:
            for _ in range(2000):
                if got:
                    break
                await asyncio.sleep(0.02)
            await asyncio.sleep(1.5)  # for a second one that must not come
        finally:
            second.kill()
            await asyncio.to_thread(second.wait, 30)
    assert 1 <= len(got) <= 2
    assert len({one["idempotencyKey"] for one in got}) == 1
    assert {one["alerts"][0]["labels"]["component"] for one in got} == {"shop"}
    if stage in ("in the transaction", "committed", "claiming", "claimed", "marked"):
        assert len(got) == 1
