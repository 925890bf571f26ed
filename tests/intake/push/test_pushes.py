"""Pushed groups are kept until deleted, and said again at every interval."""

import asyncio
import contextlib
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config import Config
from gadfly.config.scrape import Push
from gadfly.config.series import Series as Settings
from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.intake import push
from gadfly.intake.push import Pushes
from gadfly.promql.query import instant
from gadfly.store import pushed
from gadfly.store.series import Batch, Series
from gadfly.store.sqlite import Database


def _store():
    path = Path(__file__).parents[1] / "scrape" / "conftest.py"
    spec = importlib.util.spec_from_file_location("scrape_store", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Store()


class World:
    def __init__(self, folder):
        self.folder = folder
        self.clock = VirtualClock()
        self.store = _store()
        self.open = True

    @contextlib.asynccontextmanager
    async def node(self, **settings):
        db = Database(self.folder / "gadfly.db")
        pushes = Pushes(
            Config(push=Push(**settings)), self.clock, db, lambda: self.store if self.open else None
        )
        task = asyncio.create_task(pushes.run())
        try:
            async with asyncio.timeout(10):
                await pushes._open.wait()
            yield pushes
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            db.close()

    def values(self, metric, **labels):
        return [value for _, value in self.store.of(metric, **labels)]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


async def test_a_push_is_a_sample_a_second_later_and_again_at_every_interval(world):
    async with world.node() as pushes:
        await world.clock.advance(1)
        await pushes.push("j/instance/i", b"# TYPE a counter\n# HELP a Words\na 1\n", replace=True)
        await world.clock.advance(1.1)
        assert world.values("a", job="j", instance="i") == [1.0]
        assert world.values("push_time_seconds") == [world.clock.wall() - 1.1]
        assert world.store.described["a"] == ("counter", "Words", "")
        await world.clock.advance(30)
        assert world.values("a") == [1.0] * 3
        assert pushes.counts()["groups"] == 1


async def test_put_replaces_the_group_and_post_the_families(world):
    async with world.node() as pushes:
        await pushes.push("j", b"a 1\nb 1\n", replace=True)
        await world.clock.advance(1.1)
        await pushes.push("j", b'b{x="y"} 2\n', replace=False)
        await world.clock.advance(1.1)
        assert (world.values("a"), world.values("b", x="y"), world.values("b")) == (
            [1.0, 1.0],
            [2.0],
            [1.0, 2.0, "stale"],
        )
        await pushes.push("j", b"c 3\n", replace=True)
        await world.clock.advance(1.1)
        assert world.values("a")[-1] == world.values("b", x="y")[-1] == "stale"
        assert world.values("c") == [3.0]


async def test_a_group_that_is_deleted_ends_and_others_stay(world):
    async with world.node() as pushes:
        await pushes.push("j/a/b", b"a 1\n", replace=True)
        await pushes.push("j", b"a 2\n", replace=True)
        await world.clock.advance(1.1)
        await pushes.delete("j/a/b")
        await pushes.delete("never/was/there")
        await world.clock.advance(16)
        assert world.values("a", a="b")[-1] == world.values("push_time_seconds", a="b")[-1] == "stale"
        assert world.values("a")[-1] != world.values("a", a="b")[-1]
        assert pushes.counts()["deleted_total"] == 1


async def test_what_was_acknowledged_is_there_after_a_restart(world):
    async with world.node() as pushes:
        await pushes.push("j", b"a NaN\nb +Inf\n", replace=True)
        await pushes.push("k", b"a 1\n", replace=True)
        await pushes.delete("k")
    world.store.samples.clear()
    async with world.node() as pushes:
        await world.clock.advance(1.1)
        assert world.values("b") == [float("inf")]
        assert len(world.values("a")) == 1
        assert world.values("push_time_seconds") == [1_800_000_000.0]


async def test_a_push_that_is_refused_changes_nothing_and_is_told(world):
    async with world.node(groups=1) as pushes:
        await pushes.push("j", b"a 1\n", replace=True)
        with pytest.raises(FormatError, match=r"^Line 2"):
            await pushes.push("j", b"a 2\nb\n", replace=True)
        with pytest.raises(LimitError, match=r"push\.groups"):
            await pushes.push("k", b"a 1\n", replace=True)
        with pytest.raises(FormatError):
            await pushes.push("j/a", b"a 1\n", replace=True)
        await world.clock.advance(1.1)
        assert world.values("a") == [1.0]
        assert world.values("push_failure_time_seconds", job="j") == [1_800_000_000.0]
        assert pushes.counts()["refused_total"] == 2


async def test_before_the_groups_are_read_a_push_is_asked_to_come_again(world):
    db = Database(world.folder / "gadfly.db")
    try:
        pushes = Pushes(Config(), world.clock, db, lambda: None)
        with pytest.raises(StoreError, match="again in a moment"):
            await pushes.push("j", b"a 1\n", replace=True)
    finally:
        db.close()


async def test_a_store_that_is_closed_or_full_loses_no_group(world):
    world.open = False
    async with world.node() as pushes:
        await pushes.push("j", b"a 1\n", replace=True)
        await world.clock.advance(20)
        assert world.store.samples == []
        world.open, world.store.full = True, True
        await world.clock.advance(20)
        world.store.full = False
        await world.clock.advance(20)
        assert world.values("a")[-1] == 1.0


async def test_a_row_that_cannot_be_read_is_left_out(world):
    async with world.node() as pushes:
        await pushes.push("j", b"a 1\n", replace=True)
        await pushes._db.write(lambda connection: pushed.put(connection, b"x", b"\xc1"))
    async with world.node() as pushes:
        assert pushes.counts()["groups"] == 1


async def test_a_series_that_ended_while_the_store_was_full_ends_later(world):
    async with world.node() as pushes:
        await pushes.push("j", b"a 1\nb 1\n", replace=True)
        await pushes.push("k", b"a 1\n", replace=True)
        await world.clock.advance(1.1)
        world.store.full = True
        await pushes.delete("j")
        await pushes.delete("k")
        await world.clock.advance(20)
        await pushes.push("j", b"b 2\n", replace=True)
        await world.clock.advance(1.1)
        world.store.full = False
        await world.clock.advance(31)
        assert world.values("a", job="j") == world.values("a", job="k") == [1.0, "stale"]
        assert world.values("b", job="j") == [1.0, 2.0, 2.0]


async def test_a_group_does_not_grow_without_bound(world, monkeypatch):
    monkeypatch.setattr(push, "HEAVIEST", 400_000)
    grown = b"".join(b"m%d 1\n" % number for number in range(1_100))
    async with world.node() as pushes:
        await pushes.push("j", grown, replace=False)
        with pytest.raises(LimitError, match="push less to it"):
            await pushes.push("j", grown.replace(b"m", b"n"), replace=False)
        with pytest.raises(LimitError, match="push less to it"):
            await pushes.push("j", b"# HELP h " + b"x" * 400_000 + b"\nh 1\n", replace=False)
        assert pushes.counts()["refused_total"] == 2
        await pushes.push("j", grown.replace(b" 1", b" 2"), replace=False)
        await world.clock.advance(1.1)
        assert (world.values("m7"), world.values("n7")) == ([2.0], [])


async def test_all_groups_together_do_not_grow_without_bound(world, monkeypatch):
    monkeypatch.setattr(push, "ALL", 3_000)
    async with world.node() as pushes:
        await pushes.push("j", b"a 1\nb 1\n", replace=True)
        await pushes.push("k", b"a 1\nb 1\n", replace=True)
    async with world.node() as pushes:
        for _ in range(2):
            with pytest.raises(LimitError, match="delete some"):
                await pushes.push("l", b"a 1\nb 1\n", replace=True)
        await pushes.push("k", b"a 2\n", replace=True)
        await pushes.delete("j")
        await pushes.push("l", b"a 1\nb 1\n", replace=True)
        assert pushes.counts()["groups"] == 2


async def _real(world, settings):
    store = Series(world.folder / "series", settings, world.clock)
    await store.open()
    world.store = store
    return store


async def test_a_push_whose_series_are_not_kept_is_refused_with_the_reason(world):
    store = await _real(world, Settings(series_per_source=100, labels=5))
    many = b"".join(b"m%d 1\n" % number for number in range(70))
    try:
        async with world.node() as pushes:
            await pushes.push("one", many, replace=True)
            await pushes.push("two", many, replace=True)
            full = r"44 refused: .*series\.series_per_source; one of them: n28"
            with pytest.raises(LimitError, match=full):
                await pushes.push("two/part/2", many.replace(b"m", b"n"), replace=True)
            full = r"1 refused: too many labels .*series\.labels; one of them: l"
            with pytest.raises(FormatError, match=full):
                await pushes.push("three", b'l{a="1",b="2",c="3",d="4"} 1\nm0 1\n', replace=True)
            numbers, _ = store.intern([{"__name__": "up", "job": "three"}], "scrape report:x")
            at = np.array([int(world.clock.wall() * 1000)])
            await store.append(Batch(numbers, at, np.array([1.0])), "scrape report:x")
            with pytest.raises(FormatError, match="the node itself writes this series"):
                await pushes.push("three", b"up 0\n", replace=True)
            await pushes.push("three", b"m0 3\n", replace=True)
            await pushes.push("one", many, replace=True)
            assert (pushes.counts()["groups"], pushes.counts()["refused_total"]) == (3, 3)
            await world.clock.advance(1.1)
            kept = {}
            async with asyncio.timeout(10):
                while not kept:
                    await asyncio.sleep(0.005)
                    at = int(world.clock.wall() * 1000)
                    told = instant(store, "count by (job) ({__name__=~'[mnl][0-9]*'})", at)
                    kept = {one.labels["job"]: one.value for one in told.samples}
            assert kept == {"one": 70, "two": 70, "three": 1}
            assert list(pushes.warnings()) == []
    finally:
        await store.close()


async def test_what_was_taken_before_and_is_not_kept_now_is_told_with_its_reason(world):
    async with world.node() as pushes:
        await pushes.push("j", b'a{x="1",y="2"} 1\n', replace=True)
    store = await _real(world, Settings(labels=3))
    try:
        async with world.node() as pushes:
            await world.clock.advance(1.1)
            (warning,) = pushes.warnings()
            assert warning.startswith("1 series that were pushed are not kept")
            assert "series.labels" in warning
    finally:
        await store.close()


async def test_jobs_beyond_the_first_share_what_one_has(world, monkeypatch):
    monkeypatch.setattr(push, "JOBS", 2)
    async with world.node() as pushes:
        for job in ("i", "j", "k", "l", "i"):
            await pushes.push(job, b"a 1\n", replace=True)
    assert world.store.sources == {"push:i", "push:j", "push"}
