"""A folder of files becomes facts, or an error that says file, line, column and what is expected."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.ask import folder, reading
from gadfly.ask.cell import parse
from gadfly.ask.facts import TABLES
from gadfly.ask.table import Column, Sort
from gadfly.ask.world import World
from gadfly.errors import FormatError, LimitError

CHECK = TABLES["check"]
AT = 1_709_280_000.0  # 2024-03-01T08:00:00Z


def read(path: Path) -> dict[str, dict[str, list[Any]]]:
    tables: dict[str, dict[str, list[Any]]] = {}
    for table, columns in folder.read(path):
        for name, values in columns.items():
            tables.setdefault(table, {}).setdefault(name, []).extend(values)
    return tables


def test_three_forms_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "check.csv").write_text("name,threshold,pages,since\na,9.5,true,2024-03-01T08:00:00Z\n")
    (tmp_path / "check.jsonl").write_text(
        '{"name": "b", "since": 1709280000, "pages": false}\n\n{"name": "c"}\n'
    )
    with duckdb.connect() as db:
        db.execute(
            "COPY (SELECT 'd' AS name, 3::DECIMAL(5,1) AS threshold, true AS pages,"
            f" TIMESTAMPTZ '2024-03-01 08:00:00Z' AS since) TO '{tmp_path}/check.parquet'"
        )
    (tmp_path / ".hidden").write_text("nothing of ours")
    with World(threads=1) as world:
        assert world.folder(tmp_path) == {"check": 4}
        world.at(AT)
        rows = world.ask('SELECT name, threshold, pages, since FROM "check" ORDER BY name')
    assert [tuple(row.values()) for row in rows] == [
        ("a", 9.5, True, AT), ("b", None, False, AT), ("c", None, None, None), ("d", 3, True, AT),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column", "text", "value"),
    [
        ("check", "name", '"a ""b"", c"', 'a "b", c'),
        ("check", "name", '""', None),
        ("check", "threshold", " 1e3 ", 1000.0),
        ("check", "pages", "Yes", True),
        ("check", "pages", "0", False),
        ("check", "pages", "f", False),
        ("check", "since", "2024-03-01T09:00:00+01:00", AT),
        ("check", "since", "1709280000", AT),
        ("sample_daily", "day", "2024-03-01", 19_783),
        ("sample_daily", "day", "19783", 19_783),
        ("action", "touched", "a;b", ["a", "b"]),
        ("action", "touched", '"[""a;b"", ""c""]"', ["a;b", "c"]),
        ("action", "touched", "[]", []),
        ("action", "targets", "7.0", 7),
    ],
)
def test_cells_of_csv(tmp_path: Path, table: str, column: str, text: str, value: object) -> None:
    (tmp_path / f"{table}.csv").write_text(f"{column}\n{text}\n")
    assert read(tmp_path) == {table: {column: [value]}}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "check.csv",
            "name,thresold\n",
            r"check.csv:1: 'check' has no column 'thresold'; did you mean 'threshold'\?",
        ),
        ("check.csv", "", "check.csv:1: a line with the names"),
        ("check.csv", "name,name\n", "check.csv:1: a column is named twice"),
        (
            "check.csv",
            "name,threshold\na,1\nb,high\n",
            "check.csv:3: threshold: 'high'; expected is a number",
        ),
        ("check.csv", "name,threshold\na,nan\n", "check.csv:2: threshold: 'nan'; expected is a number"),
        ("check.csv", "name,threshold\n\n\na\n", "check.csv:4: 1 values; line 1 names 2 columns"),
        ("check.csv", 'name,threshold\n"a\nb",1\n"c,2\n', "check.csv:4: unexpected end of data"),
        ("check.csv", b"name\n\xff\n", "check.csv: it is not UTF-8"),
        ("alert.csv", "started\n2024-03-01T08:00:00\n", "alert.csv:2: started: .*with Z or an offset"),
        ("alert.csv", "started\n1709280000000\n", "alert.csv:2: started: .*seconds since 1970"),
        ("alert.csv", "page\nmaybe\n", "alert.csv:2: page: 'maybe'; expected is true or false"),
        ("sample_daily.csv", "day\n1709280000\n", "sample_daily.csv:2: day: .*days since 1970"),
        ("check.csv", "name\n" + "a" * 5_000, "check.csv:2: name: .*a text of at most 4,096 characters"),
        ("action.csv", "touched\n" + "a;" * 3_000, "action.csv:2: touched: .*a list of texts"),
        ("action.jsonl", '{"touched": {"a": 1}}', "action.jsonl:1: touched: .*a list of texts"),
        ("action.csv", "targets\n1.5\n", "action.csv:2: targets: '1.5'; expected is a whole number"),
        ("action.jsonl", '{"touched": ["a", 1]}', "action.jsonl:1: touched: .*a list of texts"),
        ("check.jsonl", '{"name": "a"}\n{"name": 7}', "check.jsonl:2: name: '7'; expected is a text"),
        ("check.jsonl", '{"threshold": true}', "check.jsonl:1: threshold: 'True'; expected is a number"),
        ("check.jsonl", '\n["name"]', "check.jsonl:2: a JSON object is expected"),
        (
            "check.jsonl",
            '{"name": "a"}\n{"name": ' + "[" * 60_000,
            "check.jsonl:2: a JSON object is expected",
        ),
        ("check.jsonl", '{"nme": 1}', "check.jsonl:1: 'check' has no column 'nme'; did you mean 'name'"),
        ("check.jsonl", "{}", "check.jsonl:1: an object without any column"),
        ("check.parquet", "no", "check.parquet: .*Parquet"),
        ("chek.csv", "name\n", "there is no table 'chek'; did you mean 'check'"),
        ("check.txt", "name\n", "TABLE.csv, TABLE.jsonl or TABLE.parquet is expected"),
        ("readme", "", "TABLE.csv, TABLE.jsonl or TABLE.parquet is expected"),
    ],
)
def test_errors_say_where_and_what(tmp_path: Path, name: str, text: str | bytes, words: str) -> None:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FormatError, match=words):
        read(tmp_path)


def test_a_time_of_parquet_needs_a_zone(tmp_path: Path) -> None:
    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT TIMESTAMP '2024-03-01 08:00:00' AS since) TO '{tmp_path}/check.parquet'")
    with pytest.raises(FormatError, match="since is of type TIMESTAMP; expected is a time"):
        read(tmp_path)


def test_of_a_folder_with_an_error_nothing_is_taken(tmp_path: Path) -> None:
    (tmp_path / "check.csv").write_text("name\na\n")
    (tmp_path / "owner.csv").write_text("name,members\na,many\n")
    with World(threads=1) as world:
        world.rows("check", [{"name": "mine"}])
        with pytest.raises(FormatError, match=r"owner\.csv:2"):
            world.folder(tmp_path)
        assert world.ask('SELECT name FROM "check"') == [{"name": "mine"}]
        (tmp_path / "owner.csv").unlink()
        assert world.folder(tmp_path) == {"check": 1}
        assert len(world.ask('SELECT name FROM "check"')) == 2


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "check.csv").mkdir()
    with pytest.raises(FormatError, match="a file called"):
        read(tmp_path)


def test_parquet_is_checked_cell_by_cell(tmp_path: Path) -> None:
    with duckdb.connect() as db:
        db.execute("CREATE TYPE tone AS ENUM ('critical')")
        db.execute(
            "COPY (SELECT 'critical'::tone AS severity, 7::SMALLINT AS interval, DATE '2024-03-01' AS since)"
            f" TO '{tmp_path}/check.parquet'"
        )
    with pytest.raises(FormatError, match="since is of type DATE; expected is a time"):
        read(tmp_path)
    with duckdb.connect() as db:
        db.execute(
            "COPY (SELECT DATE '2024-03-01' AS day, 'c' AS check, 0.5::FLOAT AS near UNION ALL"
            f" SELECT DATE '2024-03-02', 'c', 'nan') TO '{tmp_path}/sample_daily.parquet'"
        )
    (tmp_path / "check.parquet").unlink()
    with pytest.raises(FormatError, match=r"sample_daily\.parquet:2: near: 'nan'; expected is a number"):
        read(tmp_path)


CELLS = {
    "text": ("name", "VARCHAR", ["'a'", "''", "NULL", "repeat('ä', 4096)", "repeat('a', 4097)", "chr(0)"]),
    "number": ("threshold", "DOUBLE", ["1.5", "NULL", "'nan'", "'inf'", "1e300"]),
    "flag": ("pages", "BOOLEAN", ["true", "false", "NULL"]),
    "time": ("since", "DOUBLE", ["1709280000", "-1", "NULL", "1709280000000", "'nan'", "1e11", "-2e11"]),
    "integer": (
        "members",
        "DOUBLE",
        ["7", "7.5", "NULL", "2::DOUBLE**53", "2::DOUBLE**54", "'inf'", "'nan'"],
    ),
    "day": ("day", "DOUBLE", ["19783", "-1e6", "1000001", "1.5", "NULL", "'nan'"]),
    "list": (
        "touched",
        "VARCHAR[]",
        [
            *("['a', 'b']", "[]", "NULL", "['a', NULL]", "['']", "[chr(0)]"),
            *("[repeat('a', 4000), repeat('b', 96)]", "[repeat('a', 4000), repeat('b', 97)]"),
        ],
    ),
}
TABLE_OF = {"integer": "owner", "day": "sample_daily", "list": "action"}


@pytest.mark.parametrize(
    ("sort", "cell"), [(sort, cell) for sort, (_, _, cells) in CELLS.items() for cell in cells]
)
def test_columns_of_parquet_take_what_a_cell_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sort: str, cell: str
) -> None:
    name, kind, _ = CELLS[sort]
    table = TABLE_OF.get(sort, "check")
    with duckdb.connect() as db:
        rows = f"SELECT ({cell})::{kind} AS {name} UNION ALL SELECT NULL"
        db.execute(f"COPY ({rows}) TO '{tmp_path}/{table}.parquet'")
        ((value,),) = db.execute(f"SELECT ({cell})::{kind}").fetchall()
    column = TABLES[table].column(name)
    assert column is not None
    try:
        expected = parse(value, column.sort)
    except (ValueError, OverflowError):
        with pytest.raises(FormatError, match=rf"{table}\.parquet:1: {name}: "):
            read(tmp_path)
        return
    monkeypatch.setattr(folder, "parsed", None)  # it is not needed
    with World(threads=1) as world:
        assert world.folder(tmp_path) == {table: 2}
        found = world.ask(f'SELECT {name} AS x FROM raw."{table}" ORDER BY x NULLS LAST')
    assert [one["x"] for one in found] == [expected, None]


def test_parquet_comes_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "PART", 3)
    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT 'c' || i AS name FROM range(10) r(i)) TO '{tmp_path}/check.parquet'")
    parts = [columns["name"].tolist() for _, columns in folder.read(tmp_path)]
    assert parts == [["c0", "c1", "c2"], ["c3", "c4", "c5"], ["c6", "c7", "c8"], ["c9"]]
    monkeypatch.setattr(folder, "MOST_ROWS", 9)
    with pytest.raises(LimitError, match="more than 9 rows"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("sort", "cells"),
    [
        ("text", ["a", "", None, "ä" * 4096]),
        ("number", ["1_000", "2"]),
        ("number", [" 1e3 ", 2, 2.5, None, ""]),
        ("integer", ["7", " 8 ", 9, None, ""]),
        ("integer", ["7.0", 2**53]),
        ("integer", ["7_0"]),
        ("integer", [True]),
        ("day", ["2024-03-01"]),
        ("day", ["1000001"]),
        ("text", ["a", 7]),
        ("flag", ["true", " Yes ", "0", "", None, False, "true"]),
        ("flag", [True, 1, 0]),
        ("flag", ["true", "maybe"]),
        ("text", ["a\x00"]),
        ("text", ["a" * 4097]),
    ],
)
def test_many_cells_at_once_are_what_each_alone_is(sort: Sort, cells: list[Any]) -> None:
    column = Column("x", sort, "")

    def at_once() -> object:
        try:
            return reading.parsed([column], [tuple(cells)], list(range(len(cells))), "f")["x"]
        except FormatError:
            return None

    def one_by_one() -> object:
        try:
            return [parse(cell, sort) for cell in cells]
        except ValueError:
            return None

    assert at_once() == one_by_one()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no such folder"):
        read(tmp_path / "nowhere")


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "check.csv").write_text("name\n" + "a\n" * 9)
    monkeypatch.setattr(reading, "MOST_ROWS", 8)
    with pytest.raises(LimitError, match="more than 8 rows"):
        read(tmp_path)
    monkeypatch.setattr(folder, "LARGEST", 10)
    with pytest.raises(LimitError, match="23 bytes; a file has at most 10"):
        read(tmp_path)
    (tmp_path / "check.csv").write_text("name\n" + "a" * 70_000)
    monkeypatch.setattr(folder, "LARGEST", 100_000)
    with pytest.raises(LimitError, match=r"check\.csv:2: a line has at most"):
        read(tmp_path)


def test_many_rows_come_in_parts_and_lines_are_still_right() -> None:
    count = reading.CHUNK + 5
    lines = ["name,threshold\n", *(f"c{i},{i}\n" for i in range(count))]
    parts = list(reading.rows(CHECK, lines, "csv", "x"))
    assert [len(one["name"]) for one in parts] == [reading.CHUNK, 5]
    assert parts[1]["threshold"][-1] == count - 1
    with pytest.raises(FormatError, match=f"x:{count + 2}: threshold"):
        list(reading.rows(CHECK, [*lines, "z,?\n"], "csv", "x"))


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
facts = st.fixed_dictionaries({"name": texts, "threshold": numbers, "pages": st.none() | st.booleans()})


@given(st.lists(facts, min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read(rows: list[dict[str, Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["name", "threshold", "pages"])
    writer.writeheader()
    writer.writerows(rows)
    expected = {name: [row[name] if row[name] != "" else None for row in rows] for name in rows[0]}
    (got,) = reading.rows(CHECK, io.StringIO(text.getvalue(), newline=""), "csv", "x")
    assert got == expected
    lines = [json.dumps(row) + "\n" for row in rows]
    (got,) = reading.rows(CHECK, lines, "jsonl", "x")
    assert got == expected


@given(st.text(max_size=200), st.sampled_from(["csv", "jsonl"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(text: str, form: Any) -> None:
    for head in ("", "name,threshold,since,pages\n", '{"name":'):
        with contextlib.suppress(FormatError, LimitError):
            list(reading.rows(CHECK, io.StringIO(head + text, newline=""), form, "x"))
