"""The sentence of a question: filled in from the evidence, and what makes it a good one.

A place in braces names a column: a number (thousands apart, whole or of three digits), a text or a list. With
``:duration`` seconds stand as ``2 h 10 min``, with ``:date`` a time or day as a date, with ``:clock`` seconds
of a day as ``08:40``, with ``:percent`` a share as ``12``. Of many subjects there are ``{count}`` and a
column's ``.sum``, ``.max`` and ``.min``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from gadfly.ask.figure import UNKNOWN, clock, date, duration, number, percent
from gadfly.errors import FormatError

FIELD = re.compile(r"\{([^{}]*)\}")
INSIDE = re.compile(r"([a-z_][a-z0-9_]*)(?:\.([a-z]+))?(?::([a-z]+))?", re.IGNORECASE)
FORMATS = ("duration", "date", "clock", "percent")
SUMS = ("sum", "max", "min")
MOST_WORDS = 45
LEAST_NUMBERS = 2
LONGEST = 80
"""Characters of a text from the evidence; longer ones are cut, and all further while the sentence is too
long."""
EMPTY = re.compile(r" +(?=[ ,.;:?])")
"""The space before a text that is empty, as the unit of a bare number."""
SHORTEST = 10
SHOWN = 3
"""Texts of a list that are named."""
PRESENT = "need|feed|heed|speed|proceed|exceed|succeed|indeed|embed|shed|bleed|seed|weed|breed"
IRREGULAR = (
    "did|were|had|made|let|forgot|left|broke|chose|wrote|built|set up|put|gave|took|knew|thought|said|told|"
    "ran|went|kept|lost|saw|got|hid|meant|slept|overlooked"
)
BLAME = (
    re.compile(
        rf"\byou(?:'ve|’ve)?(?: (?:have|never|only|just|also|still|always|even|not|already))*"
        rf" (?!(?:{PRESENT})\b)(?:\w+ed|{IRREGULAR})\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:why|how) did(?:n't|n’t| not)? you\b|\bdid(?:n't|n’t) you\b", re.IGNORECASE),
    re.compile(
        r"\byou (?:did(?:n't|n’t| not)|should(?:n't|n’t| not)? have|could have|fail)\b", re.IGNORECASE
    ),
    re.compile(r"\byour (?:fault|mistake|error|failure|negligence|carelessness)\b", re.IGNORECASE),
    re.compile(r"\b(?:careless|negligent|incompetent|lazy|sloppy)\w*\b", re.IGNORECASE),
)


class Field(NamedTuple):
    """One place of a template."""

    name: str
    sum: str
    format: str


def fields(template: str, *, many: bool = False) -> list[Field]:
    """The places of a template. Raises FormatError: one that says nothing we know."""
    found = []
    for inside in FIELD.findall(template):
        match = INSIDE.fullmatch(inside)
        if match is None:
            raise FormatError(f"{{{inside}}}: the name of a column is expected")
        name, total, form = match.group(1), match.group(2) or "", match.group(3) or ""
        if total and (not many or total not in SUMS):
            raise FormatError(f"{{{inside}}}: of many subjects there is .sum, .max and .min; of one, none")
        if form and form not in FORMATS:
            raise FormatError(f"{{{inside}}}: the format is one of {', '.join(FORMATS)}")
        found.append(Field(name, total, form))
    if re.search(r"[{}]", FIELD.sub("", template)):
        raise FormatError("a brace is open")
    return found


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The sentence on one subject. Raises FormatError: a column that the evidence does not have."""
    return _fitting(template, lambda field, longest: _show(_value(values, field.name), field.format, longest))


def fill_many(template: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The sentence on several subjects. A name without a sum shows what they have in common, or from least to
    most. Raises FormatError: a column that the evidence does not have."""
    return _fitting(template, lambda field, longest: _show_many(rows, field, longest), many=True)


def numbers(template: str, values: Mapping[str, Any]) -> int:
    """How many numbers of the evidence the template shows; of many subjects, give the values of one."""
    shown = {
        field[:2]
        for field in fields(template, many=True)
        if field.name == "count" or _is_number(values.get(field.name))
    }
    return len(shown)


def lint(text: str, numbers: int) -> list[str]:
    """What is wrong with a filled sentence that shows so many numbers of its evidence; empty: nothing."""
    wrong = []
    if not text.rstrip("”’\"' ").endswith("?"):
        wrong.append("it must end with a question mark")
    words = len(text.split())
    if words > MOST_WORDS:
        wrong.append(f"it has {words} words; {MOST_WORDS} are allowed")
    if numbers < LEAST_NUMBERS:
        wrong.append(f"it shows {numbers} numbers of its evidence; {LEAST_NUMBERS} are needed")
    wrong += [f"it blames: “{match.group()}”" for one in BLAME if (match := one.search(text))]
    if UNKNOWN in text.split():
        wrong.append("a value that it shows is not known")
    return wrong


def _fitting(template: str, show: Callable[[Field, int], str], *, many: bool = False) -> str:
    places = fields(template, many=many)
    longest = LONGEST
    while True:
        texts = FIELD.split(template)[::2]
        shown = [show(field, longest) for field in places]
        text = EMPTY.sub(
            "", "".join(part for pair in zip_longest(texts, shown, fillvalue="") for part in pair)
        )
        if len(text.split()) <= MOST_WORDS or longest <= SHORTEST:
            return text
        longest = max(longest * 3 // 4, SHORTEST)


def _value(values: Mapping[str, Any], name: str) -> Any:
    if name not in values:
        raise FormatError(f"{{{name}}}: the query returns no such column")
    return values[name]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | dt.date) and not isinstance(value, bool)


def _show_many(rows: Sequence[Mapping[str, Any]], field: Field, longest: int) -> str:
    if field.name == "count":
        return number(len(rows))
    values = [one for one in (_value(row, field.name) for row in rows) if one is not None]
    if field.sum == "sum" and values:
        return _show(sum(values), field.format, longest)
    if field.sum and values:
        return _show((max if field.sum == "max" else min)(values), field.format, longest)
    if len({repr(one) for one in values}) <= 1:
        return _show(values[0] if values else None, field.format, longest)
    if all(_is_number(one) for one in values):
        least, most = (_show(one(values), field.format, longest) for one in (min, max))
        return least if least == most else f"{least} to {most}"
    return _list(list(dict.fromkeys(_show(one, field.format, longest) for one in values)), longest)


def _show(value: Any, form: str, longest: int) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, list | tuple):
        return _list([_show(one, form, longest) for one in value], longest)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d")
    if not isinstance(value, int | float):
        return _cut(" ".join(str(value).split()), longest)
    return {"duration": duration, "date": date, "clock": clock, "percent": percent}.get(form, number)(value)


def _list(texts: list[str], longest: int) -> str:
    if not texts:
        return "none"
    shown = [_cut(one, longest) for one in texts[:SHOWN]]
    rest = len(texts) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest:,} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _cut(text: str, longest: int) -> str:
    text = "".join(one for one in text if one.isprintable())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
