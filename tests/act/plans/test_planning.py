"""From an automation and what is seen to a plan: resolved, counted, staged; nothing is never everything."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from gadfly.act.plan import Input
from gadfly.act.plans import planning
from gadfly.config.act import Automation, Limits
from gadfly.errors import Refused
from gadfly.monitor.subject import Subject

NOW = 1_800_000_000.0
MEND = Automation(
    owner="payments",
    purpose="It mends what is stalled.",
    on='component.stalled for 1m, group = "workers"',
    run="systemd:restart orders-worker@{component}",
    limits=Limits(at_once=9, per_hour=6, tries_per_target=2),
    expect="component alive within 30s",
    undo="irreversible",
    level="act",
    expires=dt.date(2027, 3, 31),
    review=dt.date(2027, 1, 15),
    cost=2.0,
)
FLEET = [
    Subject(name="w3", group="workers", owner="payments", labels={"region": "us"}),
    Subject(name="w1", group="workers", owner="payments", labels={"region": "eu", "rack": "r1"}),
    Subject(name="w2", group="workers", owner="payments", labels={"region": "us", "environment": "staging"}),
    Subject(name="db", group="stores", owner="platform"),
]
PICTURE = (Input(name="picture", at=NOW),)


def plan(automation: Automation = MEND, **about: Any) -> Any:
    chosen = [planning.target(one, cells=automation.cells) for one in planning.wanted(automation, FLEET)]
    return planning.plan("mend", automation, **{"targets": chosen, "inputs": PICTURE, "made": NOW, **about})


def test_it_is_what_the_automation_says() -> None:
    made = plan()
    assert (made.principal, made.automation, made.owner) == ("automation:mend", "mend", "payments")
    assert (made.action, made.argument) == ("systemd:restart", "orders-worker@{component}")
    assert (made.symptom, made.undo, made.cost) == ("stalled", "", 6.0)
    assert made.expect == "component alive within 30s"


def test_its_targets_are_those_of_the_selector_in_order() -> None:
    made = plan()
    assert [one.name for one in made.targets] == ["w1", "w2", "w3"]
    assert [(one.cell, one.environment) for one in made.targets] == [
        ("eu", "production"),
        ("us", "staging"),
        ("us", "production"),
    ]
    other = msgspec.structs.replace(MEND, targets='component = "db"')
    assert [one.name for one in plan(other).targets] == ["db"]


def test_the_smallest_cell_is_the_canary() -> None:
    assert plan().cells == ("eu", "us")
    racks = msgspec.structs.replace(MEND, cells="rack")
    assert plan(racks).cells == ("eu/r1", "us")  # one without the label is in its region


def test_a_label_that_is_the_same_everywhere_is_another_cell_in_each_region() -> None:
    everywhere = msgspec.structs.replace(MEND, targets='group = "workers"', cells="site")
    subjects = [msgspec.structs.replace(one, labels={**one.labels, "site": "all"}) for one in FLEET[:3]]
    targets = [planning.target(one, cells=everywhere.cells) for one in subjects]
    assert plan(everywhere, targets=targets).cells == ("eu/all", "us/all")


def test_nothing_is_never_everything() -> None:
    with pytest.raises(Refused, match="nothing never means everything"):
        plan(msgspec.structs.replace(MEND, targets='group = "none"'))


def test_a_list_that_nobody_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "LARGEST", 2)
    with pytest.raises(Refused, match="found 3 targets"):
        plan()


@pytest.mark.parametrize(
    "read",
    [
        Input(name="registry", at=NOW, complete=False),
        Input(name="registry", at=NOW, quorum=False),
        Input(name="registry", at=NOW - 61),
    ],
)
def test_what_is_stale_or_partial_is_not_planned_from(read: Input) -> None:
    with pytest.raises(Refused, match="stale or partial registry"):
        plan(inputs=(*PICTURE, read))


@pytest.mark.parametrize(
    ("run", "declared", "disturbs"),
    [
        ("systemd:restart x", True, True),
        ("systemd:restart x", False, False),
        ("notify:send x", True, False),
    ],
)
def test_whether_it_disturbs(run: str, declared: bool, disturbs: bool) -> None:
    assert plan(msgspec.structs.replace(MEND, run=run, disturbs=declared)).disturbs is disturbs


def test_how_to_take_it_back() -> None:
    undo = "systemd:start orders-worker@{component}"
    assert plan(msgspec.structs.replace(MEND, undo=undo)).undo == undo
