"""What the ledger says of the future, in sentences."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.ledger.entry import Entry
from gadfly.ledger.sentence import sentence
from gadfly.predict import entries
from gadfly.predict.prediction import Outcome
from gadfly.predict.resolve import Resolution
from gadfly.store.predictions import Row


def row(**more: Any) -> Row:
    return Row(
        **{
            "predictor": "disk",
            "series": 'free{host="a"}',
            "made": 0.0,
            "deadline": 3600.0,
            "probability": 0.9,
            "base": 0.05,
            **more,
        }
    )


ABOUT = 'disk of free{host="a"} until 1970-01-01T01:00:00.000000Z with 90%'
LATE = Resolution(Outcome.did_not, 4000.0, "it came true after its deadline")
CASES: dict[str, tuple[list[Entry], str]] = {
    "told": (entries.foretold([row(told=True)], 0, str)[0], f"It was foretold, and told: {ABOUT}."),
    "noted": (entries.foretold([row()], 0, str)[0], f"1 prediction noted, {ABOUT}."),
    "many": (entries.foretold([row()] * 2, 0, str)[0], f"2 predictions noted, the first {ABOUT}."),
    "right": (
        entries.resolved([(row(told=True), Resolution(Outcome.came_true, 100.0))], 0, str),
        f"What was foretold came true: {ABOUT}.",
    ),
    "late": (
        entries.resolved([(row(told=True), LATE)], 0, str),
        f"What was foretold did not come true (it came true after its deadline): {ABOUT}.",
    ),
    "void": (
        entries.resolved([(row(), Resolution(Outcome.void, None, "it ended"))], 0, str),
        f"1 prediction resolved, {ABOUT}, which is void (it ended).",
    ),
    "silent": (
        [entries.demoted("disk", True, "it was wrong", "ops", 0)],
        "The predictor disk falls silent: it was wrong.",
    ),
    "broken": (
        [Entry(kind="resolution", who="node", body={"predictions": 3}, at=0)],
        "The node: resolution (predictions: 3).",
    ),
}


@pytest.mark.parametrize(("found", "said"), CASES.values(), ids=CASES)
def test_what_was_foretold_is_said(found: list[Entry], said: str) -> None:
    (entry,) = found
    assert sentence(entry) == said


def test_a_thousand_are_ten_entries_and_each_knows_its_own() -> None:
    rows = [row(series=f"s{number}", told=number == 5) for number in range(1001)]
    found, places = entries.foretold(rows, 0, str)
    assert len(found) == 11
    assert found[places[5]].body["told"] is True
    for number in (0, 99, 500, 1000):
        assert f"s{number}" in str(found[places[number]].body)
