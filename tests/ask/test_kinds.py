"""Kinds are read from files, and what is wrong in one is said with its file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gadfly.ask import kinds
from gadfly.ask.kind import tuned
from gadfly.errors import ConfigError

GOOD = """\
number = 901
name = "mine"
family = "checks"
type = "assumptions"
minutes = 5
subject = "check"
assumed = "It is well."
ask = "{check} was {n} of {m}. Is it well?"
many = "{count} checks were {n.sum}. Are they well?"
change = "Mend it."
again = 60
observe = 30
query = "SELECT name AS subject, 1 AS worse, name AS check, $n AS n, 2 AS m FROM check -- $not_this"
[threshold]
n = 3
"""


def test_a_folder_adds_kinds_and_replaces_those_of_the_same_name(tmp_path: Path) -> None:
    ours = kinds.load()
    (tmp_path / "mine.toml").write_text(GOOD)
    (tmp_path / "unacted.toml").write_text(GOOD.replace('"mine"', '"unacted"').replace("901", "14"))
    both = kinds.load(tmp_path)
    assert both.keys() == ours.keys() | {"mine"}
    assert both["unacted"].assumed == "It is well."
    assert [one.number for one in both.values()] == sorted(one.number for one in both.values())
    assert kinds.load() == ours


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("minutes = 5\n", ""), "missing required field `minutes`"),
        (("minutes = 5", "minutes = 0"), "minutes: Expected `float` > 0"),
        (('family = "checks"', 'family = "chess"'), "family: Invalid enum value 'chess'"),
        (("minutes", "minute"), "unknown field `minute`"),
        (('"mine"', '"yours"'), "name: 'yours' must be 'mine', as the file is called"),
        (("$n ", "$m "), r"query: \$m is not in \[threshold\]"),
        (("$n ", "3 "), r"threshold.n: the query does not use \$n"),
        (("[threshold]", '[caption]\nq = "such"\n\n[threshold]'), r"caption.q: no sentence has \{q\}"),
        (("{n} of", "{n.sum} of"), "ask: {n.sum}: of many subjects"),
        (("{n.sum}", "{n:money}"), "many: {n:money}: the format is one of"),
        (("n = 3", "n = [3]"), "threshold"),
        (("again = 60", "again = "), "at line 11"),
    ],
    ids=lambda one: one[1] if isinstance(one, tuple) else "",
)
def test_what_is_wrong_is_said_with_file_and_key(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    (tmp_path / "mine.toml").write_text(GOOD.replace(*change, 1))
    with pytest.raises(ConfigError, match=rf"mine\.toml: .*{words}"):
        kinds.load(tmp_path)


@pytest.mark.parametrize(
    "cell",
    [
        "epoch(now())",
        "today ( )",
        "current_date",
        "current_setting('threads')",
        "random()",
        "uuid()",
        "setseed(0.5)",
        "(SELECT count(*) FROM raw.alert)",
        '(SELECT count(*) FROM "raw"."alert")',
        "(SELECT count(*) FROM duckdb_settings())",
        "(SELECT count(*) FROM alert TABLESAMPLE 10%)",
    ],
)
def test_a_query_reads_neither_a_clock_nor_chance_nor_what_comes_later(tmp_path: Path, cell: str) -> None:
    text = GOOD.replace('"SELECT', "'''SELECT").replace('$not_this"', "now()'''")
    (tmp_path / "mine.toml").write_text(text.replace("2 AS m", "'now()' AS m"))
    kinds.load(tmp_path)  # in a text, and in a comment, it says nothing
    (tmp_path / "mine.toml").write_text(text.replace("2 AS m", f"{cell} AS m"))
    with pytest.raises(ConfigError, match=r"mine\.toml: query: .* and nothing else"):
        kinds.load(tmp_path)


def test_all_files_are_complained_of_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text("number = 0\n")
    (tmp_path / "mine.toml").write_text(GOOD)
    (tmp_path / "other.toml").write_text(GOOD.replace('"mine"', '"other"'))
    with pytest.raises(ConfigError) as error:
        kinds.load(tmp_path)
    assert len(error.value.problems) == 3
    assert "other.toml: number: 901 is that of 'mine' already" in error.value.problems[1]


def test_a_file_is_not_too_large_and_a_folder_is_there(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD + "#" * 70_000)
    with pytest.raises(ConfigError, match="a kind has at most"):
        kinds.load(tmp_path)
    with pytest.raises(ConfigError, match="no such folder"):
        kinds.load(tmp_path / "nowhere")


def test_thresholds_are_replaced_by_name() -> None:
    ours = kinds.load()
    got = tuned(ours, {"unacted": {"n": 20, "bound": 0.25}})
    assert got["unacted"].threshold == {**ours["unacted"].threshold, "n": 20, "bound": 0.25}
    assert ours["unacted"].threshold["n"] == 8
    assert got.keys() == ours.keys()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"unactd": {}}, "no such kind of question; did you mean 'unacted'"),
        ({"unacted": {"dayz": 3}}, "unacted.threshold.dayz: unacted has none; did you mean 'days'"),
        ({"unacted": {"days": "many"}}, "unacted.threshold.days: 'many' must be a number"),
        ({"unacted": {"days": True}}, "unacted.threshold.days: True must be a number"),
    ],
    ids=["kind", "name", "text", "flag"],
)
def test_thresholds_that_there_are_not(given: dict[str, dict[str, Any]], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        tuned(kinds.load(), given)
