"""Every guard refuses what it is there for, and none has anything against a sound act."""

from __future__ import annotations

from pathlib import Path

import pytest

from gadfly.act import guard
from gadfly.act.gate import decide
from gadfly.act.guard import GUARDS, LIFTED_BY_PERSONS
from gadfly.act.proof.sound import sound
from gadfly.act.proof.synthetic import cases

NOW = 1_800_000_000.0
CASES = [(name, case) for name, found in cases(NOW).items() for case in found]


def test_one_file_is_one_guard() -> None:
    files = {path.stem for path in Path(guard.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == set(GUARDS)
    assert set(GUARDS) >= LIFTED_BY_PERSONS


def test_a_sound_act_is_allowed() -> None:
    assert decide(*sound(NOW)).words == "allowed"


@pytest.mark.parametrize(("name", "case"), CASES)
def test_without_the_guard_the_harm_is_let_through(name: str, case: tuple[object, object]) -> None:
    found = decide(*case)  # type: ignore[arg-type]
    assert [one.guard for one in found.refusals] == [name]
    without = {one: judge for one, judge in GUARDS.items() if one != name}
    assert decide(*case, without).allowed  # type: ignore[arg-type]


def test_every_guard_has_a_case() -> None:
    assert {name for name, _ in CASES} == set(GUARDS)
