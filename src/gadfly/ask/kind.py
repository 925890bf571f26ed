"""A kind of question: what was assumed, the query that doubts it, and the sentence that asks."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from gadfly.ask.text import fields
from gadfly.errors import ConfigError, FormatError

Family = Literal[
    "checks",
    "alerts",
    "silences",
    "owners",
    "automation",
    "authority",
    "predictions",
    "heartbeats",
    "decisions",
]
Type = Literal[
    "clarification",
    "assumptions",
    "reasons and evidence",
    "viewpoints",
    "implications",
    "question about the question",
]
Subject = Literal[
    "automation",
    "check",
    "component",
    "decision",
    "function",
    "grant",
    "guard",
    "incident",
    "job",
    "kind",
    "monitor",
    "owner",
    "pair",
    "predictor",
    "principal",
    "question",
    "resource",
    "silence",
]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Days = Annotated[float, msgspec.Meta(gt=0, le=3660)]
Threshold = float | int | str | bool
PARAMETER = re.compile(r"\$([a-z_]\w*)")
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
TEXT = re.compile(rf"'(?:[^']|'')*'|{COMMENT.pattern}", re.DOTALL)
ELSEWHERE = re.compile(
    r"\b(?:(?:now|today|get_current_\w+|transaction_timestamp|age|random|setseed|uuid(?:v\d)?|gen_random_uuid"
    r"|nextval|currval|setval|txid_current|current_\w+|sleep_ms|write_log|query|query_table|pragma_\w+"
    r"|duckdb_\w+)\s*\("
    r"|current_(?:date|time|timestamp)\b|localtime(?:stamp)?\b|(?:raw|information_schema|pg_catalog)\s*\."
    r"|tablesample\b|using\s+sample\b)",
    re.IGNORECASE,
)
"""What would read a clock, chance, or rows that were not known at ``$now``: the same facts would not give the
same questions."""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of `kinds/`. The columns that its query returns are told in `docs/questions.md`."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    name: Name
    family: Family
    type: Type
    minutes: Annotated[float, msgspec.Meta(gt=0, le=120)]
    """That a person needs to answer."""
    subject: Subject
    assumed: Words
    ask: Words
    many: Words
    """The sentence when one owner is asked about several subjects at once."""
    change: Words
    """What a person may do about it."""
    again: Days
    """Until it may be asked again after an answer."""
    observe: Days
    """After a change, until the evidence is looked at again."""
    query: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    safety: bool = False
    sightings: Annotated[int, msgspec.Meta(ge=1, le=30)] = 2
    """Daily evaluations in a row in which it must be found before it is asked."""
    young: bool = False
    """It may be asked in the first 14 days of its subject."""
    discovery: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None
    """Share of false ones allowed among what is found, by Benjamini–Hochberg over the column `p`."""
    threshold: dict[str, Threshold] = {}
    """Parameters of the query by name."""
    caption: dict[str, Words] = {}
    """What a column is called beside the sentence, where the sentence does not say it."""


def problems(kind: Kind) -> Iterator[str]:
    """What is wrong with a kind beyond the shape of its file: key, and what to do."""
    used = set(PARAMETER.findall(COMMENT.sub("", kind.query)))
    if (elsewhere := ELSEWHERE.search(TEXT.sub(" ", kind.query).replace('"', ""))) is not None:
        yield f"query: {elsewhere.group()!r}: it may read the tables of facts as of $now, and nothing else"
    for name in sorted(used - {"now", *kind.threshold}):
        yield f"query: ${name} is not in [threshold]{_nearest(name, kind.threshold)}"
    for name in sorted(set(kind.threshold) - used):
        yield f"threshold.{name}: the query does not use ${name}; take one of them out"
    asked: set[str] = set()
    for key, text in (("ask", kind.ask), ("many", kind.many)):
        try:
            asked |= {one.name for one in fields(text, many=key == "many")}
        except FormatError as error:
            yield f"{key}: {error}"
    for name in sorted(set(kind.caption) - asked):
        yield f"caption.{name}: no sentence has {{{name}}}; take it out"


def tuned(kinds: Mapping[str, Kind], thresholds: Mapping[str, Mapping[str, Any]]) -> dict[str, Kind]:
    """The kinds with other thresholds, by kind and name. Raises ConfigError: there are none such."""
    wrong: list[str] = []
    answer = dict(kinds)
    for name, given in thresholds.items():
        kind = kinds.get(name)
        if kind is None:
            wrong.append(f"{name}: there is no such kind of question{_nearest(name, kinds)}")
            continue
        for key, value in given.items():
            if key not in kind.threshold:
                wrong.append(f"{name}.threshold.{key}: {name} has none{_nearest(key, kind.threshold)}")
            elif _sort(value) != _sort(kind.threshold[key]):
                wrong.append(f"{name}.threshold.{key}: {value!r} must be a {_sort(kind.threshold[key])}")
        answer[name] = msgspec.structs.replace(kind, threshold={**kind.threshold, **given})
    if wrong:
        raise ConfigError(*wrong)
    return answer


def _sort(value: object) -> str:
    if isinstance(value, bool):
        return "flag"
    return "number" if isinstance(value, int | float) else "text"


def _nearest(word: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there is {', '.join(sorted(known))}" if 0 < len(known) <= 12 else ""
