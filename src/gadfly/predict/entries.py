"""Predictions and their resolutions as entries of the ledger. Pure.

What is told is an entry by itself, with all that it rests on. What is only written down to be scored shares
one with others, so that a thousand disks do not fill the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gadfly.ledger.entry import Entry, rfc3339
from gadfly.predict.resolve import Resolution
from gadfly.store.predictions import Row

TOGETHER = 100
"""Predictions that share one entry: with 300 bytes each it has half of what one may have."""
LONGEST = 300
"""Characters of a series' name."""
WHO = "node"


def foretold(rows: Sequence[Row], now: float, fit: Callable[[str], str]) -> tuple[list[Entry], list[int]]:
    """Entries for predictions just made, and for each of them the place of its entry.

    `fit` hashes mail addresses in what a sender chose.
    """
    entries: list[Entry] = []
    places = [0] * len(rows)
    for index, row in enumerate(rows):
        if row.told:
            places[index] = len(entries)
            body = {"event": "foretold", "told": True, **_of(row, fit), "evidence": _fit(row.evidence, fit)}
            entries.append(_entry("prediction", [row], body, now))
    others = [index for index, row in enumerate(rows) if not row.told]
    for start in range(0, len(others), TOGETHER):
        part = others[start : start + TOGETHER]
        for index in part:
            places[index] = len(entries)
        body = {"event": "foretold", "told": False, "predictions": [_of(rows[index], fit) for index in part]}
        entries.append(_entry("prediction", [rows[index] for index in part], body, now))
    return entries, places


def resolved(found: Sequence[tuple[Row, Resolution]], now: float, fit: Callable[[str], str]) -> list[Entry]:
    """Entries for predictions whose time has come."""
    entries = []
    told = [one for one in found if one[0].told]
    others = [one for one in found if not one[0].told]
    for row, resolution in told:
        body = {"event": "resolved", "told": True, **_became(row, resolution, fit)}
        entries.append(_entry("resolution", [row], body, now))
    for start in range(0, len(others), TOGETHER):
        part = others[start : start + TOGETHER]
        became = [_became(row, resolution, fit) for row, resolution in part]
        body = {"event": "resolved", "told": False, "predictions": became}
        entries.append(_entry("resolution", [row for row, _ in part], body, now))
    return entries


def demoted(name: str, silent: bool, why: str, owner: str, now: float) -> Entry:
    """A predictor fell silent, or speaks again."""
    about = (f"prediction:{name}", *([f"owner:{owner}"] if owner else []))
    body = {"event": "falls silent" if silent else "speaks again", "predictor": name, "why": why}
    return Entry(kind="prediction", who=WHO, about=about, body=body, at=now)


def _entry(kind: str, rows: Sequence[Row], body: dict[str, Any], now: float) -> Entry:
    about = [f"prediction:{rows[0].predictor}"]
    if len(rows) == 1:
        about += [f"component:{rows[0].component}"] if rows[0].component else []
        about += [f"owner:{rows[0].owner}"] if rows[0].owner else []
    return Entry(kind=kind, who=WHO, about=tuple(about), body=body, at=now)


def _of(row: Row, fit: Callable[[str], str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "predictor": row.predictor,
        "series": _said(row.series, fit),
        "probability": round(row.probability, 4),
        "naive": round(row.base, 4),
        "deadline": rfc3339(row.deadline),
    }


def _became(row: Row, one: Resolution, fit: Callable[[str], str]) -> dict[str, Any]:
    body = {**_of(row, fit), "outcome": str(one.outcome)}
    if one.happened is not None:
        body["happened"] = rfc3339(one.happened)
    if one.why:
        body["why"] = one.why
    return body


def _fit(evidence: dict[str, Any], fit: Callable[[str], str]) -> dict[str, Any]:
    return {name: fit(word) if isinstance(word, str) else word for name, word in evidence.items()}


def _said(series: str, fit: Callable[[str], str]) -> str:
    return fit(series[:LONGEST])
