"""Many tests at once: which of them to believe."""

from __future__ import annotations

from typing import Any


def discoveries(rows: list[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    """Those of the rows that Benjamini and Hochberg (1995) keep, so that at most this share of them is false.

    The column `p` holds each one's probability under chance (None: not tested, and not kept); `tests` how
    many tests were made, where the query returns only the promising ones (empty: as many as there are rows).
    """
    order = sorted((row for row in rows if row.get("p") is not None), key=lambda row: float(row["p"]))
    size = max([len(order), *(row["tests"] for row in order if row.get("tests") is not None)])
    last = max((i for i, row in enumerate(order, 1) if row["p"] <= share * i / size), default=0)
    return order[:last]
