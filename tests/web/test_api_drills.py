"""Fire drills over HTTP: who may begin one, and what is said of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gadfly.ask.drill.record import Drill, Letter, Missed, Step
from gadfly.drilling import shown
from gadfly.errors import LimitError, Refused

ONE = Drill(
    id=3,
    kind="rule",
    target="slow",
    owner="ops",
    who="person:anna",
    at=1.0,
    state="told",
    ended=9.0,
    steps=(Step(what="the rule fires", seconds=60.0, skipped=True),),
    letters=(Letter(owner="ops", to="a***@x", what="firing", due=60.0, state="taken", after=0.5),),
    missed=(Missed(why="hours", words="Not now."),),
)


class Drilling:
    def __init__(self) -> None:
        self.begun: list[tuple[str, str, str, dict[str, Any]]] = []
        self.outcome: Exception | None = None

    async def begin(self, target: str, kind: str, who: str, **how: Any) -> Drill:
        if self.outcome is not None:
            raise self.outcome
        self.begun.append((target, kind, who, how))
        return ONE

    async def drills(self, limit: int) -> list[dict[str, Any]]:
        return [shown(ONE)][:limit]

    async def drill(self, name: str) -> dict[str, Any]:
        if name != "drill3":
            raise Refused("There is none.", 404)
        return shown(ONE)


@pytest.fixture
def drilling(node: Any) -> Drilling:
    node.drilling = Drilling()
    return node.drilling  # type: ignore[no-any-return]


async def test_one_is_begun_and_read(ask: Any, drilling: Drilling, token: str) -> None:
    body = msgspec.json.encode({"target": "slow", "escalate": True, "wait": 5, "samples": ["x 1"]})
    headers = {"content-type": "application/json"}
    begun = await ask("POST", "/api/v1/drills", body=body, headers=headers, token=token)
    assert begun.status == 202
    ((target, kind, _, how),) = drilling.begun
    assert (target, kind) == ("slow", "")
    wanted = {"shortened": False, "ring": False, "escalate": True, "wait": 5.0, "samples": ("x 1",)}
    assert how == wanted
    one = (await ask("GET", "/api/v1/drills/drill3", token=token)).json()
    assert one == begun.json()
    assert (one["id"], one["took"], one["result"]) == ("drill3", 60.5, "ops told after 60.5 s (Not now)")
    assert (await ask("GET", "/api/v1/drills?limit=1", token=token)).json() == {"drills": [one]}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/drills/drill4", None, 404),
        ("GET", "/api/v1/drills?limit=0", None, 422),
        ("POST", "/api/v1/drills", {"target": ""}, 422),
        ("POST", "/api/v1/drills", {"target": "x", "kind": "y"}, 422),
        ("POST", "/api/v1/drills", {"target": "x", "wait": 3601}, 422),
    ],
    ids=["none", "limit", "no target", "kind", "wait"],
)
async def test_what_is_refused(
    ask: Any, drilling: Drilling, token: str, method: str, path: str, body: Any, status: int
) -> None:
    data = None if body is None else msgspec.json.encode(body)
    headers = {"content-type": "application/json"} if body else {}
    answer = await ask(method, path, body=data or b"", headers=headers, token=token)
    assert answer.status == status
    assert drilling.begun == []


async def test_too_many_are_said(ask: Any, drilling: Drilling, token: str) -> None:
    drilling.outcome = LimitError("one a minute")
    answer = await ask(
        "POST",
        "/api/v1/drills",
        body=b'{"target": "x"}',
        headers={"content-type": "application/json"},
        token=token,
    )
    assert answer.status == 429
