"""A function as an automation's action: called once for a target, and believed as far as it answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gadfly.act import action
from gadfly.act.action import function
from gadfly.act.action.effect import Edge, Effect, State

VALUES = {
    "component": "w7",
    "group": "web",
    "automation": "restart",
    "intent": "12",
    "fence": "12",
    "label.x": "y",
}


def edge(calls: list[tuple[Any, ...]] | None = None) -> Edge:
    async def called(name: str, detail: Mapping[str, Any], by: str, key: str) -> Effect:
        assert calls is not None
        calls.append((name, dict(detail), by, key))
        return Effect(state=State.finished, ok=True, words="it answered")

    return Edge(monotonic=lambda: 0.0, function=called if calls is not None else None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "by its name"),
        ("Tidy", "by its name"),
        ("tidy x=1", "json.KEY=TEXT"),
        ("tidy 'json.a=", "split"),
        ("tidy json.a={nothing}", "no field"),
        ("{component}", "by its name"),
    ],
)
def test_what_cannot_be_called(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        function.check(text)
    with pytest.raises(ValueError, match=words):
        action.check(f"function:{text}" if text[:1].isalpha() and text[:1].islower() else f"function {text}")


def test_it_says_what_it_would_do() -> None:
    said = function.describe("tidy json.of={label.x}", VALUES, edge())
    assert said == "call the function tidy for w7 of=y"


async def test_it_is_called_with_the_target() -> None:
    calls: list[tuple[Any, ...]] = []
    effect = await function.do("tidy 'json.of=the {group}'", VALUES, edge(calls))
    assert (effect.state, effect.ok) == (State.finished, True)
    detail = {"component": "w7", "group": "web", "automation": "restart", "intent": "12"}
    detail["parameters"] = {"of": "the web"}  # type: ignore[assignment]
    assert calls == [("tidy", detail, "automation:restart", "intent 12 w7")]


async def test_without_functions_or_a_value_nothing_is_done() -> None:
    assert (await function.do("tidy", VALUES, edge())).state is State.unstarted
    calls: list[tuple[Any, ...]] = []
    effect = await function.do("tidy json.a={region}", VALUES, edge(calls))
    assert (effect.state, calls) == (State.unstarted, [])
