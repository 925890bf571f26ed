"""What is said to the gate besides yes and no: what an act is planned from, freezes, the clock."""

from __future__ import annotations

from typing import Any

from gadfly.act.plan import Data, Input

ACT = "/api/v1/act"
RUN = f"{ACT}/automations/scale-search/run"


async def test_what_is_given_reaches_the_acts(ask: Any, node: Any, token: str) -> None:
    body = {
        "reason": "x",
        "parameters": {"size": "3"},
        "inputs": [{"name": "registry", "at": 7.0, "quorum": False}],
        "data": {"size": 2, "before": 1, "limit": 9, "blank": ["end"]},
    }
    for path in (RUN, f"{ACT}/automations/scale-search/plan"):
        sent = body if path == RUN else {name: one for name, one in body.items() if name != "reason"}
        assert (await ask("POST", path, token=token, body=sent)).status in (200, 202)
        given = node.acts.supplied
        assert given.parameters == {"size": "3"}
        assert given.inputs == (Input(name="registry", at=7.0, quorum=False),)
        assert given.data == Data(size=2, before=1, limit=9, blank=("end",))
        node.acts.supplied = None


async def test_nobody_speaks_for_the_picture(ask: Any, node: Any, token: str) -> None:
    body = {"reason": "x", "inputs": [{"name": "picture", "at": 7.0}]}
    assert (await ask("POST", RUN, token=token, body=body)).status == 422
    assert node.acts.called == []


async def test_a_freeze_is_ordered(ask: Any, node: Any, token: str) -> None:
    body = {"name": "sale", "on": 'group = "x"', "reason": "the sale", "lasts": 60}
    made = await ask("POST", f"{ACT}/freezes", token=token, body=body)
    assert (made.status, made.json()["id"], made.json()["releasable"]) == (201, "w1", True)
    assert [(*one[:3], *one[4:]) for one in node.acts.called] == [
        ("freeze", "sale", 'group = "x"', "the sale", 60.0)
    ]


async def test_the_clock_is_said_to_be_right(ask: Any, node: Any, token: str) -> None:
    made = await ask("POST", f"{ACT}/clock", token=token, body={"reason": "ntp was wrong"})
    assert made.status == 204
    assert [(one[0], one[2]) for one in node.acts.called] == [("clock", "ntp was wrong")]
    assert (await ask("POST", f"{ACT}/clock", token=token, body={})).status == 422
