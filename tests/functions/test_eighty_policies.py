"""The eighty policies of bench/policy: each careless one is named, no clean one is."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from gadfly.functions.grant import parse
from gadfly.functions.policy import examine
from gadfly.functions.trigger import on

_spec = importlib.util.spec_from_file_location(
    "bench_policies", Path(__file__).parents[2] / "bench" / "policies.py"
)
assert _spec is not None
assert _spec.loader is not None
policies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(policies)


def named(name: str, purpose: str, triggers: list[str], grants: list[str]) -> list[str]:
    """What is said; a trigger that does not load is said, too."""
    for text in triggers:
        try:
            on.read(text)
        except ValueError as error:
            return [str(error)]
    return [one.words for one in examine([parse(line) for line in grants], purpose, name=name, on=triggers)]


@pytest.mark.parametrize("policy", policies.CARELESS, ids=lambda one: one[0])
def test_careless(policy: tuple[str, str, str, list[str], list[str]]) -> None:
    assert named(*policy[1:])


@pytest.mark.parametrize("policy", policies.CLEAN, ids=lambda one: one[0])
def test_clean(policy: tuple[str, str, list[str], list[str]]) -> None:
    assert named(*policy) == []


def test_there_are_eighty() -> None:
    assert (len(policies.CARELESS), len(policies.CLEAN)) == (40, 40)
