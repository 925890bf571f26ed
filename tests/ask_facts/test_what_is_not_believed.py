"""While the clock cannot be right, or a kind cannot be read, nothing is asked, withdrawn or forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gadfly.ask import kinds
from gadfly.ask.evaluate import Evaluation
from gadfly.ask.finding import Finding
from gadfly.asking_clock import STAYS
from gadfly.errors import ConfigError, Refused
from gadfly.question_showing import QuestionShowing

DAY = 86_400.0


def seen(*subjects: str) -> Evaluation:
    values = {"check": "c", "n": 24, "k": 2, "days": 60, "worse": 22, "component": "c"}
    found = [
        Finding("unacted", one, one, "ops", 2, 22.0, 12.0, {**values, "subject": one}, 3, 0.0)
        for one in subjects
    ]
    return Evaluation(found, {}, {"unacted": 0.1})


async def asked(place: Any) -> None:
    """The data was looked at, and c1 is asked about at noon of the second day."""
    await place.asking.look()
    await place.clock.advance(DAY / 2)
    for _ in range(2):
        await place.asking.dialogue.advance(seen("c1"), None)
        await place.clock.advance(DAY)
    assert await states(place) == {"q1": "open"}


async def states(place: Any) -> dict[str, str]:
    return {one.name: one.state for one in (await place.asking.book()).questions.values()}


async def test_a_clock_that_jumped_while_the_node_was_down_loses_nothing(place: Any) -> None:
    await asked(place)
    await place.restart()
    place.clock.set_wall(place.clock.wall() + 3_750 * DAY)
    with pytest.raises(Refused, match="Until the clock is right"):
        await place.asking.look()


@pytest.mark.parametrize("days", [3_750, -10], ids=["years ahead", "days back"])
async def test_a_clock_that_jumped_loses_nothing(place: Any, days: float) -> None:
    await asked(place)
    right = place.clock.wall()
    place.clock.set_wall(right + days * DAY)
    with pytest.raises(Refused, match="Until the clock is right"):
        await place.asking.look()
    await place.asking.turn()
    assert await states(place) == {"q1": "open"}
    (warning,) = place.asking.warnings()
    assert warning.startswith("nothing is asked of the data: the clock says")
    place.clock.set_wall(right)
    assert place.asking.warnings() == []
    await place.asking.look()  # and c1 is not seen any more
    assert await states(place) == {"q1": "withdrawn"}


async def test_a_clock_that_stays_is_believed_after_a_day(place: Any) -> None:
    """The last look had the wrong one."""
    await asked(place)
    place.clock.set_wall(place.clock.wall() - 1_000 * DAY)
    assert place.asking.doubt()
    await place.clock.advance(STAYS)
    assert not place.asking.doubt()
    await place.asking.look()
    assert not place.asking.doubt()


async def test_a_node_that_was_off_for_a_while_is_believed(place: Any) -> None:
    await asked(place)
    place.clock.set_wall(place.clock.wall() + 80 * DAY)
    assert not place.asking.doubt()
    place.clock.suspend(200 * DAY)
    assert not place.asking.doubt()


KINDS = """
[owner.ops]
contact = ["exec:/bin/true"]
[ask]
kinds = "{}"
"""


async def test_while_a_kind_cannot_be_read_nothing_new_is_asked(place: Any, tmp_path: Path) -> None:
    folder = tmp_path / "kinds.d"
    folder.mkdir()
    place.take(KINDS.format(folder))
    await asked(place)
    await place.clock.advance(DAY)
    await place.asking.dialogue.advance(seen("c1", "c2"), None)
    await place.clock.advance(DAY)
    (folder / "k1.toml").write_text("garbage = [")
    place.take(KINDS.format(folder))
    await place.asking.dialogue.advance(seen("c1", "c2"), None)
    assert await states(place) == {"q1": "open"}
    assert "unacted" in place.asking.kinds.shown()
    with pytest.raises(ConfigError):
        await place.asking.look()
    assert place.asking.evaluation is None
    (folder / "k1.toml").unlink()
    await place.asking.dialogue.advance(seen("c1", "c2"), None)
    assert await states(place) == {"q1": "open", "q2": "open"}


async def test_a_clock_that_was_set_back_for_good_is_gone_by(place: Any) -> None:
    await asked(place)
    await place.asking.turn()  # what is due is known by the clock that was ahead
    place.clock.set_wall(place.clock.wall() - 1_000 * DAY)
    for _ in range(3):
        await place.asking.turn()
        await place.clock.advance(STAYS)
    assert 0 <= place.clock.wall() - place.asking.looked.at <= DAY


async def test_kinds_that_were_mended_are_shown_again(place: Any, tmp_path: Path) -> None:
    showing, folder = QuestionShowing(place.node), tmp_path / "kinds.d"
    folder.mkdir()
    (folder / "k1.toml").write_text("garbage = [")
    place.take(KINDS.format(folder))
    place.asking.kinds.every = lambda: kinds.load(folder)
    assert "own" not in await showing._every_kind()
    own = Path(kinds.__file__).with_name("unacted.toml").read_text()
    own = own.replace('name = "unacted"', 'name = "own"').replace("number = ", "number = 9", 1)
    (folder / "k1.toml").unlink()
    (folder / "own.toml").write_text(own)
    assert "own" not in await showing._every_kind(), "not read for every page"
    await place.asking.kinds.asked()
    assert "own" in await showing._every_kind()
