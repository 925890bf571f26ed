"""Versions that nobody is likely to call again are removed, with an entry; what may be asked for stays."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gadfly.clock import VirtualClock
from gadfly.errors import LedgerError
from gadfly.functions.deploy import RECENT, Deploys
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
    """A function, its versions, and the folder in which they lie."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger()
        self.store = Database(folder / "gadfly.db")
        self.clock = VirtualClock()
        self.state = folder / "state"
        self.file = folder / "a.py"
        self.function = Function(
            name="a", path=str(self.file), module="a", handler="handler", owner="ops", purpose="p"
        )
        self.trial = asyncio.Event()
        self.trial.set()

        async def trial(*_: Any) -> None:
            await self.trial.wait()

        self.deploys = Deploys(self.store, Journal(self.ledger), self.clock, self.state, trial)

    async def deploy(self, count: int) -> list[str]:
        """So many versions, an hour and more between two; their hashes."""
        found = []
        for _ in range(count):
            self.file.write_text(f"at = {self.clock.wall()}")
            found.append((await self.deploys.deploy(self.function, "person:anna")).version.hash)
            await self.clock.advance(RECENT + 1)
        return found

    async def there(self) -> set[str]:
        """Hashes of what is known; the folders are the same."""
        known = {one.hash for one in await self.deploys.versions("a")}
        assert known == {one.name for one in self.state.iterdir()}
        return known


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    found = Place(tmp_path)
    yield found
    found.store.close()


async def test_the_last_ones_stay_beside_the_one_that_is_called(place: Place) -> None:
    one, two, three, four, five = await place.deploy(5)
    entries = len(place.ledger.entries)
    await place.deploys.prune(2)
    assert await place.there() == {three, four, five}
    (entry,) = place.ledger.entries[entries:]
    assert sentence(entry) == (f"The node removed 2 old versions of the function a: {one[:12]}, {two[:12]}.")
    await place.deploys.prune(2)
    assert len(place.ledger.entries) == entries + 1


async def test_what_was_rolled_back_to_stays_for_good(place: Place) -> None:
    one, _, three = await place.deploy(3)
    await place.deploys.roll_back(place.function, one, "person:ben")
    await place.clock.advance(RECENT + 1)
    four, five = await place.deploy(2)
    await place.deploys.prune(1)
    assert await place.there() == {one, four, five}
    assert three not in await place.there()


@pytest.mark.parametrize(
    ("state", "stays"),
    [("waiting", True), ("running", True), ("dead", True), ("done", False), ("skipped", False)],
)
async def test_what_a_call_ran_in_that_is_not_over_stays(place: Place, state: str, stays: bool) -> None:
    one, two, three = await place.deploy(3)

    def call(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO invocation (id, function, called, key, event, created, due, allowed, state)"
            " VALUES (1, 'a', 'person:anna', 'k', x'', 0, 0, 3, ?)",
            (state,),
        )
        connection.execute(
            "INSERT INTO attempt (invocation, number, began, version) VALUES (1, 1, 0, ?)", (one,)
        )

    await place.store.write(call)
    await place.deploys.prune(1)
    assert await place.there() == {two, three} | ({one} if stays else set())


async def test_a_call_may_still_run_in_what_was_deployed_just_now(place: Place) -> None:
    one, two, three = await place.deploy(3)
    place.file.write_text("x = 9")
    last = (await place.deploys.deploy(place.function, "person:anna")).version.hash
    place.file.write_text("x = 10")
    await place.deploys.deploy(place.function, "person:anna")
    await place.deploys.prune(1)
    assert {last} < await place.there()
    assert not {one, two, three} & await place.there()


async def test_what_is_being_deployed_has_no_row_and_stays(place: Place) -> None:
    await place.deploy(1)
    place.trial.clear()
    place.file.write_text("x = 9")
    task = asyncio.create_task(place.deploys.deploy(place.function, "person:anna"))
    async with asyncio.timeout(30):
        while len(list(place.state.glob("?" * 64))) < 2:  # noqa: ASYNC110  a file sets no Event
            await asyncio.sleep(0.001)
    await place.deploys.prune(1)
    place.trial.set()
    new = (await task).version
    assert place.deploys.folder(new).is_dir()


async def test_one_that_could_not_be_loaded_leaves_no_folder(place: Place) -> None:
    await place.deploy(1)
    (place.state / ("e" * 64)).mkdir()
    await place.deploys.prune(1)
    assert len(await place.there()) == 1


async def test_without_an_entry_nothing_goes(place: Place) -> None:
    await place.deploy(4)
    place.ledger.fails = True
    with pytest.raises(LedgerError):
        await place.deploys.prune(1)
    assert len(await place.there()) == 4


async def test_two_functions_with_the_same_code_share_it(place: Place) -> None:
    import msgspec

    (one,) = await place.deploy(1)
    other = msgspec.structs.replace(place.function, name="b")
    await place.deploys.deploy(other, "person:anna")
    await place.deploy(3)
    await place.deploys.prune(1)
    assert (place.state / one).is_dir()
    assert one not in {found.hash for found in await place.deploys.versions("a")}
