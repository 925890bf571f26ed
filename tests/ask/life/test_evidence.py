"""Evidence is frozen short, canonical and without names of persons, and hashed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.ask.life.evidence import BYTES, freeze, sha256
from gadfly.ask.question import Teller
from gadfly.ledger.canonical import canonical

PLAIN: dict[str, tuple[Any, Any]] = {
    "nothing": (None, None),
    "flag": (True, True),
    "whole": (3, 3),
    "large": (2**60, float(2**60)),
    "number": (0.25, 0.25),
    "none": (math.nan, None),
    "endless": (math.inf, None),
    "of numpy": (np.float64(2.5), 2.5),
    "of numpy, whole": (np.int64(7), 7),
    "decimal": (Decimal("1.5"), 1.5),
    "day": (dt.date(2026, 11, 23), "2026-11-23"),
    "text": ("x" * 400, "x" * 300),
    "half a character": ("a\ud800", "a?"),
    "a person": ("ended by person:anna.b@x, late", "ended by a person, late"),
    "an address": ("mail anna@example.org now", "mail an address now"),
    "list": (["a", "person:bert"], ["a", "a person"]),
    "long list": (list(range(30)), list(range(20))),
    "map": ({"a": 1}, {"a": 1}),
}


def frozen(*rows: dict[str, Any], **params: Any) -> Any:
    return freeze("near", "abc", "SELECT 1", params, rows, 1_000_000.0)


@pytest.mark.parametrize(("value", "plain"), PLAIN.values(), ids=PLAIN.keys())
def test_what_is_kept_of_a_value(value: Any, plain: Any) -> None:
    assert frozen({"x": value}).rows == ({"x": plain},)


def test_the_hash_is_over_all_the_rest() -> None:
    one = frozen({"n": 8}, days=2, sure=0.95)
    body = {
        "kind": "near",
        "digest": "abc",
        "query": "SELECT 1",
        "params": {"days": 2, "sure": 0.95},
        "rows": [{"n": 8}],
        "count": 1,
        "window": [1_000_000.0 - 2 * 86_400, 1_000_000.0],
    }
    assert one.sha256 == hashlib.sha256(canonical(body)).hexdigest() == sha256(one)
    assert one.sha256 != frozen({"n": 9}, days=2, sure=0.95).sha256


def test_without_days_the_window_is_open() -> None:
    assert frozen({"n": 8}).window == (None, 1_000_000.0)


def test_it_is_short() -> None:
    assert len(frozen(*({"n": n} for n in range(500))).rows) == 100
    large = frozen(*({f"column {n}": "x" * 300 for n in range(60)} for _ in range(100)))
    assert 1 <= len(large.rows) < 100
    assert len(canonical(list(large.rows))) < BYTES * 1.5
    assert large.count == 100
    assert len(large.rows[0]) == 40


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(row=st.dictionaries(st.text(), VALUES, max_size=5))
def test_whatever_a_query_returns(row: dict[str, Any]) -> None:
    one = frozen(row)
    json.loads(canonical(list(one.rows)))
    assert sha256(one) == one.sha256


def test_who_told_what_it_rests_on_is_frozen_with_it() -> None:
    plain = freeze("near", "d", "SELECT 1", {}, [{"n": 1}], 9.0)
    body = {"kind": "near", "digest": "d", "query": "SELECT 1", "params": {}, "rows": [{"n": 1}], "count": 1}
    body["window"] = [None, 9.0]
    assert plain.sha256 == hashlib.sha256(canonical(body)).hexdigest()  # as before there was such a thing
    tellers = [
        Teller("rota", "program:hr", 3),
        Teller("change", "person:anna", 1),
        Teller("incident", "person:~0a", 2),
    ]
    told = freeze("near", "d", "SELECT 1", {}, [{"n": 1}], 9.0, tellers)
    assert [one.who for one in told.told] == ["program:hr", "a person", "person:~0a"]
    shown = [{"table": one.table, "who": one.who, "rows": one.rows} for one in told.told]
    assert told.sha256 == hashlib.sha256(canonical({**body, "told": shown})).hexdigest()
