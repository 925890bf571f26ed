"""Whatever a guard looks at, something in a running node fills in: a rule about a field that nobody sets does
nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gadfly import act
from gadfly.act import plan, situation
from gadfly.act.automation import Terms

ROOT = Path(act.__file__).parents[1]
GUARDS = sorted((ROOT / "act" / "guard").glob("*.py"))
ELSEWHERE = {*(ROOT / "act" / "proof").glob("*.py"), *GUARDS}
"""What guards are proven with is no running node."""
STRUCTS = {
    "Plan": plan.Plan,
    "Target": plan.Target,
    "Input": plan.Input,
    "Signal": plan.Signal,
    "Data": plan.Data,
    "Situation": situation.Situation,
    "Used": situation.Used,
    "Held": situation.Held,
    "Sight": situation.Sight,
    "Fleet": situation.Fleet,
    "Part": situation.Part,
    "Freeze": situation.Freeze,
    "Approval": situation.Approval,
    "Consent": situation.Consent,
    "Announcement": situation.Announcement,
    "Standing": situation.Standing,
    "Proof": situation.Proof,
    "Terms": Terms,
}


def trees(paths: list[Path]) -> list[ast.AST]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in paths]


def looked_at() -> set[str]:
    """The names of all attributes that guards read, and what they hand their part of the plan to."""
    paths = [*GUARDS, ROOT / "act" / "approvals" / "approving.py", ROOT / "act" / "gate.py"]
    return {node.attr for tree in trees(paths) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def filled() -> dict[str, set[str]]:
    """By struct: the fields that something sets, when it makes one or makes one anew."""
    found: dict[str, set[str]] = {name: set() for name in STRUCTS}
    paths = [path for path in ROOT.rglob("*.py") if path not in ELSEWHERE]
    for tree in trees(paths):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = {one.arg for one in node.keywords if one.arg}
            if called in found:
                fields = STRUCTS[called].__struct_fields__
                found[called] |= named | set(fields[: len(node.args)])
            elif called == "replace":
                for name in ("Plan", "Situation"):
                    found[name] |= named
    return found


FILLED = filled()
LOOKED_AT = looked_at()


@pytest.mark.parametrize("name", STRUCTS)
def test_something_fills_in_what_guards_look_at(name: str) -> None:
    wanted = set(STRUCTS[name].__struct_fields__) & LOOKED_AT
    assert wanted - FILLED[name] == set()


def test_no_part_of_what_is_seen_is_there_for_nothing() -> None:
    """What no guard reads of the situation itself is not gathered for it."""
    wanted = {"witness", "trusted", "steady"}  # read by `Situation.time` and by the book
    assert set(situation.Situation.__struct_fields__) - LOOKED_AT - wanted == set()
    assert set(situation.Fleet.__struct_fields__) - LOOKED_AT == set()
