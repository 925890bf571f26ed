"""Values as Go's templates know them: how they are written, compared and formatted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gadfly.errors import GadflyError


class TemplateError(GadflyError):
    """A template that cannot be parsed, or not be written for this data."""


class Vague(dict[str, str]):
    """A map of labels: what is not there is empty, and no error."""

    def __missing__(self, name: str) -> str:
        return ""


def number(value: float) -> str:
    """As Go writes a float64 with %v: the shortest digits, an exponent from a million on."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    sign, digits, exponent = _digits(value)
    if not -4 <= exponent < 6:
        text = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
        return f"{sign}{text}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    rest = digits[exponent + 1 :]
    return f"{sign}{whole}.{rest}" if rest else sign + whole


def _digits(value: float) -> tuple[str, str, int]:
    """Sign, significant digits, and the exponent of the first."""
    mantissa, _, exponent = f"{value!r}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, rest = mantissa.lstrip("-").partition(".")
    both = whole + ("" if rest == "0" else rest)
    first = len(whole) - 1 + int(exponent or 0)
    stripped = both.lstrip("0")
    if not stripped:
        return sign, "0", 0
    first -= len(both) - len(stripped)
    return sign, stripped.rstrip("0") or "0", first


def show(value: object) -> str:
    """As Go's fmt.Print writes it."""
    match value:
        case None:
            return "<no value>"
        case bool():
            return "true" if value else "false"
        case float():
            return number(value)
        case Mapping():
            return "map[" + " ".join(f"{name}:{show(value[name])}" for name in sorted(value)) + "]"
        case list() | tuple():
            return "[" + " ".join(map(show, value)) + "]"
        case _:
            return str(value)


def character(code: int) -> str:
    """The character of a code point; as in Go, U+FFFD for what is none."""
    return chr(code) if 0 <= code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd"


def truth(value: object) -> bool:
    """What `if` takes for true: anything that is not zero or empty."""
    return bool(value)


def significant(value: float, suffix: str = "") -> str:
    """`%.4g`."""
    if math.isnan(value) or math.isinf(value):
        return number(value) + suffix
    return f"{value:.4g}{suffix}"


def sort_of(value: object) -> str:
    """Which values may be compared with each other."""
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case str():
            return "string"
        case _:
            return "other"


def compare(left: object, right: object) -> int:
    """-1, 0 or 1. TemplateError where Go would not compare them: a float and a whole number, say."""
    kinds = sort_of(left), sort_of(right)
    if kinds[0] != kinds[1]:
        raise TemplateError(f"incompatible types for comparison ({kinds[0]} and {kinds[1]})")
    if kinds[0] == "other":
        raise TemplateError("invalid type for comparison")
    a: Any = left
    b: Any = right
    return 2 if a != a or b != b else (a > b) - (a < b)  # 2: NaN, which is neither
