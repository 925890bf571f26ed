"""docs/facts.md is what the tables say, and docs/kinds.md names everything that a kind can use."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import msgspec
import pytest

from gadfly.ask.facts import TABLES
from gadfly.ask.kind import Kind
from gadfly.ask.macros import FUNCTIONS, SQL
from gadfly.ask.text import FORMATS, SUMS

ROOT = Path(__file__).parents[2]
KINDS = (ROOT / "docs" / "kinds.md").read_text()


def test_the_page_is_what_the_tables_say() -> None:
    spec = importlib.util.spec_from_file_location("facts_page", ROOT / "tools" / "facts.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert (ROOT / "docs" / "facts.md").read_text() == made.page(), "run `make docs`"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_says_what_it_holds_and_its_times_are_columns(table: object) -> None:
    assert table.about.endswith(".")  # type: ignore[attr-defined]
    for name in (table.born, table.gone, *(one.known for one in table.columns)):  # type: ignore[attr-defined]
        assert not name or table.column(name).sort in ("time", "day")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "word",
    [
        *(f"`{one.name}`" for one in msgspec.structs.fields(Kind) if one.name != "threshold"),
        *(f"`{name}(" for name in FUNCTIONS),
        *(f"`{text.split('MACRO ')[1].split('(')[0]}(" for text in SQL),
        *(f":{form}" for form in FORMATS),
        *(f".{total}" for total in SUMS),
    ],
)
def test_the_page_on_kinds_names(word: str) -> None:
    assert word in KINDS
