"""Answers in Prometheus' JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.promql import Matrix, Sample, Scalar, Series, String, Vector, instant
from gadfly.promql.format import data_json, seconds
from gadfly.promql.held import Held
from gadfly.promql.number import json_number, shortest
from gadfly.promql.values import Value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Scalar(1500, 2.0), '{"resultType":"scalar","result":[1.500,"2"]}'),
        (Scalar(0, 1e21), '{"resultType":"scalar","result":[0,"1000000000000000000000"]}'),
        (Scalar(0, 1e-7), '{"resultType":"scalar","result":[0,"0.0000001"]}'),
        (String(1000, 'a"b'), '{"resultType":"string","result":[1,"a\\"b"]}'),
        (
            Vector(1000, [Sample({"a": "ü"}, math.inf)]),
            '{"resultType":"vector","result":[{"metric":{"a":"ü"},"value":[1,"+Inf"]}]}',
        ),
        (Vector(0, []), '{"resultType":"vector","result":[]}'),
        (
            Matrix([Series({}, np.array([0, 250]), np.array([1.5, math.nan]))]),
            '{"resultType":"matrix","result":[{"metric":{},"values":[[0,"1.5"],[0.250,"NaN"]]}]}',
        ),
        (Matrix([]), '{"resultType":"matrix","result":[]}'),
    ],
)
def test_data(value: Value, expected: str) -> None:
    assert data_json(value).decode() == expected


@pytest.mark.parametrize(
    ("value", "number", "label"),
    [
        (0.0, "0", "0"), (-0.0, "-0", "-0"), (1e15, "1000000000000000", "1000000000000000"),
        (1e20, "100000000000000000000", "100000000000000000000"), (1e21, "1e+21", "1" + "0" * 21),
        (0.1, "0.1", "0.1"), (1e-5, "0.00001", "0.00001"), (1.5e-6, "0.0000015", "0.0000015"),
        (1e-7, "1e-07", "0.0000001"), (123456.789, "123456.789", "123456.789"), (-1.5, "-1.5", "-1.5"),
        (math.nan, "NaN", "NaN"), (math.inf, "+Inf", "+Inf"), (-math.inf, "-Inf", "-Inf"),
        (5e-324, "5e-324", f"{5e-324:.324f}"), (1.7e308, "1.7e+308", "17" + "0" * 307),
    ],
)  # fmt: skip
def test_numbers_are_written_as_go_writes_them(value: float, number: str, label: str) -> None:
    assert json_number(value) == number
    assert shortest(value) == label
    matrix = Matrix([Series({}, np.array([0, 1000]), np.array([value, 1.25]))])
    assert f'[[0,"{number}"],[1,"1.25"]]' in data_json(matrix).decode()


@given(st.lists(st.floats(), min_size=1))
def test_every_number_comes_back(values: list[float]) -> None:
    at = np.arange(len(values)) * 1000
    text = data_json(Matrix([Series({"a": "b"}, at, np.array(values))]))
    points = json.loads(text)["result"][0]["values"]
    assert [when for when, _value in points] == list(range(len(values)))
    assert np.array_equal([float(value) for _when, value in points], values, equal_nan=True)


def test_a_range_selector_is_answered_with_its_samples() -> None:
    held = Held.load("m 1 _ 3 stale", 15_000)
    answer = json.loads(data_json(instant(held, "m[1m]", 60_000)))
    assert answer == {
        "resultType": "matrix",
        "result": [{"metric": {"__name__": "m"}, "values": [[0, "1"], [30, "3"]]}],
    }


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0"), (1, "0.001"), (1050, "1.050"), (-1500, "-1.500"), (2000, "2")]
)
def test_seconds(ms: int, text: str) -> None:
    assert seconds(ms) == text


def test_a_text_is_answered_with_itself() -> None:
    assert data_json(instant(Held([]), '"so"', 1000)) == b'{"resultType":"string","result":[1,"so"]}'
