"""What follows from a turn is written together: levels of automations, the ledger, letters; or nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.act.standing_book import rung
from gadfly.ask.life import Lowering, Steps
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


async def earn(place: Any) -> None:
    await place.db.write(
        lambda connection: connection.execute(
            "INSERT INTO standing (automation, level, since, failures, frozen, proposed)"
            " VALUES ('mend', 'act', 0, 0, '', '')"
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


async def test_an_automation_that_is_no_more_is_passed_over(place: Any) -> None:
    await place.asking.dialogue.step(lambda *_: Steps(lowered=[Lowering("gone", 1, "it is unanswered")]))
    assert await place.entries("autonomy") == []


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
