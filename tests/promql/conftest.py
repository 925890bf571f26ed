"""`ask`: series in promtool's notation, an expression, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gadfly.promql import Matrix, Scalar, Vector, instant, range_query
from gadfly.promql.held import Held
from gadfly.promql.source import Labels

Answer = dict[str, float]


def named(labels: Labels) -> str:
    """A label set as people write it; `{}` for none."""
    rest = ",".join(f'{name}="{labels[name]}"' for name in sorted(labels) if name != "__name__")
    name = labels.get("__name__", "")
    return f"{name}{{{rest}}}" if rest or not name else name


@pytest.fixture
def ask() -> Callable[..., Answer]:
    """`ask(series, expression, at)`: samples stand each 60 s from 0 on; `at` in seconds."""

    def asked(series: str, expression: str, at: float = 600, interval: int = 60) -> Answer:
        value = instant(Held.load(series, interval * 1000), expression, int(at * 1000))
        if isinstance(value, Scalar):
            return {"": value.value}
        assert isinstance(value, Vector)
        return {named(one.labels): one.value for one in value.samples}

    return asked


@pytest.fixture
def ask_range() -> Callable[..., dict[str, list[tuple[float, float]]]]:
    """`ask_range(series, expression, start, end, step)`: all in seconds; (time, value) of each series."""

    def asked(
        series: str, expression: str, start: float, end: float, step: float, interval: int = 60
    ) -> dict[str, list[tuple[float, float]]]:
        held = Held.load(series, interval * 1000)
        value = range_query(held, expression, int(start * 1000), int(end * 1000), int(step * 1000))
        assert isinstance(value, Matrix)
        return {
            named(one.labels): list(zip((one.at / 1000).tolist(), one.value.tolist(), strict=True))
            for one in value.series
        }

    return asked
