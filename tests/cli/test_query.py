"""`gadfly query`: what series are, how they went, and what a program reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

UP = {"metric": {"__name__": "up", "job": "a"}, "value": [100, "0.5"]}
SUM = {"metric": {}, "value": [100, "12345.678"]}


def gives(node: Any, path: str, kind: str, result: Any) -> None:
    node.gives(path, {"status": "success", "data": {"resultType": kind, "result": result}})


@pytest.mark.parametrize(
    ("kind", "result", "code", "printed"),
    [
        ("vector", [UP, SUM], 0, '0.5      up{job="a"}\n12345.7  {}\n'),
        ("vector", [], 1, "no series has a sample there\n"),
        ("scalar", [100, "2"], 0, "2\n"),
        ("string", [100, "a\x1b[2Jb"], 0, "a�[2Jb\n"),
    ],
)
def test_now(gadfly: Any, node: Any, kind: str, result: Any, code: int, printed: str) -> None:
    gives(node, "query", kind, result)
    got, out, _ = gadfly("query", "up", "--at", "100")
    assert (got, out) == (code, printed)
    assert parse_qs(urlsplit(node.asked[-1][1]).query) == {"query": ["up"], "time": ["100.000"]}


def test_the_samples_of_a_range_selector(gadfly: Any, node: Any) -> None:
    gives(node, "query", "matrix", [{"metric": UP["metric"], "values": [[0, "1"], [15, "NaN"]]}])
    _, out, _ = gadfly("query", "up[1m]")
    assert out.splitlines()[0] == 'up{job="a"}'
    assert [line.split()[-1] for line in out.splitlines()[1:]] == ["1", "NaN"]


def test_a_range_is_a_plot(gadfly: Any, node: Any) -> None:
    values = [[n, str(n)] for n in range(0, 3601, 30)]
    gives(node, "query_range", "matrix", [{"metric": UP["metric"], "values": values}] * 9)
    code, out, _ = gadfly("query", "up", "--range", "1h", "--step", "30s", "--at", "3600")
    assert code == 0
    assert out.startswith('up{job="a"}\n3600 │')
    assert "█" in out
    assert out.endswith("\n1 more series; choose with labels, or aggregate\n")
    asked = parse_qs(urlsplit(node.asked[-1][1]).query)
    assert (asked["start"], asked["end"], asked["step"]) == (["0.000"], ["3600.000"], ["30.000"])


def test_a_program_reads_prometheus_json(gadfly: Any, node: Any) -> None:
    gives(node, "query", "vector", [UP])
    _, out, _ = gadfly("query", "up", "--json")
    assert json.loads(out) == {"status": "success", "data": {"resultType": "vector", "result": [UP]}}


def test_an_error_is_one_line(gadfly: Any, node: Any) -> None:
    refused = {"status": "error", "errorType": "bad_data", "error": "1:5: parse error: unexpected end"}
    node.gives("query", refused, status=400)
    code, _, err = gadfly("query", "sum(")
    assert (code, err) == (3, "gadfly: 1:5: parse error: unexpected end\n")


def test_a_step_is_for_a_range(gadfly: Any) -> None:
    code, _, err = gadfly("query", "up", "--step", "30s")
    assert code == 3
    assert "--range" in err


def test_samples_become_a_file(gadfly: Any, node: Any, tmp_path: Path) -> None:
    node.gives("export", {"what": "the node sends"})
    path = tmp_path / "up.parquet"
    code, out, _ = gadfly("query", "up", "--range", "1d", "--at", "90000", "--parquet", str(path))
    assert code == 0
    assert json.loads(path.read_bytes()) == {"what": "the node sends"}
    assert out == f"{path}: {path.stat().st_size} bytes\n"
    asked = parse_qs(urlsplit(node.asked[-1][1]).query)
    assert asked == {"match[]": ["up"], "start": ["3600.000"], "end": ["90000.000"]}
    assert gadfly("query", "up", "--parquet", str(path), "--json")[0] == 3
    assert gadfly("query", "--sql", "SELECT 1", "--parquet", str(path))[0] == 3
