"""An automation that a prediction calls: when, for whom, and when no longer."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.act.calling import trigger
from gadfly.act.calling.calls import Calls
from gadfly.act.calling.trigger import Trigger
from gadfly.clock import VirtualClock
from gadfly.monitor.subject import Subject


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("prediction disk > 0.8", Trigger(kind="prediction", state="disk", level=0.8)),
        (
            'prediction "my disk" > .95 for 10m, group = "db"',
            Trigger(kind="prediction", state="my disk", level=0.95, held=600.0, selector='group = "db"'),
        ),
    ],
    ids=["bare", "whole"],
)
def test_it_is_read_as_it_is_written(text: str, wanted: Trigger) -> None:
    assert trigger.parse(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["prediction", "prediction disk", "prediction disk > 1", "prediction disk >= 0.8", "prediction > 0.8"],
    ids=str,
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="calls for nothing"):
        trigger.parse(text)


class View:
    def subject(self, name: str) -> Subject:
        return Subject(name=name, group="db" if name.startswith("db") else "web")

    def see(self, name: str) -> None:
        return None


async def test_it_calls_for_each_component_of_which_it_is_foretold_for_long_enough() -> None:
    foretold: dict[str, float] = {"db1": 0.9, "db2": 0.7, "web1": 0.9}

    def predicted(name: str, level: float) -> dict[str, float]:
        assert name == "disk"
        return {one: 0.0 for one, probability in foretold.items() if probability > level}

    clock = VirtualClock()
    view: Any = View()
    calls = Calls(view, clock, predicted=predicted)
    declared: Any = type("Declared", (), {"on": 'prediction disk > 0.8 for 1m, group = "db"', "targets": ""})
    calls.configure({"free": declared})
    assert calls.look() == []
    await clock.advance(60)
    (call,) = calls.look()
    assert [one.name for one in call.subjects or ()] == ["db1"]
    plan: Any = type("Plan", (), {"automation": "free", "undoes": "", "targets": (Subject(name="db1"),)})
    assert calls.over(plan) == ""
    foretold["db1"] = 0.5
    assert "any more" in calls.over(plan)
    assert calls.look() == []
    foretold["db1"] = 0.9
    assert calls.look() == []  # it begins anew
