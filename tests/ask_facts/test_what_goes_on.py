"""What was asked goes on, whatever keeps the data from being asked: it is answered, sent up and looked at."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gadfly.ask.question import Answer
from gadfly.errors import ConfigError, GadflyError
from gadfly.store import facts
from gadfly.store.facts import PAST, Daily
from gadfly.store.past import LOOKS, SEVERAL

DAY = 86_400.0
HOT = """
[owner.ops]
contact = ["exec:/bin/true"]
owner = "boss"
[owner.boss]
contact = ["exec:/bin/true"]
[rule.hot]
when = "temperature > 200"
owner = "ops"
because = "The room burns."
[ask.kind.never-near]
threshold = { days = 15 }
because = "a quarter takes long in a test"
"""
pytestmark = pytest.mark.parametrize("place", [HOT], indirect=True, ids=["hot"])


async def asked(place: Any) -> None:
    """A question is open; noon of the day after."""
    place.sample(25, 240.0, lambda day: 22 + day % 1, __name__="temperature")
    place.up(25)
    await place.asking.look()
    await place.clock.advance(16 * DAY + 12 * 3600)
    await place.asking.look()
    await place.clock.advance(DAY)
    await place.asking.look()
    assert (await place.asking.book()).questions[1].state == "open"
    await place.clock.advance(DAY)


def broken(place: Any) -> None:
    """A file of a kind is wrong from now on."""
    folder = Path(place.folder) / "kinds.d"
    folder.mkdir()
    (folder / "x.toml").write_text("this is no kind")
    place.take(HOT + f'[ask]\nkinds = "{folder}"\n')
    from gadfly.ask import kinds

    place.asking.kinds.every = lambda: kinds.load(folder)


async def test_where_a_kind_cannot_be_read_people_answer_all_the_same(place: Any) -> None:
    await asked(place)
    broken(place)
    with pytest.raises(ConfigError):
        await place.asking.look()
    given = Answer(answer="change", by="person:anna", change="commit 4f2a")
    assert (await place.asking.answer(1, given)).answer == "change"


@pytest.mark.parametrize("again", [False, True], ids=["known before", "since the start"])
async def test_where_a_kind_cannot_be_read_what_waits_goes_up(place: Any, again: bool) -> None:
    await asked(place)
    await place.asking.advance()
    assert place.asking.evaluation is not None, "held until the next look"
    if again:
        await place.restart()
    broken(place)
    await place.clock.advance(15 * DAY)
    await place.asking.advance()
    assert place.asking.evaluation is None, "nobody is asked of what is older"
    question = (await place.asking.book()).questions[1]
    assert (question.state, question.holder) == ("open", "boss")


@pytest.mark.parametrize("error", [GadflyError("no memory"), RuntimeError("x")], ids=["refused", "defect"])
async def test_while_a_look_fails_what_waits_goes_up(
    place: Any, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(place)

    async def fails(*_: Any) -> Any:
        looks.append(place.clock.wall())
        raise error

    looks: list[float] = []
    monkeypatch.setattr(place.asking.looking, "look", fails)
    for _ in range(3):
        await place.clock.advance(5 * DAY)
        with pytest.raises(type(error)):
            await place.asking.turn()
    assert (await place.asking.book()).questions[1].holder == "boss"
    await place.clock.advance(60)
    await place.asking.turn()
    assert len(looks) == 3, "it is tried again, but not at once"
    place.take(HOT)
    with pytest.raises(type(error)):
        await place.asking.turn()


async def test_what_the_book_tells_is_of_one_moment_between_two_steps(place: Any) -> None:
    await asked(place)
    dialogue = place.asking.dialogue
    async with dialogue._turning:  # a step is under way
        waits = asyncio.ensure_future(dialogue.facts())
        await asyncio.sleep(0.05)
        assert not waits.done()
    tables = await waits
    given = Answer(answer="change", by="person:anna", change="commit 4f2a")
    await place.asking.answer(1, given)
    assert tables["question"]["answer"] == [None]
    assert (await dialogue.facts())["question"]["answer"] == ["change"]


async def test_what_is_too_old_leaves_the_book_too(place: Any) -> None:
    await asked(place)
    await place.asking.answer(1, Answer(answer="wrong", by="person:anna", reason="rule wrong"))
    await place.clock.advance(2 * PAST + DAY)
    today = int(place.clock.wall() // DAY)
    looks = [Daily(LOOKS, today + after, "", {}) for after in range(SEVERAL)]
    await place.db.write(lambda connection: facts.keep_days(connection, looks))
    await place.clock.advance(SEVERAL * DAY)
    await place.asking.look()
    kept = await place.db.read(lambda one: one.execute("SELECT id FROM question").fetchall())
    assert kept == []
    book = await place.asking.book()
    assert book.questions == {}
    assert book.last == 1, "its number is not given again"


async def test_only_the_folder_of_its_own_is_cleared_of_what_was_left(place: Any) -> None:
    for name in ("ask-notes", "ask-spill/left"):
        (Path(place.folder) / name).mkdir(parents=True)
    await place.asking.look()
    assert (Path(place.folder) / "ask-notes").is_dir()
    assert list((Path(place.folder) / "ask-spill").iterdir()) == []


async def test_what_is_muted_is_taken_back_and_no_letter_says_that_it_is_over(place: Any) -> None:
    await asked(place)
    place.take(HOT.replace("threshold = { days = 15 }", "muted = true"))
    await place.asking.advance()
    assert (await place.asking.book()).questions[1].state == "withdrawn"
    entry = (await place.entries("question"))[-1]
    assert (entry.body["event"], entry.body["why"]) == ("withdrawn", "muted")
    told = await place.db.read(lambda one: one.execute("SELECT why FROM question_told").fetchall())
    assert told == []
