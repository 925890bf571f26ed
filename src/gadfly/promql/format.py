"""An answer in the JSON of Prometheus' HTTP API: the object under `data`."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from gadfly.promql.number import json_number, shortest
from gadfly.promql.values import Matrix, Scalar, String, Value, Vector

_ENCODER = msgspec.json.Encoder()


def data_json(value: Value) -> bytes:
    """``{"resultType": …, "result": …}``. Times are seconds, values are texts, as Prometheus has them."""
    if isinstance(value, Matrix):
        return _data("matrix", f"[{','.join(_matrix(value))}]")
    at = seconds(value.at)
    if isinstance(value, Vector):
        samples = [
            f'{{"metric":{_text(one.labels)},"value":[{at},"{json_number(one.value)}"]}}'
            for one in value.samples
        ]
        return _data("vector", f"[{','.join(samples)}]")
    if isinstance(value, Scalar):
        return _data("scalar", f'[{at},"{shortest(value.value)}"]')
    assert isinstance(value, String)
    return _data("string", f"[{at},{_text(value.value)}]")


def _matrix(matrix: Matrix) -> Iterator[str]:
    times: NDArray[np.int64] | None = None
    openings: list[str] = []
    for one in matrix.series:
        if one.at is not times:  # most series of an answer share the steps
            times, openings = one.at, [f'[{seconds(at)},"' for at in one.at.tolist()]
        points = '"],'.join(map(operator.add, openings, _numbers(one.value.tolist())))
        yield f'{{"metric":{_text(one.labels)},"values":[{points}"]]}}'


def _data(kind: str, result: str) -> bytes:
    return f'{{"resultType":"{kind}","result":{result}}}'.encode()


def _numbers(values: list[float]) -> list[str]:
    """Each value as text. The encoder finds shortest digits ten times as fast as `repr`; what it writes in
    another way than Go (exponents, infinity, NaN) is written anew."""
    text = _ENCODER.encode(values).decode()[1:-1]
    numbers = f"{text},".replace(".0,", ",").split(",")[:-1]
    if "e" in text or "n" in text:
        return [
            json_number(value) if "e" in number or number == "null" else number
            for number, value in zip(numbers, values, strict=True)
        ]
    return numbers


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def seconds(ms: int) -> str:
    """Milliseconds as seconds: whole, or with three decimals."""
    whole, rest = divmod(abs(ms), 1000)
    return f"{'-' if ms < 0 else ''}{whole}{f'.{rest:03d}' if rest else ''}"
