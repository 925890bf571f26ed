from __future__ import annotations

import pytest

from gadfly.ledger.entry import Entry
from gadfly.ledger.sentence import sentence

BODY = {"drill": "drill3", "kind": "rule", "target": "slow"}


@pytest.mark.parametrize(
    ("who", "body", "words"),
    [
        ("person:anna", {"event": "begun"}, "Person anna began the fire drill drill3 (rule slow)."),
        (
            "node",
            {"event": "ended", "result": "nobody was told"},
            "The fire drill drill3 (rule slow) ended: nobody was told.",
        ),
        (
            "program:desk",
            {"event": "acknowledged", "seconds": "12.0"},
            "Program desk took on the fire drill drill3 (rule slow) after 12.0 s.",
        ),
    ],
    ids=["begun", "ended", "acknowledged"],
)
def test_a_drill_is_a_sentence(who: str, body: dict[str, str], words: str) -> None:
    entry = Entry(kind="drill", who=who, about=("drill:3",), body={**BODY, **body}, at=0.0)
    assert sentence(entry) == words
