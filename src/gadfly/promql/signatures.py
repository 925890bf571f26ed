"""The functions of PromQL: what they take and give. Names and types are those of Prometheus 2.42."""

from __future__ import annotations

from typing import NamedTuple

from gadfly.promql.tree import Kind


class Signature(NamedTuple):
    """`optional` counts the last arguments that may be left out; -1: the last may come any number of times,
    or not at all."""

    args: tuple[Kind, ...]
    gives: Kind = "vector"
    optional: int = 0


_VECTOR = Signature(("vector",))
_MATRIX = Signature(("matrix",))

ELEMENTWISE = (
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "ceil",
    "cos",
    "cosh",
    "deg",
    "exp",
    "floor",
    "ln",
    "log10",
    "log2",
    "rad",
    "sgn",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
)
DATES = ("day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year")
NATIVE_HISTOGRAM = ("histogram_count", "histogram_fraction", "histogram_sum")

SIGNATURES: dict[str, Signature] = {
    **dict.fromkeys(ELEMENTWISE, _VECTOR),
    **dict.fromkeys(DATES, Signature(("vector",), optional=1)),
    **dict.fromkeys(
        (
            "absent_over_time",
            "avg_over_time",
            "changes",
            "count_over_time",
            "delta",
            "deriv",
            "idelta",
            "increase",
            "irate",
            "last_over_time",
            "max_over_time",
            "min_over_time",
            "present_over_time",
            "rate",
            "resets",
            "stddev_over_time",
            "stdvar_over_time",
            "sum_over_time",
        ),
        _MATRIX,
    ),
    **dict.fromkeys(("absent", "sort", "sort_desc", "timestamp"), _VECTOR),
    "clamp": Signature(("vector", "scalar", "scalar")),
    "clamp_max": Signature(("vector", "scalar")),
    "clamp_min": Signature(("vector", "scalar")),
    "histogram_count": _VECTOR,
    "histogram_fraction": Signature(("scalar", "scalar", "vector")),
    "histogram_quantile": Signature(("scalar", "vector")),
    "histogram_sum": _VECTOR,
    "holt_winters": Signature(("matrix", "scalar", "scalar")),
    "label_join": Signature(("vector", "string", "string", "string"), optional=-1),
    "label_replace": Signature(("vector", "string", "string", "string", "string")),
    "pi": Signature((), "scalar"),
    "predict_linear": Signature(("matrix", "scalar")),
    "quantile_over_time": Signature(("scalar", "matrix")),
    "round": Signature(("vector", "scalar"), optional=1),
    "scalar": Signature(("vector",), "scalar"),
    "time": Signature((), "scalar"),
    "vector": Signature(("scalar",)),
}
