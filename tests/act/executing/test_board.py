"""The board tells executors of a stop at once, and vouches for nothing that it cannot read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gadfly.act.executing import board as boards
from gadfly.act.executing.board import Board
from gadfly.act.executing.lease import HOLD, LASTS, Ask
from gadfly.act.halt import stop_book
from gadfly.act.halt.stop import Act
from gadfly.clock import VirtualClock
from gadfly.errors import LedgerError, LimitError, Refused, StoreError
from gadfly.ledger.log import Log
from gadfly.store.sqlite import Database

ACT = Act(principal="automation:a", automation="a")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "gadfly.db")
    yield made
    made.close()


async def stop(db: Database, log: Log, now: float) -> None:
    await db.write(
        lambda connection: stop_book.put(
            connection, log, scope="everything", who="person:anna", because="", now=now
        )
    )


async def test_who_asks_first_is_answered_at_once(db: Database) -> None:
    board = Board(db, VirtualClock())
    await board.look()
    renewal = await board.answer(Ask(executor="e"))
    assert (renewal.lasts, renewal.stops) == (LASTS, ())


async def test_who_knows_all_is_answered_when_there_is_news(db: Database, log: Log) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    await board.look()
    known = await board.answer(Ask(executor="e"))
    waiting = asyncio.create_task(board.answer(Ask(executor="e", seen=known.mark)))
    await clock.advance(HOLD - 1)
    assert not waiting.done()
    await stop(db, log, clock.wall())
    await board.look()
    news = await waiting
    assert [one.scope for one in news.stops] == ["everything"]
    assert news.mark != known.mark
    assert [one.id for one in board.stops] == [1]
    assert "was stopped" in (board.own.refusal(ACT, clock.boottime()) or "")


async def test_who_waits_in_vain_is_renewed_all_the_same(db: Database) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    await board.look()
    known = await board.answer(Ask(executor="e"))
    waiting = asyncio.create_task(board.answer(Ask(executor="e", seen=known.mark)))
    await clock.advance(HOLD)
    assert (await waiting).lasts == LASTS - HOLD  # nobody looked meanwhile


async def test_a_board_that_cannot_read_gives_no_authority(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    assert (await board.answer(Ask(executor="e"))).lasts == 0.0  # it never looked
    await board.look()

    async def fail(work: object) -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(db, "read", fail)
    keeping = asyncio.create_task(board.run())
    await clock.advance(LASTS - 1)
    assert board.own.refusal(ACT, clock.boottime()) is None
    await clock.advance(1)
    assert "lapsed" in (board.own.refusal(ACT, clock.boottime()) or "")
    assert board.renewal().lasts == 0.0
    keeping.cancel()


async def test_a_board_that_runs_keeps_authority(db: Database) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    keeping = asyncio.create_task(board.run())
    for _ in range(20):
        await asyncio.sleep(0.01)  # the store's threads are real
        await clock.advance(boards.LOOK)
    assert board.own.refusal(ACT, clock.boottime()) is None
    keeping.cancel()


def about(**given: str) -> dict[str, Any]:
    return {"scope": "everything", "who": "person:anna", "because": "the disk is full", **given}


async def test_a_stop_is_written_and_shown(db: Database, log: Log) -> None:
    board = Board(db, VirtualClock())
    made = await board.stop(log, **about())
    assert made.id == 1
    assert board.stops == (made,) == await db.read(stop_book.in_force)
    with pytest.raises(Refused):
        await board.stop(log, **about(scope="owner"))
    assert board.stops == (made,)


@pytest.mark.parametrize("error", [StoreError("the disk is full"), LedgerError("the ledger is damaged")])
async def test_a_stop_holds_when_it_cannot_be_written_and_is_written_when_it_can(
    db: Database, log: Log, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    await board.look()
    known = board.renewal().mark
    write = db.write

    async def refuse(work: object) -> None:
        raise error

    monkeypatch.setattr(db, "write", refuse)
    held = await board.stop(log, **about())
    assert held.id == 0
    assert board.renewal().stops == (held,)
    assert board.renewal().mark != known
    assert "was stopped" in (board.own.refusal(ACT, clock.boottime()) or "")
    late = msgspec.structs.replace(ACT, entry=10**9)
    assert "was stopped" in (board.own.refusal(late, clock.boottime()) or "")
    await board.look()
    assert board.stops == (held,)
    monkeypatch.setattr(db, "write", write)
    await board.look()
    (written,) = board.stops
    assert (written.id, written.at, written.because) == (1, held.at, held.because)


async def test_a_stop_does_not_wait_for_a_slow_disk(
    db: Database, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = Board(db, VirtualClock())
    await board.look()
    write, slow = db.write, asyncio.Event()

    async def late(work: Any) -> Any:
        await slow.wait()
        return await write(work)

    monkeypatch.setattr(db, "write", late)
    stopping = asyncio.create_task(board.stop(log, **about()))
    while not board.stops:  # noqa: ASYNC110 - it happens by itself, within PATIENCE
        await asyncio.sleep(0.01)
    assert not stopping.done()
    assert board.stops[0].id == 0
    slow.set()
    assert (await stopping).id == 1
    assert [one.id for one in board.stops] == [1]


async def test_what_is_no_stop_holds_nothing_however_late_that_is_known(
    db: Database, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "PATIENCE", 0.0)
    board = Board(db, VirtualClock())
    with pytest.raises(Refused):
        await board.stop(log, **about(because="x" * 5000))
    assert board.stops == ()


async def test_another_process_of_the_node_is_another_state(db: Database) -> None:
    one, other = Board(db, VirtualClock()), Board(db, VirtualClock())
    await one.look()
    await other.look()
    assert one.renewal().mark != other.renewal().mark


async def test_who_asks_is_known_until_it_is_gone_for_long(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    await board.look()
    await board.answer(Ask(executor="e", version="1.2"))
    assert board.executors["e"].version == "1.2"
    monkeypatch.setattr(boards, "EXECUTORS", 1)
    with pytest.raises(LimitError):
        await board.answer(Ask(executor="f"))
    keeping = asyncio.create_task(board.run())
    await clock.advance(boards.GONE)
    for _ in range(20):
        await asyncio.sleep(0.01)
        await clock.advance(boards.LOOK)
    assert board.executors == {}
    keeping.cancel()


@pytest.mark.parametrize(
    "ask", [Ask(executor=""), Ask(executor="x" * 201), Ask(executor="x", version="v" * 201)]
)
async def test_an_executor_has_a_name(db: Database, ask: Ask) -> None:
    with pytest.raises(Refused):
        await Board(db, VirtualClock()).answer(ask)


async def test_a_stop_waits_for_no_reader(db: Database, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    await board.look()

    async def busy(work: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(db, "read", busy)
    async with asyncio.timeout(2.0):
        made = await board.stop(log, **about())
    assert (made.id, board.stops) == (1, (made,))
    assert "was stopped" in (board.own.refusal(ACT, clock.boottime()) or "")


class Slow:
    """Readers of which each answers with what it read when it began, and only when it is let go."""

    def __init__(self, db: Database) -> None:
        self._read = db.read
        self.waiting: list[asyncio.Event] = []

    async def read(self, work: Any) -> Any:
        found = await self._read(work)
        self.waiting.append(go := asyncio.Event())
        await go.wait()
        return found

    async def begun(self, count: int) -> None:
        while len(self.waiting) < count:  # noqa: ASYNC110 - the store's threads are real
            await asyncio.sleep(0.001)


async def test_a_look_from_before_a_stop_does_not_take_it_off_the_board(
    db: Database, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = Board(db, VirtualClock())
    await board.look()
    slow = Slow(db)
    monkeypatch.setattr(db, "read", slow.read)
    early = asyncio.create_task(board.look())
    await slow.begun(1)
    made = await board.stop(log, **about())
    slow.waiting[0].set()
    await early
    assert board.stops == (made,)
    late = asyncio.create_task(board.look())
    await slow.begun(2)
    slow.waiting[1].set()
    await late
    assert board.stops == (made,)


async def test_of_two_looks_the_one_that_began_last_is_shown(
    db: Database, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    await board.look()
    slow = Slow(db)
    monkeypatch.setattr(db, "read", slow.read)
    early = asyncio.create_task(board.look())
    await slow.begun(1)
    await stop(db, log, clock.wall())  # by another than this board
    late = asyncio.create_task(board.look())
    await slow.begun(2)
    for number, task in ((1, late), (0, early)):
        slow.waiting[number].set()
        await task
        assert [one.id for one in board.stops] == [1]


async def test_authority_lapses_while_the_machine_sleeps(db: Database) -> None:
    clock = VirtualClock()
    board = Board(db, clock)
    await board.look()
    clock.suspend(LASTS)
    assert "lapsed" in (board.own.refusal(ACT, clock.boottime()) or "")
    assert board.renewal().lasts == 0.0
    await board.look()
    assert board.own.refusal(ACT, clock.boottime()) is None
