"""A deploy is a hash and an entry in the ledger; what cannot be loaded changes nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gadfly.clock import VirtualClock
from gadfly.errors import LedgerError, Refused, StoreError
from gadfly.functions.deploy import Deploys
from gadfly.functions.function import Function
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.ledger.sentence import sentence
from gadfly.store.sqlite import Database


class Ledger:
    """Keeps what is appended."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.fails = False

    def append(self, _connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        if self.fails:
            raise LedgerError("no")
        self.entries += entries
        return range(len(entries))


class Place:
    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger()
        self.broken = False
        self.store = Database(folder / "gadfly.db")
        self.file = folder / "a.py"
        self.function = Function(
            name="a",
            path=str(self.file),
            module="a",
            handler="handler",
            owner="ops",
            purpose="p",
            review=dt.date(2027, 1, 1),
        )
        self.deploys = self.again(folder)

    def again(self, folder: Path) -> Deploys:
        async def trial(*_: Any) -> None:
            if self.broken:
                raise Refused("It cannot be loaded.", 422)

        return Deploys(self.store, Journal(self.ledger), VirtualClock(), folder / "state", trial)

    async def deploy(self, text: str) -> str:
        self.file.write_text(text)
        return (await self.deploys.deploy(self.function, "person:anna")).version.hash


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    found = Place(tmp_path)
    yield found
    found.store.close()


async def test_what_was_deployed_is_called(place: Place, tmp_path: Path) -> None:
    assert place.deploys.current("a") is None
    hash = await place.deploy("x = 1")
    place.file.write_text("x = 2")
    current = place.deploys.current("a")
    assert current is not None
    assert (place.deploys.folder(current.version) / "a.py").read_text() == "x = 1"
    half = tmp_path / "state" / "new-abc"
    half.mkdir()
    later = place.again(tmp_path)
    await later.load()
    assert later.current("a") == current
    assert not half.exists()
    assert current.version.hash == hash


async def test_each_has_an_entry(place: Place) -> None:
    first = await place.deploy("x = 1")
    second = await place.deploy("x = 2")
    await place.deploys.roll_back(place.function, first[:6], "person:ben")
    said = [sentence(entry) for entry in place.ledger.entries]
    assert said == [
        f"Person anna deployed {first[:12]} as the function a, with 0 grants.",
        f"Person anna deployed {second[:12]} as the function a, after {first[:12]}, with 0 grants.",
        f"Person ben rolled the function a back to {first[:12]}, from {second[:12]}.",
    ]
    assert place.ledger.entries[0].about == ("function:a", "owner:ops")
    current = place.deploys.current("a")
    assert current is not None
    assert (current.version.hash, current.who) == (first, "person:ben")
    assert {one.hash for one in await place.deploys.versions("a")} == {first, second}


async def test_what_cannot_be_loaded_changes_nothing(place: Place) -> None:
    first = await place.deploy("x = 1")
    place.broken = True
    with pytest.raises(Refused, match="cannot be loaded"):
        await place.deploy("x =")
    current = place.deploys.current("a")
    assert current is not None
    assert current.version.hash == first
    assert len(place.ledger.entries) == 1


async def test_what_hangs_while_it_is_loaded_keeps_only_its_own_function_waiting(place: Place) -> None:
    loading, on = asyncio.Event(), asyncio.Event()

    async def trial(function: Function, *_: Any) -> None:
        if function.name == "a":
            loading.set()
            await on.wait()

    place.deploys._trial = trial
    slow = asyncio.create_task(place.deploy("x = 1"))
    await loading.wait()
    again = asyncio.create_task(place.deploy("x = 2"))
    async with asyncio.timeout(30):
        await place.deploys.deploy(msgspec.structs.replace(place.function, name="b"), "person:ben")
    on.set()
    await slow
    assert (await again) == place.deploys.current("a").version.hash  # type: ignore[union-attr]
    assert place.deploys.current("b") is not None


async def test_without_an_entry_nothing_changes(place: Place) -> None:
    place.ledger.fails = True
    with pytest.raises(LedgerError):
        await place.deploy("x = 1")
    assert place.deploys.current("a") is None
    assert await place.deploys.versions("a") == []


@pytest.mark.parametrize(("hash", "status"), [("abc", 422), ("f" * 64, 404)], ids=str)
async def test_a_version_is_named_by_its_hash(place: Place, hash: str, status: int) -> None:
    await place.deploy("x = 1")
    with pytest.raises(Refused) as raised:
        await place.deploys.roll_back(place.function, hash, "person:anna")
    assert raised.value.status == status


async def test_a_version_that_was_changed_is_not_gone_back_to(place: Place) -> None:
    first = await place.deploy("x = 1")
    await place.deploy("x = 2")
    current = next(one for one in await place.deploys.versions("a") if one.hash == first)
    file = place.deploys.folder(current) / "a.py"
    file.chmod(0o644)
    file.write_text("x = 3")
    with pytest.raises(StoreError, match="not what was deployed"):
        await place.deploys.roll_back(place.function, first, "person:anna")


async def test_the_handler_must_be_there(place: Place) -> None:
    other = place.file.with_name("folder")
    other.mkdir()
    (other / "b.py").write_text("")
    import msgspec

    function = msgspec.structs.replace(place.function, path=str(other))
    with pytest.raises(Refused, match=r"no a\.py"):
        await place.deploys.deploy(function, "person:anna")
