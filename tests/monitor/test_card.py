"""A card is bytes from outside: what is not one is no card, and nothing raises."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.monitor.card import Card, parse


def test_a_whole_card() -> None:
    said = {"name": "checkout", "kind": "job", "labels": {"a": "b"}, "job": {"state": "finished", "exit": 2}}
    card = parse(json.dumps(said).encode())
    assert card is not None
    assert card.name == "checkout"
    assert card.job is not None
    assert card.job.exit == 2


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b'{"name": ""}',
        b'{"kind": "service"}',
        b'{"name": 7}',
        b'{"name": "a\\u0000b"}',
        b'{"name": "' + b"x" * 201 + b'"}',
        b"\xff\xfe",
        b'{"name": "a", "started": 1e300}',
        b'{"name": "a", "started": -1}',
        b'{"name": "a", "job": {"seconds": 1e300}}',
        b'{"name": "a", "job": {"every": -5}}',
    ],
)
def test_what_is_no_card(payload: bytes) -> None:
    assert parse(payload) is None


@given(st.binary(max_size=1136))
def test_any_bytes_are_a_card_or_none(payload: bytes) -> None:
    card = parse(payload)
    assert card is None or isinstance(card, Card)
