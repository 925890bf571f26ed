"""statsd by UDP and TCP becomes series, at every flush; what cannot be had is tried again."""

from __future__ import annotations

import asyncio
import socket
import traceback
from typing import Any

import pytest

from gadfly.config import Config
from gadfly.config.listeners import Statsd as Settings
from gadfly.config.section import Duration
from gadfly.errors import StoreError
from gadfly.intake.statsd import Statsd


def config(world: Any, **more: Any) -> Config:
    where = f"127.0.0.1:{world.port}"
    return Config(statsd=Settings(**{"listen": (where,), "tcp": (where,), "flush": Duration(10.0), **more}))


async def listening(world: Any, **more: Any) -> Statsd:
    part = Statsd(config(world, **more), world.clock, lambda: world.store, world)
    world.task = asyncio.create_task(part.run())
    await world.until(lambda: part.ports())
    return part


async def test_lines_become_series(world: Any) -> None:
    part = await listening(world)
    world.send(b"app.hits:1|c|#service:shop,host:web-1\napp.hits:2|c|#service:shop,host:web-1", b"temp:3|g")
    await world.until(lambda: part.totals.lines == 3)
    await world.pass_until(lambda: world.ask("app_hits"))
    assert world.ask('app_hits{service="shop"}').popitem()[1] == 3.0
    assert world.ask("temp") == {(("__name__", "temp"),): 3.0}
    assert world.ask("increase(app_hits[1m]) > 2").popitem()[1] > 2
    assert ("shop", "service") in world.discovered
    counts = part.counts()
    assert (counts["lines_total"], counts["datagrams_total"], counts["metrics"]) == (3, 2, 2)


async def test_a_metric_that_nobody_sends_goes_on_and_then_ends(world: Any) -> None:
    part = await listening(world, idle=Duration(60.0))
    world.send(b"a:1|c")
    await world.until(lambda: part.totals.lines)
    await world.pass_until(lambda: world.ask("a"))
    await world.pass_until(lambda: world.ask("count_over_time(a[1m]) >= 4"))
    await world.pass_until(lambda: not world.ask("a"))
    assert part.counts()["metrics"] == 0


async def test_tcp_takes_a_metric_a_line(world: Any) -> None:
    part = await listening(world)
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(b"a:1|c\nb:2|")
    await world.until(lambda: part.totals.lines == 1)
    writer.write(b"g\n")
    await world.until(lambda: part.totals.lines == 2)
    assert not part.totals.refused
    writer.write(b"x" * 20_000)
    assert await reader.read() == b""
    writer.close()
    await world.until(lambda: part.counts()["connections"] == 0)
    assert part.counts()["refused_length_total"] == 1


async def test_what_is_refused_is_told(world: Any) -> None:
    part = await listening(world)
    assert list(part.warnings()) == []
    world.send(b"bad\ngood:1|c")
    await world.until(lambda: part.totals.lines == 2)
    await world.pass_until(lambda: part.warnings())
    (warning,) = part.warnings()
    assert "form" in warning
    assert "'bad'" in warning
    assert part.counts()["refused_form_total"] == 1


async def test_each_sender_is_a_source_of_the_store(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gadfly.intake.statsd.SENDERS", 2)
    part = await listening(world)
    for peer in (2, 3, 4):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind((f"127.0.0.{peer}", 0))
            one.sendto(b"a%d:1|c\nb%d:1|g" % (peer, peer), ("127.0.0.1", world.port))
    await world.until(lambda: part.totals.lines == 6)
    await world.pass_until(lambda: world.ask("b4"))
    live = world.store.standing().live
    assert live == {"statsd:127.0.0.2": 2, "statsd:127.0.0.3": 2, "statsd": 2}


async def test_what_comes_before_the_store_is_open_is_written_later(world: Any) -> None:
    store, world.store = world.store, None
    part = await listening(world)
    world.send(b"a:1|c")
    await world.until(lambda: part.totals.lines)
    await world.clock.advance(30.0)
    world.store = store
    await world.pass_until(lambda: world.ask("a"))


async def test_a_disk_that_refuses_loses_no_count(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    part = await listening(world)

    async def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "append", full)
        world.send(b"a:1|c")
        await world.until(lambda: part.totals.lines)
        await world.pass_until(lambda: part.counts().get("refused_disk_total"))
    world.send(b"a:1|c")
    await world.pass_until(lambda: list(world.ask("a").values()) == [2.0])


async def test_an_address_that_is_taken_is_tried_again(world: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", world.port))
        part = Statsd(config(world), world.clock, lambda: world.store, world)
        world.task = asyncio.create_task(part.run())
        await world.until(lambda: part.warnings())
        assert "correct [statsd]" in part.warnings()[0]
    part.reconfigure(config(world, flush=Duration(5.0)))
    await world.until(lambda: len(part.ports()) == 2)
    assert list(part.warnings()) == []


async def test_settings_may_change_and_end_it(world: Any) -> None:
    part = await listening(world)
    world.send(b"a:1|c")
    await world.until(lambda: part.totals.lines)
    part.reconfigure(Config())
    await world.until(lambda: not part.ports())
    await world.until(lambda: world.ask("a"))
    part.reconfigure(config(world))
    await world.until(lambda: part.ports())
    assert part.counts()["datagrams_total"] == 1


async def test_a_flush_that_fails_ends_the_part(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    part = await listening(world)

    def fails() -> None:
        raise ArithmeticError("a defect")

    monkeypatch.setattr(part.totals, "metrics", fails)
    await world.pass_until(lambda: world.task.done())
    assert "a defect" in "".join(traceback.format_exception(world.task.exception()))
    monkeypatch.undo()


async def test_a_store_that_closes_while_it_is_asked_ends_nothing(world: Any) -> None:
    part = await listening(world)
    world.send(b"a:1|c")
    await world.until(lambda: part.totals.lines)
    await world.store.close()
    await world.clock.advance(25.0)
    assert not world.task.done()
    assert part.totals.lines == 1
