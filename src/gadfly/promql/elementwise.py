"""Functions and operators that take each value by itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gadfly.promql.values import Bools, Floats


def maximum(left: Floats, right: Floats) -> Floats:
    """The greater; NaN if one is NaN, but infinity is greater than NaN, and 0 than -0 (as in Go)."""
    zero = (left == 0) & (right == 0)
    greater = np.where(zero, left + right, np.maximum(left, right))
    return np.where((left == np.inf) | (right == np.inf), np.inf, greater)


def minimum(left: Floats, right: Floats) -> Floats:
    """The smaller; NaN if one is NaN, but minus infinity is smaller than NaN, and -0 than 0 (as in Go)."""
    zero = (left == 0) & (right == 0)
    smaller = np.where(zero, -(-left - right), np.minimum(left, right))
    return np.where((left == -np.inf) | (right == -np.inf), -np.inf, smaller)


def rounded(value: Floats, to: Floats) -> Floats:
    """To the nearest multiple; halves upwards."""
    inverse = 1.0 / to
    return np.floor(value * inverse + 0.5) / inverse


def power(base: Floats, exponent: Floats) -> Floats:
    """base ^ exponent. numpy takes an exponent of 0.5 for a square root, which differs for -Inf and -0."""
    result: Floats = np.power(base, exponent)
    odd = (exponent == 0.5) & ((base == -np.inf) | (base == 0))
    return np.where(odd, np.abs(base), result)


FUNCTIONS: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": lambda value: value * 180 / np.pi,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": lambda value: value * np.pi / 180,
    "sgn": lambda value: np.where(value == 0, value, np.sign(value)),  # -0 stays
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}

ARITHMETIC: dict[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": power,
    "atan2": np.arctan2,
}

COMPARISON: dict[str, Callable[[Floats, Floats], Bools]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
