"""On a whole node: what guards look at comes from the catalogue, from who asks, and from the node itself."""

from __future__ import annotations

import pytest

from gadfly import __version__
from gadfly.act.plan import Data, Input
from gadfly.act.plans.planning import Supplied

pytestmark = pytest.mark.slow

CATALOGUE = """
[component.worker-1]
owner = "ops"
group = "workers"

[automation.fill]
owner = "ops"
purpose = "A term is written where there was none."
on = "manual"
targets = 'group = "workers"'
run = "command /bin/true {{component}} {{parameter.term}}"
limits = {{ at_once = 1, per_hour = 6, tries_per_target = 3 }}
expect = "component alive within 5s"
undo = "irreversible"
level = "act-small"
expires = 2032-06-30
review = 2031-06-30
version = "{version}"
destructive = true
"""
ENDS = CATALOGUE.replace("fill", "end").replace(" {{parameter.term}}", "").partition("[automation")
DUE = "[automation" + ENDS[2] + "due = 2032-01-01T00:00:00Z\n"


@pytest.mark.parametrize(("version", "refuses"), [(__version__, False), ("9.9", True)])
async def test_each_guard_has_what_it_judges_by(place, until, version: str, refuses: bool) -> None:
    place.write((CATALOGUE + DUE).format(version=version))
    async with place.node() as node:
        await until(lambda: node.components.slot("worker-1") is not None)
        now = node.clock.wall()
        given = Supplied(
            parameters={"term": " "},
            inputs=(Input(name="registry", at=now, quorum=False),),
            data=Data(size=9, before=1, limit=5),
        )
        told = await node.acting.view.plan("fill", ["worker-1"], "person:anna", given)
        found = {one["guard"]: one["reason"] for one in told["refusals"]}
        assert "term is blank" in found["shape"]
        assert "registry was read from a minority" in found["inputs"]
        told = await node.acting.view.plan("end", ["worker-1"], "person:anna")
        assert "not due yet" in {one["guard"]: one["reason"] for one in told["refusals"]}["announced"]
        assert ("versions" in found) is refuses
        filled = Supplied(parameters={"term": "1y"})
        told = await node.acting.view.plan("fill", ["worker-1"], "person:anna", filled)
        assert "shape" not in {one["guard"] for one in told["refusals"]}
        made = await node.acting.view.freeze("sale", 'group = "workers"', "person:anna", "the sale", 60.0)
        told = await node.acting.view.plan("fill", ["worker-1"], "person:anna", filled)
        assert "freeze" in {one["guard"] for one in told["refusals"]}
        await node.acting.view.release(made["id"], "person:anna", "it is over")
