"""A last try that a former process left is told to the owner, as every call that is given up."""

from __future__ import annotations

from gadfly.functioning import Functioning
from gadfly.functions.function import Function
from gadfly.functions.queue import Lost


class Former:
    """What a process that ended left: two tries of a function that is declared, one of another."""

    async def load(self) -> None: ...

    async def open(self) -> list[Lost]:
        return [Lost(name, "schedule: x", 3, "dead", "the node ended") for name in ("tidy", "gone")]


async def test_it_is_told() -> None:
    told: list[tuple[str, str, str]] = []

    async def over(function: Function, one: Lost, state: str, words: str) -> None:
        told.append((function.name, state, words))

    functioning = Functioning.__new__(Functioning)
    functioning.deploys = functioning.queue = Former()  # type: ignore[assignment]
    tidy = Function(name="tidy", path="/a.py", module="a", handler="h", owner="ops", purpose="p")
    functioning._functions = {"tidy": tidy}
    functioning._over = over  # type: ignore[assignment,method-assign]
    await functioning.start()
    assert told == [("tidy", "dead", "the node ended")]
