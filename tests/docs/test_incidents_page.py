"""The page of incidents names each of them, the guards that hold it, and each attack on the ledger."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from scenario.attack import attacks
from scenario.scenario import scenarios

PAGE = (Path(__file__).parents[2] / "docs" / "incidents.md").read_text()
ROWS = {cells[0]: cells for cells in (re.split(r"\s*\|\s*", line.strip("| ")) for line in PAGE.splitlines())}


def test_each_incident_stands_there_with_what_holds_it() -> None:
    for name, scenario in scenarios().items():
        _, title, _, held = ROWS[name]
        assert title == scenario.title
        assert {word.strip("`") for word in held.split(", ")} == {way.guard for way in scenario.ways}


def test_each_attack_stands_there_with_what_detects_it() -> None:
    for name, attack in attacks().items():
        assert ROWS[name][1:] == [attack.title, attack.by]


def test_nothing_stands_there_that_is_not_played() -> None:
    named = {name for name in ROWS if re.fullmatch(r"[SL]\d+", name)}
    assert named == scenarios().keys() | attacks().keys()
