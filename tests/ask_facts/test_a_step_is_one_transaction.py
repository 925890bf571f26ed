"""What follows from a turn is written together: levels of automations, the ledger, letters; or nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.act.ladder.standing_book import rung
from gadfly.ask.life import Event, Lowering, Steps, Told
from gadfly.ask.question import Move, Question
from gadfly.errors import StoreError
from gadfly.monitor.change import Change
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict

CATALOGUE = """
[owner.ops]
contact = ["exec:/bin/true"]
owner = "web"
load = { questions = "2 a week" }
hours = "Mon-Fri 08:00-18:00 Europe/Berlin"
[owner.web]
contact = ["exec:/bin/true"]
delegate = [{ to = "ops", until = 2030-01-01T00:00:00Z, because = "away" }]
[component.db]
owner = "ops"
beats = "1s"
[automation.mend]
owner = "ops"
purpose = "Workers that hang are started anew."
on = 'component.stalled for 1m, group = "workers"'
run = "systemd:restart worker@{component}"
expect = "component alive within 30s"
undo = "irreversible"
level = "act"
expires = 2027-03-31
review = 2027-03-31
limits = { at_once = 2, per_hour = 10, tries_per_target = 2 }
"""
pytestmark = pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["mend"])
LOWERED = Steps(lowered=[Lowering("mend", 1, "question q1 has stayed unanswered for 30 days")])


async def level(place: Any) -> str:
    found = await place.db.read(lambda connection: rung(connection, "mend"))
    return str(found.level)


async def earn(place: Any, level: str = "act") -> None:
    await place.db.write(
        lambda connection: connection.execute(
            "INSERT INTO standing (automation, level, since, failures, frozen, proposed)"
            " VALUES ('mend', ?, 0, 0, '', '')",
            (level,),
        )
    )


async def test_a_question_that_nobody_answers_lowers_the_automation_by_one(place: Any) -> None:
    await earn(place)
    await place.asking.dialogue.step(lambda *_: LOWERED)
    assert await level(place) == "act-small"
    (entry,) = await place.entries("autonomy")
    assert (entry.body["what"], entry.body["from"], entry.body["to"]) == ("lowered", "act", "act-small")
    assert "q1" in entry.body["because"]


async def test_where_a_later_part_is_refused_nothing_is_lowered(place: Any) -> None:
    await earn(place)

    def refuses(*_: Any) -> None:
        raise StoreError("the disk is full")

    place.asking.letters.send = refuses
    with pytest.raises(StoreError):
        await place.asking.dialogue.step(lambda *_: LOWERED)
    assert await level(place) == "act"
    assert await place.entries("autonomy") == []


def unanswered(place: Any, *automations: str) -> Steps:
    """As what waits says it of a question about these."""
    now = place.clock.wall()
    question = Question(
        id=1,
        kind="deaf",
        digest="1",
        sort="automation",
        safety=True,
        again=90,
        observe=30,
        minutes=5,
        subjects=automations,
        owner="ops",
        text="Why?",
        asked=now,
        since=now,
        moves=(Move("ops", now),),
        lowered=now,
    )
    return Steps(
        questions=[question],
        lowered=[Lowering(one, 1, "it is unanswered") for one in automations],
        events=[Event("lowered", question, about=automations)],
        told=[Told("ops", 1, "lowered")],
    )


async def told(place: Any) -> list[str]:
    rows = await place.db.read(lambda one: one.execute("SELECT why FROM question_told").fetchall())
    return [why for (why,) in rows]


@pytest.mark.parametrize(
    ("automation", "earned"), [("gone", "act"), ("mend", "approve")], ids=["is no more", "acts on approval"]
)
async def test_of_what_cannot_go_down_nothing_is_said(place: Any, automation: str, earned: str) -> None:
    await earn(place, earned)
    await place.asking.dialogue.step(lambda *_: unanswered(place, automation))
    assert await place.entries("autonomy") == []
    assert await place.entries("question") == []
    assert await told(place) == []
    assert (await place.asking.book()).questions[1].lowered is None


async def test_of_several_the_ledger_names_those_that_went_down(place: Any) -> None:
    await earn(place)
    await place.asking.dialogue.step(lambda *_: unanswered(place, "gone", "mend"))
    (entry,) = await place.entries("question")
    assert (entry.body["event"], entry.body["subjects"]) == ("lowered", ["mend"])
    assert await told(place) == ["lowered"]
    assert (await place.asking.book()).questions[1].lowered is not None


async def test_only_what_can_go_down_is_known_to(place: Any) -> None:
    await earn(place)
    assert (await place.asking.dialogue.rules()).lowers == {"mend"}
    await place.asking.dialogue.step(lambda *_: LOWERED)
    await place.asking.dialogue.step(lambda *_: LOWERED)
    assert await level(place) == "approve"
    assert (await place.asking.dialogue.rules()).lowers == frozenset()


async def test_a_team_is_as_its_owner_declared_and_busy_for_a_day_of_an_incident(place: Any) -> None:
    teams = await place.asking.dialogue.teams()
    assert (teams["ops"].parent, teams["ops"].week, teams["ops"].away) == ("web", 2.0, False)
    assert teams["ops"].hours.endswith("Europe/Berlin")
    assert teams["web"].away
    assert not teams["ops"].busy
    db = Subject(name="db", owner="ops", declared=True)
    place.know(db)
    down = Change(
        at=place.clock.wall(),
        component="db",
        slot=0,
        before=Verdict.healthy,
        after=Verdict.down,
        reason="no beat",
        subject=db,
    )
    await place.engine.take([down])
    await place.engine.tick()
    assert (await place.asking.dialogue.teams())["ops"].busy
    assert not (await place.asking.dialogue.teams())["web"].busy
    await place.clock.advance(86_400)
    assert not (await place.asking.dialogue.teams())["ops"].busy  # may be what to ask about
