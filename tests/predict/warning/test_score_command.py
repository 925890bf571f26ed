"""`gadfly predict score`: a file in, a score a point out."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gadfly.cli.root import run
from gadfly.predict.warning import Detector, scores

N = 300


@pytest.fixture
def file(tmp_path: Path) -> Path:
    values = np.random.default_rng(3).normal(size=N)
    values[250] = 90
    times = [f"2014-04-{1 + i // 96:02d} {i // 4 % 24:02d}:{15 * (i % 4):02d}:00" for i in range(N)]
    lines = [f"{time},{value}" for time, value in zip(times, values, strict=True)]
    lines[7] = lines[7].split(",")[0] + ","
    path = tmp_path / "load.csv"
    path.write_text("\n".join(["timestamp,value", *lines, ""]))
    return path


def test_each_point_has_its_score(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "score", str(file)]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == "timestamp,value,anomaly_score"
    assert len(lines) == N
    assert lines[7].startswith("2014-04-01 01:45:00,nan,0.0")
    got = [float(line.split(",")[2]) for line in lines]
    assert got[250] >= 0.5
    assert max(got[:250]) < 0.5


def test_lines_are_printed_as_they_are_known(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[int] = []
    printed: list[int] = []
    take = Detector.take

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            printed.append(len(known))
            return super().write(text)

    def counted(self: Detector, *arrays: Any) -> Any:
        known.append(1)
        return take(self, *arrays)

    monkeypatch.setattr(Detector, "take", counted)
    monkeypatch.setattr("sys.stdout", Watched())
    assert run(["predict", "score", str(file)]) == 0
    assert {0, 1, N // 2, N} <= set(printed)


def test_json_tells_what_was_strange(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "score", str(file), str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["column"] for one in told] == ["value", "value"]
    assert told[0] == told[1]
    assert [one["timestamp"] for one in told[0]["alarms"]] == ["2014-04-03 14:30:00"]
    assert told[0]["alarms"][0]["why"] in {"high", "jump"}
    assert len(told[0]["scores"]) == N


def test_several_files_stand_in_front(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "score", str(file), str(file)]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head == "file,timestamp,value,anomaly_score"
    assert first.startswith(f"{file},2014-04-01 00:00:00,")


def test_parquet_is_read_as_csv_is(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    duckdb = pytest.importorskip("duckdb")
    other = tmp_path / "load.parquet"
    duckdb.execute(f"COPY (SELECT * FROM read_csv('{file}')) TO '{other}' (FORMAT parquet)")
    printed = []
    for path in (file, other):
        assert run(["predict", "score", str(path)]) == 0
        printed.append([line.split(",")[2] for line in capsys.readouterr().out.splitlines()])
    assert printed[0] == printed[1]


def test_times_with_a_zone_are_read_from_parquet(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "zone.parquet"
    rows = 'to_timestamp(1700000000 + range * 3600) AS timestamp, random() AS "a ""b"'
    duckdb.execute(f"COPY (SELECT {rows} FROM range(100)) TO '{path}' (FORMAT parquet)")
    assert run(["predict", "score", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("2023-11-14 22:13:20,")


def test_a_larger_budget_tells_more(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = []
    for budget in ("0.001", "500"):
        assert run(["predict", "score", str(file), "--budget", budget, "--json"]) == 0
        counts.append(len(json.loads(capsys.readouterr().out)[0]["alarms"]))
    assert counts[0] < counts[1]


@pytest.mark.parametrize(
    ("text", "asked", "why"),
    [
        ("timestamp,value\n1,1\nnan,4\n", [], "row 2"),
        ("", [], "empty"),
        ("timestamp,value\n", [], "no row"),
        ("timestamp,value\n1,2\n3\n", [], "line 3 has 1 cells"),
        ("timestamp,value\n1,2\n3,four\n", [], "row 2"),
        ("timestamp,value\nyesterday,4\n", [], "row 1"),
        ("timestamp,a,b\n1,2,3\n", [], "choose one by --column"),
        ("timestamp,a,b\n1,2,3\n", ["--column", "c"], "there are timestamp, a, b"),
        ("timestamp,word\n1,x\n", [], "none"),
    ],
    ids=[
        "nan time",
        "empty",
        "header only",
        "short line",
        "no number",
        "no time",
        "two columns",
        "no column",
        "words",
    ],
)
def test_a_file_that_is_none_says_so(
    text: str, asked: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    assert run(["predict", "score", str(path), *asked]) == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize("budget", ["nan", "inf", "0"])
def test_a_budget_is_a_number(budget: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "score", str(file), "--budget", budget]) == 3
    assert "'--budget'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["gone.csv", "gone.parquet"])
def test_a_file_that_is_not_there(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "score", str(tmp_path / name)]) == 2
    assert "No such file" in capsys.readouterr().err


def test_no_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "no.parquet"
    path.write_text("no")
    assert run(["predict", "score", str(path)]) == 2
    assert "not Parquet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("value\n1\n2\n", []),
        ("ds,y,other\n2024-01-01,1,5\n2024-01-02,2,6\n", []),
        ("when,temp\n2024-01-01T00:00Z,1\n2024-01-01T01:00Z,2\n", []),
        ("time,a,b\n0,5,1\n60,5,2\n", ["--column", "b"]),
    ],
    ids=["no times", "preferred name", "first column", "asked for"],
)
def test_the_column_is_found(
    text: str, asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.csv"
    path.write_text(text)
    assert run(["predict", "score", str(path), *asked]) == 0
    assert [line.split(",")[1] for line in capsys.readouterr().out.splitlines()[1:]] == ["1.0", "2.0"]


def test_numbers_from_nowhere_cost_nothing() -> None:
    assert len(scores(np.zeros(0), np.zeros(0)).score) == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('value\n"' + "x" * 200_000 + '"\n', "is a quotation mark not closed?"),
        ("value\n" + "1" * 1_000_001, "a line of more than 1,000,000 characters"),
        ("value\n\udcff", "not UTF-8"),
    ],
    ids=["cell", "line", "bytes"],
)
def test_what_is_no_csv_says_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    path = tmp_path / "no.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert run(["predict", "score", str(path)]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err) < 1000


def test_how_far_it_is_and_times_that_are_hardly_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.cli.predict.score.EVERY", 2)
    path = tmp_path / "far.csv"
    path.write_text("timestamp,value\n" + "".join(f"{1_800_000_000_000 + i},1\n" for i in range(5)))
    assert run(["predict", "score", str(path)]) == 0
    told = capsys.readouterr()
    assert "2 of 5 points" in told.err
    assert "4 of 5 points" in told.err
    assert "are these milliseconds?" in told.err
    assert len(told.out.splitlines()) == 6
