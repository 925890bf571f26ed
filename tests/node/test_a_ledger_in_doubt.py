"""Where its ledger cannot be believed nothing acts on a node, `/readyz` says why, and somebody is told."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from gadfly.face import Face
from gadfly.ledger.cosigning import Answer, Standing

pytestmark = pytest.mark.slow

CATALOGUE = """
[component.w1]
group = "workers"
owner = "ops"

[automation.nudge]
owner = "ops"
purpose = "Something to be refused."
on = "manual"
targets = 'group = "workers"'
run = "notify:ops look at {component}"
limits = { at_once = 1, group = "100%", fleet = "100%", per_hour = 6, tries_per_target = 3 }
expect = "component alive within 20s"
undo = "irreversible"
level = "approve"
expires = 2031-06-30
review = 2031-01-30
"""


async def refusals(node: Any) -> set[str]:
    """By which guards, without an entry."""
    dry = await node.acting.engine.plan("nudge", ["w1"])
    return {one.guard for one in dry.decision.refusals}


async def told(node: Any, words: str) -> bool:
    """Whether it stands in the ledger, and in a letter."""

    def work(connection: sqlite3.Connection) -> tuple[Any, Any]:
        return (
            connection.execute("SELECT COUNT(*) FROM outbox WHERE instr(body, ?)", (words,)).fetchone()[0],
            connection.execute("SELECT COUNT(*) FROM ledger_entry WHERE instr(body, ?)", (words,)).fetchone()[
                0
            ],
        )

    return all(await node.db.read(work))


def by_hand(node: Any, sql: str, *given: object) -> None:
    other = sqlite3.connect(node.db.path, timeout=5.0)
    with other:
        other.execute(sql, given)
    other.close()


async def test_a_stop_that_was_lifted_past_the_gate(place: Any, until: Any) -> None:
    place.write(CATALOGUE)
    async with place.node() as node:
        await until(lambda: not node.acting.belief.words)
        me = node.access.all()[0].principal
        await node.acting.view.stop("target", "w1", me, "hands off")
        by_hand(node, "UPDATE stop SET lifted = 1, lifted_by = 'person:nobody'")
        _, decision = await node.acting.engine.trigger("nudge", "", ["w1"])
        assert "belief" in {one.guard for one in decision.refusals}
        assert "stop s1 was put and not lifted" in decision.words
        await until(lambda: any("stop s1" in one for one in Face(node).unready()))
        assert "stop" not in {one.guard for one in decision.refusals}
        await until(lambda: told(node, "stop s1 was put and not lifted"))
        by_hand(node, "UPDATE stop SET lifted = NULL")
        await node.acting.engine.trigger("nudge", "", ["w1"], "again")
        assert not node.acting.belief.words
        assert "belief" not in await refusals(node)


async def test_an_entry_that_was_changed(place: Any, until: Any) -> None:
    place.write(CATALOGUE)
    async with place.node() as node:
        await until(lambda: node.recorder.newest is not None)
        await node.patrol.walk()
        assert node.patrol.entries
        assert node.patrol.trouble == ""
        await until(lambda: not node.acting.belief.words)
        assert "belief" not in await refusals(node)
        by_hand(
            node,
            "UPDATE ledger_entry SET body = CAST(replace(body, 'started', 'stopped') AS BLOB) WHERE id = 0",
        )
        await node.patrol.walk()
        assert "belief" in await refusals(node)
        assert any("an audit found" in one for one in Face(node).unready())
        assert any("an audit found" in one for one in Face(node).warnings())
        await until(lambda: told(node, "an audit found"))


async def test_a_witness_that_is_ahead(place: Any, until: Any) -> None:
    """From the moment in which it says so; before it was asked at all nothing acts either."""
    key = "gadfly/south/77aa1c50+67e7adc5+BHXepozfWMKmMJHVy856YgihEROZqtl1014Af75dkGib"
    place.write(
        CATALOGUE + f'[[ledger.witnesses]]\nurl = "http://127.0.0.1:9/ledger/witness"\nkey = "{key}"\n'
    )
    async with place.node() as node:
        [one] = node.cosigners._ones
        await until(lambda: one.answer.standing is Standing.unreachable and not node.acting.belief.words)
        assert "belief" not in await refusals(node), "a witness that does not answer holds up nothing"
        one.answer = Answer(Standing.unasked)
        assert "belief" in await refusals(node)
        one.answer = Answer(Standing.ahead, "it cosigned 900 entries of this ledger, and here are 3")
        assert "belief" in await refusals(node)
        _, decision = await node.acting.engine.trigger("nudge", "", ["w1"])
        assert "it cosigned 900 entries" in decision.words
