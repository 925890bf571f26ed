"""A last try that a former process left brings its function down, as every call that is given up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gadfly.clock import VirtualClock
from gadfly.functioning import Functioning
from gadfly.functions.function import Function
from gadfly.functions.queue import Lost
from gadfly.functions.standing import Standings
from gadfly.monitor.verdict import Verdict


class Former:
    """What a process that ended left: a try of a function that is declared, and one of another."""

    async def load(self) -> None: ...

    async def open(self) -> list[Lost]:
        return [Lost(name, "schedule: x", 3, "dead", "the node ended") for name in ("tidy", "gone")]

    async def alerts(self) -> list[Any]:
        return []

    async def read(self, _: Any) -> dict[str, None]:
        return {"tidy": None}

    def current(self, _: str) -> None:
        return None


async def test_it_is_told() -> None:
    told: list[dict[str, tuple[Verdict, str]]] = []
    functioning, former = Functioning.__new__(Functioning), Former()
    functioning.deploys = functioning.queue = former  # type: ignore[assignment]
    functioning._node = SimpleNamespace(engine=former, db=former)  # type: ignore[assignment]
    functioning._clock = VirtualClock()
    functioning._standings, functioning._recalled = Standings(told.append), set()
    functioning._standings.keep({"tidy"})
    tidy = Function(name="tidy", path="/a.py", module="a", handler="h", owner="ops", purpose="p")
    functioning._functions = {"tidy": tidy}
    await functioning.start()
    assert [(name, one[0]) for said in told for name, one in said.items()] == [
        ("function:tidy", Verdict.unknown),
        ("function:tidy", Verdict.down),
    ]
    assert "failed 3 times and was given up: the node ended" in told[1]["function:tidy"][1]
