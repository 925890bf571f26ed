"""A real node is told facts, looks at its data, asks its owner, and hears the answer, all over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from click.testing import CliRunner

from gadfly.app import Node
from gadfly.cli.root import gadfly
from gadfly.face import Face

pytestmark = pytest.mark.slow

CATALOGUE = """
[component.shop]
owner = "ops"
labels = { tier = "1" }
[ask]
kinds = "kinds.d"
[ask.kind.who-watches]
muted = true
because = "another node watches this one"
"""
KIND = """
number = 900
name = "no-rota"
family = "owners"
type = "clarification"
subject = "component"
minutes = 2
assumed = "Somebody is there."
ask = "{component} has {n} people on call and tier {tier}; who comes at night?"
many = "{count} components have {n.sum} people on call; who comes at night?"
change = "Plan a rota."
again = 90
observe = 7
sightings = 1
young = true
query = '''
SELECT c.name AS subject, c.name AS component, 3 - count(r.person) AS worse, count(r.person) AS n, c.tier
FROM component c JOIN rota r ON r.owner = c.owner WHERE c.tier = 1 GROUP BY ALL HAVING n < $least
'''
[threshold]
least = 3
"""


async def test_from_a_told_fact_to_an_answer(
    place: Any, until: Callable[..., Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = place.folder / "kinds.d"
    kinds.mkdir()
    (kinds / "no-rota.toml").write_text(KIND)
    (place.folder / "rota.jsonl").write_text('{"owner": "ops", "person": "p1", "level": 1}\n')
    (place.folder / "wrong.jsonl").write_text('{"owner": "ops", "level": "first"}\n')
    place.write(CATALOGUE.replace("kinds.d", str(kinds)))
    monkeypatch.setattr("gadfly.ask.life.team.AWAKE", "Mon-Sun 00:00-24:00")  # whenever this test runs
    async with place.node() as node:

        def run(*arguments: str) -> tuple[int, str]:
            at = ["--node", node.server.url, "--token", node.access.local]
            found = CliRunner().invoke(gadfly, [*arguments, *at], standalone_mode=False)
            return found.return_value, found.output + (str(found.exception) if found.exception else "")

        async def say(*arguments: str) -> tuple[int, str]:
            return await asyncio.to_thread(run, *arguments)

        _, output = await say("facts", "put", "rota", str(place.folder / "wrong.jsonl"))
        assert "body:1: level" in output
        _, output = await say("facts", "put", "rota", str(place.folder / "rota.jsonl"))
        assert "1 rows of rota taken" in output
        code, output = await say("ask", "now", "--json")
        assert code == 1, output
        assert json.loads(output)["findings"] >= 1
        code, output = await say("ask", "list", "--kind", "no-rota")
        assert "shop has 1 people on call and tier 1" in output, output
        assert code == 1
        told = await until(lambda: [one for one in place.notifications() if "on call" in json.dumps(one)], 30)
        assert told
        await answered(node, say)


async def answered(node: Node, say: Callable[..., Awaitable[tuple[int, str]]]) -> None:
    """It is the node's own process that answers here, as a person at this machine."""
    (question,) = [one for one in (await node.asking.book()).questions.values() if one.kind == "no-rota"]
    # Of what was told it is said who did: beside the row, and frozen with the evidence.
    (row,) = json.loads((await say("facts", "show", "rota", "--json"))[1])["rows"]
    assert (row["who"], row["at"] > 0) == ("local", True)
    story = await Face(node).questioning.one(question.name)
    (told,) = story.evidence.told
    assert (told.table, told.who, told.by, told.rows) == ("rota", "token:local", "the local token", 1)
    assert story.evidence.unchanged
    _, output = await say("answer", question.name, "change", "a rota of three, from Monday")
    assert node.asking.dialogue.known is not None
    assert node.asking.dialogue.known.questions[question.id].answer == "change", output
    _, output = await say("ask", "kinds", "unacted", "--here")
    assert "nobody was told of an alert" in output
