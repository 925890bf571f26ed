"""Evidence as it is frozen: short, canonical, and without names of persons."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gadfly.ask.question import Evidence, Teller
from gadfly.ledger.canonical import EXACT, canonical
from gadfly.ledger.personal import MARK, PREFIX, without_mail

ROWS = 100
BYTES = 48_000
"""Of all the rows; what is more is left out, from the end."""
TEXT = 300
"""Characters of one text."""
LIST = 20
"""Texts of one list."""
COLUMNS = 40

_PERSON = re.compile(r"\bperson:[^\s,;\"')\]}]+")


def freeze(
    kind: str,
    digest: str,
    query: str,
    params: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    at: float,
    told: Sequence[Teller] = (),
) -> Evidence:
    """`rows`, the worst first, as seen at `at`; `told`: who told what the query reads."""
    kept: list[dict[str, Any]] = []
    size = 0
    for row in rows[:ROWS]:
        plain = {str(name)[:TEXT]: _plain(value) for name, value in list(row.items())[:COLUMNS]}
        size += len(canonical(plain))
        if kept and size > BYTES:
            break
        kept.append(plain)
    days = params.get("days")
    begin = at - float(days) * 86_400 if isinstance(days, int | float) and days > 0 else None
    found = Evidence(
        kind=kind,
        digest=digest,
        query=query,
        params={name: _plain(value) for name, value in params.items()},
        rows=tuple(kept),
        count=len(rows),
        window=(begin, at),
        told=tuple(Teller(one.table, _who(one.who), one.rows) for one in told[:LIST]),
    )
    return msgspec.structs.replace(found, sha256=sha256(found))


def sha256(evidence: Evidence) -> str:
    """Over the RFC 8785 canonical JSON of everything but itself."""
    body = msgspec.to_builtins(evidence)
    del body["sha256"]
    if not evidence.told:
        del body["told"]
    return hashlib.sha256(canonical(body)).hexdigest()


def _plain(value: Any) -> Any:
    """As JSON takes it everywhere: finite numbers, flags, short texts and lists of them."""
    match value:
        case None | bool():
            return value
        case int():
            return value if -EXACT <= value <= EXACT else float(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case str():
            return _text(value)
        case list() | tuple() | set() | frozenset():
            ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return [_plain(one) for one in list(ordered)[:LIST]]
        case dict():
            return {_text(str(name)): _plain(one) for name, one in list(value.items())[:LIST]}
        case dt.date() | dt.time():
            return value.isoformat()
    try:
        number = float(value)  # numbers of NumPy, and decimals
    except (TypeError, ValueError, OverflowError):
        return _text(str(value))
    return number if math.isfinite(number) else None


def _who(who: str) -> str:
    """A principal; a pseudonym is no name."""
    return who if who.startswith(f"{PREFIX}{MARK}") else _text(who)


def _text(text: str) -> str:
    short = text[:TEXT].encode(errors="replace").decode()
    return without_mail(_PERSON.sub("a person", short), lambda _: "an address")
