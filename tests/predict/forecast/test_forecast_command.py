"""`gadfly predict forecast`: a file in, quantiles out."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from gadfly.cli.root import gadfly


def run(*words: str) -> Result:
    return CliRunner().invoke(gadfly, ["predict", "forecast", *words])


@pytest.fixture
def hourly(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    path = tmp_path / "hourly.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["timestamp", "load", "temp"])
        for i in range(300):
            if i % 50 == 7:
                continue
            at = datetime.fromtimestamp(1_700_000_000 + 3600 * i, UTC).isoformat()
            out.writerow([at, 10 + 5 * np.sin(2 * np.pi * i / 24) + rng.normal(0, 0.5), rng.normal()])
    return path


def test_csv(hourly: Path) -> None:
    result = run(str(hourly), "--horizon", "3", "--column", "load", "--column", "temp")
    assert result.exit_code == 0, result.output
    head, *rows = csv.reader(io.StringIO(result.stdout))
    assert head == ["column", "ahead", "timestamp", *(f"0.{i}" for i in range(1, 10))]
    assert [f"{row[0]} {row[1]}" for row in rows] == [
        f"{name} {i}" for name in ("load", "temp") for i in (1, 2, 3)
    ]
    assert rows[0][2] == datetime.fromtimestamp(1_700_000_000 + 3600 * 300, UTC).isoformat()
    assert all(float(a) <= float(b) for row in rows for a, b in itertools.pairwise(row[3:]))


def test_json_finds_the_season(hourly: Path) -> None:
    result = run(str(hourly), "--horizon", "2", "--column", "load", "--json")
    assert result.exit_code == 0, result.output
    (one,) = json.loads(result.stdout)
    assert (one["column"], one["season"], one["step_seconds"]) == ("load", 24, 3600)
    assert [len(each["quantiles"]) for each in one["forecast"]] == [9, 9]


def test_too_little_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("value\n1\n2\n")
    result = run(str(path), "--horizon", "1", "--season", "4")
    assert result.stdout.splitlines()[1] == "value,1,2" + "," * 9
    assert "too little to say" in result.stderr


def test_a_name_does_not_steer_the_terminal_and_small_changes_of_large_numbers_are_seen(
    tmp_path: Path,
) -> None:
    path = tmp_path / "large.csv"
    path.write_text("a\x1b[2Jb\n" + "".join(f"{1e9 + i % 4:.0f}\n" for i in range(40)))
    result = run(str(path), "--horizon", "4", "--season", "4")
    _, *rows = csv.reader(io.StringIO(result.stdout))
    assert rows[0][0] == "a�[2Jb"
    assert len({row[7] for row in rows}) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,b\n1,2\n", "--column"), ("timestamp,value\n1,1\n2,2\n3,3\n9e9,4\n", "too uneven"), ("", "empty")],
    ids=["which column", "uneven", "empty"],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    result = run(str(path), "--horizon", "1")
    assert result.exit_code != 0
    assert message in result.output + str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize("begin", [1_800_000_000_000, 10**18], ids=["milliseconds", "nanoseconds"])
def test_times_that_no_calendar_has_are_numbers_and_doubted(tmp_path: Path, begin: int) -> None:
    path = tmp_path / "far.csv"
    path.write_text("timestamp,value\n" + "".join(f"{begin + i * 300_000},{i % 5}\n" for i in range(100)))
    result = run(str(path), "--horizon", "2")
    assert result.exit_code == 0, result.output
    assert "are these milliseconds?" in result.stderr
    found = [float(row[2]) for row in list(csv.reader(io.StringIO(result.stdout)))[1:]]
    assert found == pytest.approx([begin + 300_000 * i for i in (100, 101)], rel=1e-12)


@pytest.mark.parametrize(
    ("dates", "then"),
    [
        (
            [f"{2006 + i // 12}-{i % 12 + 1:02}-01" for i in range(240)],
            ["2026-01-01", "2026-02-01", "2026-03-01"],
        ),
        (
            [f"{2006 + i // 4}-{('03-31', '06-30', '09-30', '12-31')[i % 4]}" for i in range(81) if i != 40],
            ["2026-06-30", "2026-09-30", "2026-12-31"],
        ),
        (
            [f"{date(2026, 3, 2) + timedelta(days=i)}" for i in range(61) if i % 7 < 5 and i != 17],
            ["2026-05-04", "2026-05-05", "2026-05-06"],
        ),
        (
            [f"{date(2026, 3, 2) + timedelta(days=i)}" for i in range(61)],
            ["2026-05-02", "2026-05-03", "2026-05-04"],
        ),
    ],
    ids=["months", "ends of quarters", "working days", "days"],
)
def test_steps_are_those_of_the_calendar(tmp_path: Path, dates: list[str], then: list[str]) -> None:
    path = tmp_path / "dates.csv"
    path.write_text("ds,y\n" + "".join(f"{one},{10 + i % 4}\n" for i, one in enumerate(dates)))
    result = run(str(path), "--horizon", "3")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert [row[2][:10] for row in csv.reader(io.StringIO(result.stdout))][1:] == then


def test_a_season_is_counted_in_rows_of_working_days(tmp_path: Path) -> None:
    path = tmp_path / "work.csv"
    days = [date(2026, 3, 2) + timedelta(days=i) for i in range(117) if i % 7 < 5]
    path.write_text("ds,y\n" + "".join(f"{one},{100 + 10 * (i % 5)}\n" for i, one in enumerate(days)))
    _, *rows = csv.reader(io.StringIO(run(str(path), "--horizon", "5", "--season", "5").stdout))
    assert [float(row[7]) for row in rows] == pytest.approx(
        [100 + 10 * ((len(days) + i) % 5) for i in range(5)]
    )


@pytest.mark.parametrize("time", ["nan", "inf"])
def test_a_time_that_is_none_is_told(tmp_path: Path, time: str) -> None:
    path = tmp_path / "none.csv"
    path.write_text(f"timestamp,value\n1800000000,1\n{time},2\n1800000120,3\n")
    result = run(str(path), "--horizon", "1")
    assert f"row 2 below the header: {time} is no time" in str(result.exception)


def test_several_series_in_one_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(
        "timestamp,series,value\n" + "".join(f"{60 * (i // 3)},{'abc'[i % 3]},{i % 3}\n" for i in range(60))
    )
    assert "of 40 rows another has the time" in run(str(path), "--horizon", "1").stderr
