"""Pings find their job, are bounded, are on disk before they are answered, and outlast a restart."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from gadfly.config import Config
from gadfly.errors import Refused, StoreError
from gadfly.intake import pings
from gadfly.monitor.card import parse
from gadfly.telemetry.frame import Frame, decode
from gadfly.telemetry.ping import address

ID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
KEY = "fqOOd6-F4MMNuCEnzTU01w"


async def ping(world: Any, path: str, query: str = "", body: bytes = b"", peer: str = "10.0.0.1") -> str:
    where = address(path)
    assert where is not None
    name, told, created = world.pings.whom(where, query, peer)
    await world.pings.take(name, told, body)
    return f"{name}{' made' if created else ''}"


async def test_a_ping_finds_its_job(world: Any) -> None:
    for path, name in (
        (f"/ping/{ID}", "Night Job"),
        (f"/{ID.upper()}/start", "Night Job"),
        ("/ping/another-long-secret", "other"),
        (f"/ping/{KEY}/night-job", "Night Job"),
        (f"/{KEY}/other/1", "other"),
    ):
        world.runs.clear()
        assert await ping(world, path) == name
        assert list(world.runs) == [world.places[name]]


async def test_a_ping_that_finds_none(world: Any) -> None:
    for number, (path, query, status) in enumerate(
        (
            (f"/ping/{ID[:-1]}9", "", 404),
            (f"/ping/{ID}/stop", "", 404),
            (f"/ping/{KEY}/nobody", "", 404),
            (f"/ping/{KEY[:-1]}x/other", "", 404),
            (f"/ping/{KEY[:-1]}x/new", "create=1", 404),
            (f"/ping/{KEY}/a-b", "", 409),
            (f"/ping/{KEY}/web", "create=1", 404),
        )
    ):
        with pytest.raises(Refused) as refused:
            await ping(world, path, query, peer=f"10.0.0.{number}")
        assert refused.value.status == status, path


async def test_whoever_tries_ids_is_stopped_and_the_others_are_not(world: Any) -> None:
    statuses = []
    for number in range(5):
        with pytest.raises(Refused) as refused:
            await ping(world, f"/ping/unknown-unknown-{number}", peer="10.6.6.6")
        statuses.append(refused.value.status)
    assert statuses == [404, 404, 404, 429, 429]
    assert await ping(world, f"/ping/{ID}", peer="10.6.6.6") == "Night Job"
    with pytest.raises(Refused, match="not found"):
        await ping(world, "/ping/unknown-unknown-0", peer="10.0.0.7")
    await world.clock.advance(60.0)
    with pytest.raises(Refused, match="not found"):
        await ping(world, "/ping/unknown-unknown-0", peer="10.6.6.6")
    assert world.pings.counts()["strangers_limited_total"] == 2


async def test_a_job_that_pings_too_often_is_stopped_for_the_minute(world: Any) -> None:
    for _ in range(5):
        await ping(world, f"/ping/{ID}")
    with pytest.raises(Refused) as refused:
        await ping(world, f"/ping/{ID}")
    assert refused.value.status == 429
    assert await ping(world, "/ping/another-long-secret") == "other"
    await world.clock.advance(60.0)
    assert await ping(world, f"/ping/{ID}") == "Night Job"


async def test_it_is_there_after_a_restart(world: Any) -> None:
    await ping(world, f"/ping/{ID}/start")
    await world.clock.advance(30.0)
    await ping(world, f"/ping/{ID}/7", body=b"no space left")
    before = world.runs[0]
    assert (before.exit, before.seconds) == (7, 30.0)
    await world.again()
    assert world.runs == {0: before}
    assert await world.pings.output("Night Job") == "no space left"


async def test_a_note_after_a_failure_changes_nothing_else(world: Any) -> None:
    await ping(world, f"/ping/{ID}/1", body=b"disk full")
    failed = world.runs[0]
    await ping(world, f"/ping/{ID}/log", body=b"a later note")
    assert world.runs[0] == failed
    assert failed.output == "disk full"
    assert await world.pings.output("Night Job") == "disk full\na later note"
    assert world.pings.counts()["output_bytes"] == len("disk full\na later note")
    await asyncio.gather(
        ping(world, f"/ping/{ID}/log", body=b"cleaned up"), ping(world, f"/ping/{ID}", body=b"copied")
    )
    assert await world.pings.output("Night Job") == "cleaned up\ncopied"


async def test_pings_that_wait_together_share_a_transaction(world: Any, monkeypatch: Any) -> None:
    writes = []
    write = world.db.write
    monkeypatch.setattr(world.db, "write", lambda work, **more: (writes.append(1), write(work, **more))[1])
    await asyncio.gather(
        *(ping(world, path) for path in (f"/ping/{ID}/start", f"/ping/{ID}/log", "/ping/another-long-secret"))
    )
    assert len(writes) == 1
    assert sorted(world.runs) == [0, 1]


async def test_what_the_disk_refuses_is_not_answered_and_comes_with_the_next(
    world: Any, monkeypatch: Any
) -> None:
    async def full(*_: Any, **__: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(world.db, "write", full)
        with pytest.raises(StoreError, match="full"):
            await ping(world, f"/ping/{ID}/start")
    assert world.runs == {}
    await world.clock.advance(5.0)
    await ping(world, f"/ping/{ID}")
    assert world.runs[0].seconds == 5.0


async def test_who_waits_while_the_node_stops_is_told(world: Any) -> None:
    world.db.close()
    with pytest.raises(StoreError):
        await ping(world, f"/ping/{ID}")


async def test_a_run_that_prints_nothing_ends_the_output_of_the_last(world: Any) -> None:
    """And costs no row where there is none to be ended."""

    async def rows() -> list[tuple[str, bytes]]:
        return list(await world.db.read(lambda one: one.execute("SELECT * FROM ping_output").fetchall()))

    await ping(world, f"/ping/{ID}")
    assert await rows() == []
    assert await world.pings.output("Night Job") is None
    # The second waits while the first is written.
    await asyncio.gather(ping(world, f"/ping/{ID}", body=b"x"), ping(world, "/ping/another-long-secret"))
    await ping(world, f"/ping/{ID}/start")
    assert await world.pings.output("Night Job") == "x"
    for _ in range(2):
        await ping(world, f"/ping/{ID}")
        assert await world.pings.output("Night Job") == ""
        assert await rows() == [("Night Job", b"")]
    assert world.pings.counts()["output_bytes"] == 0


async def test_outputs_are_bounded_together(world: Any) -> None:
    await ping(world, f"/ping/{ID}", body=b"x" * 1000)
    assert await world.pings.output("Night Job") == "x" * 1000
    await world.pings.look()
    assert await world.pings.output("Night Job") is None
    assert world.pings.counts()["outputs_dropped_total"] == 1
    assert world.pings.counts()["output_bytes"] == 0


async def test_a_job_may_come_to_be_by_its_ping(world: Any) -> None:
    assert await ping(world, f"/ping/{KEY}/new-job/3", "create=1") == "new-job made"
    frame = decode(world.announced[0], {})
    assert isinstance(frame, Frame)
    card = parse(frame.payload)
    assert card is not None
    assert card.job is not None
    assert (card.name, card.kind, card.job.every, card.job.exit) == ("new-job", "job", 86_400.0, 3)
    assert await ping(world, f"/ping/{KEY}/new-job") == "new-job"
    world.places["new-job"] = 9
    assert await ping(world, f"/ping/{KEY}/new-job") == "new-job"
    assert world.runs[9].exit == 0
    assert await ping(world, f"/ping/{KEY}/second", "create=1") == "second made"
    with pytest.raises(Refused, match="not found"):
        await ping(world, f"/ping/{KEY}/third", "create=1")
    await world.again()
    assert world.runs[9].exit == 0
    assert world.pings.counts()["created"] == 2
    await world.pings.forget(["new-job", "never heard of"])
    with pytest.raises(Refused, match="not found"):
        await ping(world, f"/ping/{KEY}/new-job")
    await world.again()
    assert world.pings.counts()["created"] == 1


async def test_who_is_taken_out_of_the_catalogue_pings_no_more(world: Any) -> None:
    await ping(world, f"/ping/{ID}")
    world.pings.reconfigure(Config())
    with pytest.raises(Refused, match="not found"):
        await ping(world, f"/ping/{ID}")
    world.config = Config()
    await world.again()
    assert world.runs == {}


async def test_a_secret_that_is_not_there_is_told(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(world.pings.warnings()) == []
    monkeypatch.delenv("PING_OTHER")
    world.pings.reconfigure(msgspec.structs.replace(world.config))
    (warning,) = world.pings.warnings()
    assert "PING_OTHER" in warning
    with pytest.raises(Refused):
        await ping(world, "/ping/another-long-secret")


async def test_the_log_is_folded_and_nothing_is_lost_at_any_step(world: Any, monkeypatch: Any) -> None:
    def rows(connection: Any) -> tuple[int, int]:
        return tuple(
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("pinged", "ping_log")
        )  # type: ignore[return-value]

    for number in (3, 4):
        await ping(world, f"/ping/{ID}/{number}")
    await ping(world, "/ping/another-long-secret")
    assert await world.db.read(rows) == (0, 3)
    await world.pings.look()
    assert await world.db.read(rows) == (2, 0)
    await ping(world, f"/ping/{ID}/5")
    await world.again()
    assert world.runs[0].exit == 5
    write = world.db.write

    async def cut(work: Any, **more: Any) -> Any:
        if work.func.__name__ == "cut_log":
            raise StoreError("the disk is full")
        return await write(work, **more)

    monkeypatch.setattr(world.db, "write", cut)
    with pytest.raises(StoreError):
        await world.pings.look()
    await world.again()
    assert world.runs[0].exit == 5
    assert await world.db.read(rows) == (2, 1)
    await world.pings.look()
    assert await world.db.read(rows) == (2, 0)
    assert world.runs[1].exit == 0


async def test_a_short_log_waits_for_ten_minutes_and_a_long_one_does_not(
    world: Any, monkeypatch: Any
) -> None:
    async def logged() -> int:
        return int(
            await world.db.read(lambda one: one.execute("SELECT count(*) FROM ping_log").fetchone()[0])
        )

    await world.pings.look()
    await ping(world, f"/ping/{ID}")
    await world.clock.advance(pings.FOLD - 1)
    await world.pings.look()
    assert await logged() == 1
    await world.clock.advance(1)
    await world.pings.look()
    assert await logged() == 0
    monkeypatch.setattr(pings, "LONG", 3)
    for number in range(2 * len(world.pings._jobs)):  # more than three
        await world.pings.look()
        assert await logged() == number
        await ping(world, "/ping/another-long-secret" if number % 2 else f"/ping/{ID}")
    await world.pings.look()
    assert await logged() == 0
