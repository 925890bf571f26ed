"""A wall clock that jumps ends no silence and no maintenance for good, and begins none."""

import datetime as dt

import pytest

from gadfly.alert.book import LAPSED
from gadfly.config.alerting import Maintenance
from gadfly.errors import LimitError, Refused
from gadfly.monitor.verdict import Verdict

HOURS = 3600.0


def window(starts: float, ends: float) -> Maintenance:
    def at(seconds: float) -> dt.datetime:
        return dt.datetime.fromtimestamp(1_800_000_000 + seconds, dt.UTC)

    return Maintenance(match={"component": "a"}, because="upgrade", starts=at(starts), ends=at(ends))


async def reason(fleet) -> str:
    (shown,) = await fleet.engine.alerts()
    return shown.suppressed


async def jump(fleet, hours: float) -> None:
    fleet.clock.set_wall(fleet.clock.wall() + hours * HOURS)


async def test_a_silence_outlives_a_jump_and_back(fleet) -> None:
    await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + HOURS, "a disk", "ann")
    await jump(fleet, 2)
    await fleet.after(17)
    assert await fleet.engine.silences() == []
    assert fleet.engine.counts()["silences"] == 0
    await jump(fleet, -2)
    await fleet.after(16)
    assert len(await fleet.engine.silences()) == 1
    await fleet.down("a")
    assert await reason(fleet) == "silenced by ann: a disk"
    await fleet.after(HOURS)
    assert fleet.kinds() == ["firing"]


async def test_it_outlives_a_restart_while_the_clock_is_wrong(fleet) -> None:
    await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + HOURS, "a disk", "ann")
    ended = await fleet.engine.add_silence({"component": "b"}, fleet.clock.wall() + HOURS, "a disk", "ann")
    await fleet.engine.end_silence(ended.id, "bob")
    await jump(fleet, 2)
    await fleet.restart()
    await jump(fleet, -2)
    await fleet.after(16)
    assert [one.match for one in await fleet.engine.silences()] == [{"component": "a"}]


async def test_a_silence_made_before_the_clock_is_set_back_is_in_force(fleet) -> None:
    await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + HOURS, "a disk", "ann")
    await jump(fleet, -0.01)
    await fleet.down("a")
    assert fleet.engine.silenced(fleet.subjects["a"], Verdict.down)
    assert await reason(fleet) == "silenced by ann: a disk"


async def test_an_open_alert_is_silent_again_when_the_clock_is_right(fleet) -> None:
    await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + HOURS, "a disk", "ann")
    await fleet.down("a")
    await jump(fleet, 2)
    await fleet.after(17)
    assert await reason(fleet) == ""
    await jump(fleet, -2)
    await fleet.after(16)
    assert await reason(fleet) == "silenced by ann: a disk"


async def test_one_that_ended_long_ago_is_forgotten(fleet) -> None:
    made = await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + 60, "a disk", "ann")
    await fleet.after(61)
    with pytest.raises(Refused):
        await fleet.engine.end_silence(made.id, "ann")
    book = fleet.engine._pipeline.book
    assert list(book.silences) == [made.id]
    book.forget_silences(LAPSED * 2, fleet.clock.wall())
    book.forget_silences(LAPSED * 3 - 1, fleet.clock.wall() - HOURS)  # set back: in force again
    book.forget_silences(LAPSED * 3, fleet.clock.wall())
    assert list(book.silences) == [made.id]
    book.forget_silences(LAPSED * 4, fleet.clock.wall())
    assert not book.silences


async def test_those_that_ended_make_room(fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gadfly.alert.silencing.SILENCES", 2)
    for _ in range(3):
        await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + 60, "a disk", "ann")
        await fleet.after(61)
    assert len(fleet.engine._pipeline.book.silences) == 2
    await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + 60, "a disk", "ann")
    await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + 60, "a disk", "ann")
    with pytest.raises(LimitError):
        await fleet.engine.add_silence({"component": "a"}, fleet.clock.wall() + 60, "a disk", "ann")


async def test_a_window_outlives_a_jump_and_back(fleet_of) -> None:
    fleet = await fleet_of(maintenance=(window(-60, HOURS),))
    await fleet.down("a")
    assert await reason(fleet) == "maintenance: upgrade"
    await jump(fleet, 2)
    await fleet.after(17)
    assert await reason(fleet) == ""
    await jump(fleet, -2)
    await fleet.after(16)
    assert await reason(fleet) == "maintenance: upgrade"


async def test_the_end_of_a_window_is_seen_by_whoever_comes_first(fleet_of) -> None:
    fleet = await fleet_of(maintenance=(window(-60, 100),))
    await fleet.down("a")
    await fleet.clock.advance(101)
    await fleet.down("b")  # a change comes before the tick that the end was to bring
    assert {one.component: one.suppressed for one in await fleet.engine.alerts()} == {"a": "", "b": ""}
