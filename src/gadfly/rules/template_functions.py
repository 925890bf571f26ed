"""What may be called in a template: Go's own functions, and those that Prometheus adds."""

from __future__ import annotations

import datetime as dt
import html
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus, urlsplit

from gadfly.errors import GadflyError, QueryError
from gadfly.promql import lex
from gadfly.promql.go_float import parse_float
from gadfly.promql.regex import compiled
from gadfly.promql.values import Sample
from gadfly.rules.go_printf import printf
from gadfly.rules.go_value import (
    TemplateError,
    Vague,
    compare,
    show,
    significant,
    sort_of,
    truth,
)
from gadfly.rules.template import Function

Query = Callable[[str], list[Sample]]
UP = ("k", "M", "G", "T", "P", "E", "Z", "Y")
UP_1024 = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
DOWN = ("m", "u", "n", "p", "f", "a", "z", "y")


def _nothing(text: str) -> list[Sample]:
    raise TemplateError("there is nothing to query here")


def functions(url: str = "", query: Query = _nothing) -> dict[str, Function]:
    """All of them. `url`: where the node is found; `query`: an instant query at the rule's time."""

    def run(text: str) -> list[dict[str, object]]:
        try:
            return [sample(one) for one in query(_text(text))]
        except GadflyError as error:
            raise TemplateError(str(error)) from None

    return {
        **FIXED,
        "query": run,
        "externalURL": lambda: url,
        "pathPrefix": lambda: urlsplit(url).path,
    }


def sample(one: Sample) -> dict[str, object]:
    """A sample as templates see it."""
    return {"Labels": Vague(one.labels), "Value": one.value}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TemplateError(f"wrong type: a string is needed, not {show(value)}")
    return value


def _float(value: object) -> float:
    if isinstance(value, bool):
        raise TemplateError("can't convert bool to float")
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        if (found := parse_float(value)) is None:
            raise TemplateError(f'strconv.ParseFloat: parsing "{value[:80]}": no number, or too great')
        return found
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    raise TemplateError(f"can't convert {show(value)[:80]} to float")


def _scaled(value: float, up: tuple[str, ...], step: float) -> str:
    prefix = ""
    for one in up:
        if abs(value) < step:
            break
        prefix = one
        value /= step
    return significant(value, prefix)


def _shrunk(value: float, unit: str = "") -> str:
    prefix = ""
    for one in DOWN:
        if abs(value) >= 1:
            break
        prefix = one
        value *= 1000
    return significant(value, prefix + unit)


def humanize(given: object) -> str:
    value = _float(given)
    if value == 0 or not math.isfinite(value):
        return significant(value)
    return _scaled(value, UP, 1000) if abs(value) >= 1 else _shrunk(value)


def humanize_1024(given: object) -> str:
    value = _float(given)
    if abs(value) <= 1 or not math.isfinite(value):
        return significant(value)
    return _scaled(value, UP_1024, 1024)


def humanize_duration(given: object) -> str:
    value = _float(given)
    if not math.isfinite(value):
        return significant(value)
    if value == 0:
        return significant(value, "s")
    if abs(value) < 1:
        return _shrunk(value, "s")
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole = int(value)
    seconds, minutes, hours, days = whole % 60, whole // 60 % 60, whole // 3600 % 24, whole // 86_400
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    if minutes:
        return f"{sign}{minutes}m {seconds}s"
    return sign + significant(value, "s")


def _time(value: float) -> str:
    try:
        at = dt.datetime.fromtimestamp(value, dt.UTC)
    except (OverflowError, ValueError, OSError):
        raise TemplateError(f"{value:g} cannot be represented as a time") from None
    fraction = f"{value % 1:.3f}"[1:].rstrip("0").rstrip(".")
    return f"{at:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


def humanize_timestamp(given: object) -> str:
    value = _float(given)
    return _time(value) if math.isfinite(value) else significant(value)


def to_time(given: object) -> str:
    value = _float(given)
    if not math.isfinite(value):
        raise TemplateError("value is NaN or Inf")
    return _time(value)


def _title(text: str) -> str:
    return re.sub(r"(?<![\w'])\w", lambda found: found[0].upper(), _text(text))


def _pattern(text: object) -> Any:
    try:
        return compiled(_text(text))
    except ValueError as error:
        raise TemplateError(str(error)) from None


def _replace(pattern: str, by: str, text: str) -> str:
    """Go's ReplaceAllString: `$1`, `${name}`; `$$` is a dollar."""
    found = _pattern(pattern)

    def one(match: Any) -> str:
        def group(reference: re.Match[str]) -> str:
            if reference[0] == "$$":
                return "$"
            name = reference[1] or reference[2]
            try:
                return match.group(int(name) if name.isdecimal() else name) or ""
            except (IndexError, KeyError):
                return ""

        return re.sub(r"\$\$|\$(\w+)|\$\{(\w+)\}", group, by)

    parts, place = [], 0
    for match in found.finditer(_text(text)):
        parts += [text[place : match.start()], one(match)]
        place = match.end()
    return "".join(parts) + text[place:]


def _first(values: list[object]) -> object:
    if not values:
        raise TemplateError("first() called on vector with no elements")
    return values[0]


def _label(name: str, one: Mapping[str, Any]) -> str:
    return str(one["Labels"].get(name, ""))


def _index(value: Any, *keys: Any) -> object:
    for key in keys:
        if isinstance(value, Vague):
            value = value[key]
        elif isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list | str) and sort_of(key) == "int":
            if not 0 <= key < len(value):
                raise TemplateError(f"index out of range: {key}")
            value = value[key]
        else:
            raise TemplateError(f"can't index item of {show(value)[:80]}")
    return value


def _length(value: Any) -> int:
    if not isinstance(value, str | list | Mapping):
        raise TemplateError(f"len of {show(value)[:80]}")
    return len(value.encode()) if isinstance(value, str) else len(value)


def _slice(value: Any, *ends: int) -> object:
    if not isinstance(value, str | list):
        raise TemplateError(f"can't slice {show(value)[:80]}")
    if not all(sort_of(end) == "int" and 0 <= end <= len(value) for end in ends) or len(ends) > 2:
        raise TemplateError("index out of range")
    return value[slice(*ends)] if len(ends) == 2 else value[ends[0] :] if ends else value


def _duration(text: object) -> float:
    """As the expressions write it: `1y2w`."""
    word = _text(text)
    try:
        return lex.duration(word, word, 0) / 1000
    except QueryError:
        raise TemplateError(f"not a valid duration string: {show(word)[:80]}") from None


def _host(text: str) -> str:
    host, colon, port = _text(text).rpartition(":")
    return host.strip("[]") if colon and port and (":" not in host or host.startswith("[")) else text


def _short(text: str) -> str:
    host = _host(text)
    port = text[len(host) :] if host != text and not text.startswith("[") else ""
    numeric = all(part.isdecimal() for part in host.split(".")) or ":" in host
    return text if numeric else host.partition(".")[0] + port


def _print(*values: object) -> str:
    """Go's Sprint: a space between two neither of which is a text."""
    text = ""
    for place, value in enumerate(values):
        both = place and not isinstance(value, str) and not isinstance(values[place - 1], str)
        text += (" " if both else "") + show(value)
    return text


FIXED: dict[str, Function] = {
    # Go's.
    "and": lambda *values: next((value for value in values if not truth(value)), values[-1]),
    "or": lambda *values: next((value for value in values if truth(value)), values[-1]),
    "not": lambda value: not truth(value),
    "eq": lambda left, *others: any(compare(left, other) == 0 for other in others),
    "ne": lambda left, right: compare(left, right) != 0,
    "lt": lambda left, right: compare(left, right) == -1,
    "le": lambda left, right: compare(left, right) in (-1, 0),
    "gt": lambda left, right: compare(left, right) == 1,
    "ge": lambda left, right: compare(left, right) in (0, 1),
    "len": _length,
    "index": _index,
    "slice": _slice,
    "print": _print,
    "println": lambda *values: " ".join(map(show, values)) + "\n",
    "printf": lambda form, *values: printf(_text(form), *values),
    "html": lambda *values: (
        html.escape(_print(*values)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    ),
    "js": lambda *values: json.dumps(_print(*values))[1:-1].replace("'", "\\'"),
    "urlquery": lambda *values: quote_plus(_print(*values)),
    # Prometheus'.
    "first": _first,
    "label": _label,
    "value": lambda one: one["Value"],
    "strvalue": lambda one: one["Labels"].get("__value__", ""),
    "args": lambda *values: {f"arg{place}": value for place, value in enumerate(values)},
    "reReplaceAll": _replace,
    "safeHtml": lambda text: text,
    "match": lambda pattern, text: _pattern(pattern).search(_text(text)) is not None,
    "title": _title,
    "toUpper": lambda text: _text(text).upper(),
    "toLower": lambda text: _text(text).lower(),
    "graphLink": lambda text: f"/graph?g0.expr={quote_plus(_text(text))}&g0.tab=0",
    "tableLink": lambda text: f"/graph?g0.expr={quote_plus(_text(text))}&g0.tab=1",
    "sortByLabel": lambda name, values: sorted(values, key=lambda one: _label(name, one)),
    "stripPort": _host,
    "stripDomain": _short,
    "humanize": humanize,
    "humanize1024": humanize_1024,
    "humanizeDuration": humanize_duration,
    "humanizePercentage": lambda value: significant(_float(value) * 100, "%"),
    "humanizeTimestamp": humanize_timestamp,
    "toTime": to_time,
    "parseDuration": _duration,
}
"""By name; those that need a node are added by :func:`functions`."""
KNOWN: Mapping[str, Function] = functions()
"""For parsing."""
