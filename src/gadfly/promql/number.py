"""A number as text, as Go writes it."""

from __future__ import annotations

import math
from decimal import Decimal


def shortest(value: float) -> str:
    """The shortest digits that give this number back, without an exponent: Go's FormatFloat(v, 'f', -1).

    So Prometheus writes a label of count_values, and a scalar.
    """
    if not math.isfinite(value):
        return "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def json_number(value: float) -> str:
    """A series' value in Prometheus' JSON: like `shortest`; with an exponent below 1e-6 and from 1e21."""
    text = repr(value)
    if text.endswith(".0"):
        return text[:-2]
    if text[-1] in "fn" or "e" in text:
        if math.isfinite(value) and not 1e-6 <= abs(value) < 1e21:
            return text  # Python and Go write at least two digits of exponent alike
        return shortest(value)
    # Python turns to exponents below 1e-4 already; those were dealt with above
    return text
