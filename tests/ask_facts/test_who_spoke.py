"""What is gathered of who did what asks nothing that the node does not know."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest

from gadfly.act.plan import Plan, Target
from gadfly.ask import kinds
from gadfly.ask.evaluate import evaluate
from gadfly.ask.world import World
from gadfly.ask_facts import gather
from gadfly.asking_look import Looking

TEAMS = ("ops", "web", "data")
CATALOGUE = "".join(f'[owner.{team}]\ncontact = ["exec:/bin/true"]\n' for team in TEAMS)
ROTA = '{"owner": "ops", "person": "anna"}'
KIND = """
number = 900
name = "who"
family = "owners"
type = "clarification"
minutes = 5
subject = "owner"
assumed = "Somebody is there."
ask = "{person} is on call for {team}. Are they?"
many = "{count} people are on call. Are they?"
change = "Write down who is."
again = 90
observe = 30
query = "SELECT owner AS subject, owner AS team, person, 1 AS worse FROM rota"
"""


def restart(connection: sqlite3.Connection, number: int, at: float, owner: str) -> None:
    plan = Plan(
        principal="automation:restart",
        automation="restart",
        action="systemd:restart",
        argument="x",
        targets=(Target(name=f"{owner}-{number}", owner=owner),),
        made=at,
    )
    connection.execute(
        "INSERT INTO intent (id, entry, plan, body, principal, automation, owner, action, symptom, cost, at,"
        " ends) VALUES (?, ?, 'p', ?, ?, 'restart', 'ops', ?, '', 0, ?, ?)",
        (number, number, msgspec.json.encode(plan), plan.principal, plan.action, at, at + 900),
    )


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["three teams"])
async def test_who_acts_on_things_of_three_teams_spoke_from_none_of_them(place: Any) -> None:
    now = place.clock.wall()

    def work(connection: sqlite3.Connection) -> None:
        for number in range(1, 25):
            restart(connection, number, now - 7000 * number, TEAMS[number % 3])

    await place.db.write(work)
    kind = kinds.load()["shared-identity"]
    with place.stores() as stores, World(memory="64MB") as world:
        gather(stores, world)
        world.at(now)
        (uses,) = world.ask('SELECT count(*) AS n FROM "use"')
        found = evaluate(world, {kind.name: kind}, now)
    assert uses["n"] == 24
    assert [one.kind for one in found.findings] == []


@pytest.mark.parametrize("place", [CATALOGUE], indirect=True, ids=["three teams"])
async def test_a_look_sees_no_name_of_the_folder(place: Any) -> None:
    facts = place.folder / "facts"
    facts.mkdir()
    (facts / "rota.jsonl").write_text(ROTA)
    place.take(f'{CATALOGUE}[ask]\nfacts = "{facts}"\n')
    (place.folder / "kinds").mkdir()
    (place.folder / "kinds" / "who.toml").write_text(KIND)
    kind = kinds.load(place.folder / "kinds")["who"]
    seen = await Looking(place.node).look({"who": kind}, {}, place.clock.wall())
    (found,) = seen.evaluation.findings
    assert found.values["person"] == place.recorder.mask.of("anna")
