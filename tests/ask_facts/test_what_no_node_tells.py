"""docs/questions.md names the columns of facts that no node fills, as the families do not name them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from gadfly.ask.facts import TABLES
from gadfly.ask_facts.definitions import SEEN

ROOT = Path(__file__).parents[2]
DAILY = {"sample_daily": "samples", "heartbeat_daily": "heartbeats", "job_run": "jobs"}
"""Families of one table, which name it apart from its columns."""
DATED = {"since", "until", "edited"}
"""Columns that come of comparing what is declared with what was."""
TOLD = {"decision", "question", "rota"}
"""Tables of no family: the book's own, and one that is all told."""
BESIDE = {"use.owner", "edge.since", "monitor.owner", "monitor.since"}
"""Not filled, though another table of the family has a column of that name."""


def test_each_column_that_no_family_fills_is_named_and_no_other() -> None:
    page = (ROOT / "docs" / "questions.md").read_text()
    said = page.partition("No node fills these columns")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+\.[a-z0-9_]+)`", said))
    unfilled: set[str] = set()
    for table, columns in TABLES.items():
        filled = _filled(table) | (DATED if table in SEEN else set())
        if table not in TOLD:
            unfilled |= {f"{table}.{one.name}" for one in columns.columns if one.name not in filled}
    assert named - BESIDE == unfilled


def _filled(table: str) -> set[str]:
    """What the modules that make this table name: arguments, and keys."""
    found: set[str] = set()
    for path in sorted((ROOT / "src" / "gadfly" / "ask_facts").glob("*.py")):
        text = path.read_text()
        if f'Columns("{table}")' not in text and DAILY.get(table) != path.stem:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                found |= {one.arg for one in node.keywords if one.arg}
            elif isinstance(node, ast.Dict):
                found |= {one.value for one in node.keys if isinstance(one, ast.Constant)}  # type: ignore[misc]
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                found.add(str(node.slice.value))
    return found
