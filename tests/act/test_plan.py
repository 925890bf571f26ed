"""What a plan's hash binds, and what it does not."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.act.plan import Data, Input, Plan, Signal, Target, _identity
from gadfly.ledger.canonical import canonical

NOW = 1_800_000_000.0
A, B = Target(name="a", owner="payments", group="workers", cell="eu"), Target(name="b", cell="us")
PLAN = Plan(
    principal="automation:mend",
    automation="mend",
    owner="payments",
    action="systemd:restart",
    argument="orders@{component}",
    targets=(A, B),
    cells=("eu", "us"),
    made=NOW,
)


@pytest.mark.parametrize(
    "about",
    [
        {"made": NOW + 60},
        {"inputs": (Input(name="picture", at=NOW),)},
        {"signals": (Signal(source="probe", since=NOW),)},
        {"targets": (msgspec.structs.replace(A, well=False, used=NOW), B)},
    ],
)
def test_when_and_how_it_was_seen_is_not_in_it(about: dict[str, Any]) -> None:
    assert msgspec.structs.replace(PLAN, **about).hash == PLAN.hash


@pytest.mark.parametrize(
    "about",
    [
        {"principal": "person:anna"},
        {"automation": "other"},
        {"owner": "platform"},
        {"action": "systemd:stop"},
        {"argument": "billing@{component}"},
        {"parameters": {"term": "1y"}},
        {"targets": (A,)},
        {"targets": (B, A)},
        {"targets": (msgspec.structs.replace(A, environment="staging"), B)},
        {"targets": (msgspec.structs.replace(A, labels={"tier": "1"}), B)},
        {"cells": ("us", "eu")},
        {"symptom": "stalled"},
        {"trigger": "manual"},
        {"expect": "component alive within 1m"},
        {"undo": "systemd:start x"},
        {"destructive": True},
        {"disturbs": False},
        {"crosses": True},
        {"cost": 1.5},
        {"environment": "staging"},
        {"version": "2"},
        {"data": Data(size=1, before=1, limit=1)},
        {"due": NOW},
        {"undoes": 7},
    ],
)
def test_all_that_would_be_done_is_in_it(about: dict[str, Any]) -> None:
    assert msgspec.structs.replace(PLAN, **about).hash != PLAN.hash


def test_every_field_is_either_in_it_or_named_as_seen() -> None:
    assert set(Plan.__struct_fields__) - {"made", "inputs", "signals"} == {
        "principal", "asked_by", "automation", "owner", "action", "argument", "parameters", "targets",
        "cells", "symptom", "trigger", "expect", "undo", "destructive", "disturbs", "crosses", "cost",
        "environment", "version", "data", "due", "undoes",
    }  # fmt: skip


def test_what_one_asked_for_is_not_what_another_did() -> None:
    asked = [msgspec.structs.replace(PLAN, asked_by=who).hash for who in ("", "person:anna", "person:ben")]
    assert asked[0] == PLAN.hash
    assert len(set(asked)) == 3


def test_it_is_the_same_everywhere() -> None:
    assert PLAN.hash == "f958d8b69bd74ba07b637fd1c53f3b61d9cd085a200f778c704b27a5a5ab5a64"
    assert msgspec.json.decode(msgspec.json.encode(PLAN), type=Plan).hash == PLAN.hash


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4),
    st.text(max_size=20),
    st.floats(allow_nan=False),
    st.booleans(),
)
def test_it_is_of_the_canonical_text(
    labels: dict[str, str], parameters: dict[str, str], text: str, cost: float, data: bool
) -> None:
    plan = msgspec.structs.replace(
        PLAN,
        targets=(msgspec.structs.replace(A, labels=labels), B),
        parameters=parameters,
        trigger=text,
        cost=cost,
        data=Data(size=10**15, before=1, limit=2) if data else None,
    )
    assert plan.hash == hashlib.sha256(canonical(_identity(plan))).hexdigest()


def test_what_has_no_undo_is_irreversible() -> None:
    assert not PLAN.reversible
    assert msgspec.structs.replace(PLAN, undo="systemd:start x").reversible
    assert (PLAN.by_cell(), PLAN.by_group()) == ({"eu": 1, "us": 1}, {"workers": 1, "": 1})
