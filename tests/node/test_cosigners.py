"""The witnesses that a node asks: what is kept, what is told, and that none of them holds up the others."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.ledger import Cosigner, Ledger
from gadfly.config.node import Node as NodeConfig
from gadfly.cosigners import Cosigners
from gadfly.errors import LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import log, witness
from gadfly.ledger.entry import Entry
from gadfly.ledger.note import COSIGNATURE, verifier_of
from gadfly.ledger.witness import Conflict, Denied, Witness
from gadfly.recorder import Recorder
from gadfly.store.sqlite import Database

SOUTH = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
NAME = "gadfly/south/2"
KEY = str(verifier_of(NAME, SOUTH, COSIGNATURE))


@dataclasses.dataclass
class World:
    """North's store and recorder, and south's witness behind `post`."""

    db: Database
    south: Database
    recorder: Recorder
    cosigners: Cosigners
    clock: VirtualClock
    asked: list[str]
    answer: Callable[[str, bytes], Any]

    async def happen(self, count: int = 1) -> None:
        entries = [Entry(kind="flip", who="node", at=self.clock.wall()) for _ in range(count)]
        await self.db.write(lambda one: self.recorder.journal.write(one, entries))

    async def unexplained(self) -> list[str]:
        found = await self.db.read(lambda one: log.read(one, 0, 10_000))
        return [str(entry.body["event"]) for _, entry, _ in found if entry.kind == "unexplained"]

    @property
    def standing(self) -> str:
        return self.cosigners.shown()[0].standing


def config(folder: Path, *urls: str) -> Config:
    witnesses = tuple(Cosigner(url=url, key=KEY) for url in urls)
    return Config(node=NodeConfig(state=str(folder)), ledger=Ledger(witnesses=witnesses))


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    clock = VirtualClock()
    db, south = Database(tmp_path / "north" / "gadfly.db"), Database(tmp_path / "south" / "gadfly.db")
    chosen = config(tmp_path / "north", "http://south/witness/")
    recorder = Recorder(db, chosen, clock, "north")
    await recorder.start(chosen, "1")
    cosigners = Cosigners(db, recorder, chosen, clock)
    keeper = Witness(NAME, SOUTH)

    async def south_answers(url: str, body: bytes) -> tuple[int, bytes]:
        def work(connection: Any) -> Any:
            request, new = witness.trusted(body, {recorder.log.origin: recorder.log.verifier})
            judged = witness.judge(request, new, witness.kept(connection, new.origin))
            return keeper.keep(connection, judged, clock.wall()) or keeper.sign(new, clock.wall())

        try:
            found = await south.write(work)
        except Denied as denied:
            return denied.status, denied.text.encode()
        if isinstance(found, Conflict):
            denied = witness.refusal(found)
            return denied.status, denied.text.encode()
        return 200, found.encode()

    made = World(db, south, recorder, cosigners, clock, [], south_answers)

    async def post(url: str, body: bytes, timeout: float, limit: int) -> tuple[int, bytes]:
        made.asked.append(body.split(b"\n")[0].decode())
        result: tuple[int, bytes] = await made.answer(url, body)
        return result

    monkeypatch.setattr("gadfly.cosigners.post.post", post)
    yield made
    db.close()
    south.close()


async def test_each_checkpoint_is_cosigned_once_and_served_with_it(world: World) -> None:
    await world.cosigners.ask()
    await world.cosigners.ask()
    assert world.asked == ["old 0"]
    await world.happen()
    await world.cosigners.ask()
    assert world.asked == ["old 0", "old 1"]
    assert world.standing == "cosigned"
    assert world.cosigners.trouble() == []
    for head in (world.recorder.newest, await world.db.read(world.recorder.log.latest)):
        assert head is not None
        (seen,) = checkpoints.cosigned(head.note, [verifier_of(NAME, SOUTH, COSIGNATURE)])
        assert seen.at == int(world.clock.wall())


async def test_after_a_restart_it_goes_on_from_what_is_known(world: World, tmp_path: Path) -> None:
    await world.cosigners.ask()
    again = Cosigners(
        world.db, world.recorder, config(tmp_path / "north", "http://south/witness"), world.clock
    )
    await world.happen()
    await again.ask()
    assert world.asked == ["old 0", "old 1"]


async def test_a_witness_that_knows_another_size_is_asked_from_there(world: World, tmp_path: Path) -> None:
    await world.cosigners.ask()
    await world.db.write(lambda one: one.execute("DELETE FROM ledger_cosignature"))
    again = Cosigners(
        world.db, world.recorder, config(tmp_path / "north", "http://south/witness"), world.clock
    )
    await world.happen()
    await again.ask()
    assert world.asked == ["old 0", "old 0", "old 1"]
    assert again.shown()[0].standing == "cosigned"


@pytest.mark.parametrize(
    ("status", "body", "standing", "grave"),
    [
        (409, b"99\n", "ahead", True),
        (422, b"no\n", "contradicted", True),
        (404, b"", "refused", False),
        (503, b"", "unreachable", False),
        (409, b"7 or so\n", "refused", False),
    ],
)
async def test_what_it_says_is_told_once(
    world: World, status: int, body: bytes, standing: str, grave: bool
) -> None:
    async def says(url: str, asked: bytes) -> tuple[int, bytes]:
        return status, body

    world.answer = says
    for _ in range(5):
        await world.happen()
        await world.cosigners.ask()
    assert world.standing == standing
    assert len(world.cosigners.trouble()) == 1
    assert bool(world.cosigners.grave()) is grave
    assert await world.unexplained() == ([standing] if grave else [])


async def test_one_that_names_another_size_each_time_is_left_alone(world: World) -> None:
    sizes = iter(range(1000))

    async def says(url: str, asked: bytes) -> tuple[int, bytes]:
        return 409, f"{next(sizes) % 3}\n".encode()

    world.answer = says
    await world.happen(5)
    await world.cosigners.ask()
    assert len(world.asked) <= 3


async def test_a_slow_witness_holds_up_nobody(world: World, tmp_path: Path, until: Any) -> None:
    plain = world.answer
    free = asyncio.Event()

    async def says(url: str, asked: bytes) -> tuple[int, bytes]:
        if "slow" in url:
            await free.wait()
            raise LedgerError("no answer within 5 s")
        result: tuple[int, bytes] = await plain(url, asked)
        return result

    world.answer = says
    world.cosigners.reconfigure(config(tmp_path / "north", "http://slow/", "http://south/"))
    round_ = asyncio.create_task(world.cosigners.ask())
    await until(lambda: world.cosigners.shown()[1].standing == "cosigned")
    assert world.cosigners.shown()[0].standing == "unasked"
    free.set()
    await round_
    assert world.cosigners.shown()[0].standing == "unreachable"
    assert "no answer within 5 s" in world.cosigners.trouble()[0]


async def test_a_round_that_is_overtaken_is_no_contradiction(world: World, until: Any) -> None:
    plain, asked = world.answer, []

    async def says(url: str, body: bytes) -> tuple[int, bytes]:
        asked.append(body)
        if len(asked) == 1:
            await asyncio.sleep(0.2)  # in this time another round could be through
        result: tuple[int, bytes] = await plain(url, body)
        return result

    world.answer = says
    first = asyncio.create_task(world.cosigners.ask())
    await until(lambda: asked)
    await world.happen()
    await asyncio.gather(first, world.cosigners.ask())
    assert world.standing == "cosigned"
    assert await world.unexplained() == []


async def test_it_asks_again_as_often_as_is_configured(world: World, until: Any) -> None:
    task = asyncio.create_task(world.cosigners.run())
    for round_ in range(1, 4):
        await world.happen()

        async def asked(wanted: int = round_) -> bool:
            # While it sleeps nothing is asked; each look moves the clock by one of its pauses.
            await world.clock.advance(10.0)
            return len(world.asked) >= wanted

        await until(asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
