"""Unit tests of rules in promtool's format: series by hand, what must fire when, what an expression is.

Rules run over series in memory, from time 0 on, all groups at every `evaluation_interval`, as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gadfly.errors import ConfigError, LimitError, QueryError
from gadfly.promql import Chunk, Limits, Matcher, Scalar, Vector, instant, parse_selector
from gadfly.promql.held import holds
from gadfly.promql.notation import sequence
from gadfly.promql.values import Sample, key
from gadfly.rules import files
from gadfly.rules.active import Key
from gadfly.rules.files import duration
from gadfly.rules.go_value import number
from gadfly.rules.rule import Group
from gadfly.rules.standing import GroupStanding, Rows
from gadfly.rules.yaml_tree import Place, read

STEPS = 100_000
"""Evaluations in one test: ten weeks at one a minute."""

_FILE = dict.fromkeys(("rule_files", "evaluation_interval", "group_eval_order", "tests"))
_TEST = dict.fromkeys(
    (
        "name",
        "interval",
        "input_series",
        "alert_rule_test",
        "promql_expr_test",
        "external_labels",
        "external_url",
    )
)


class Memory:
    """Series in memory that can be written to: a `Selects`. Nothing later than `until` (ms) is seen."""

    def __init__(self) -> None:
        self.until = 0
        self._series: dict[Key, tuple[list[int], list[float]]] = {}

    def put(self, labels: Key, at: Iterable[int], value: Iterable[float]) -> None:
        """Samples behind those that are there."""
        times, values = self._series.setdefault(labels, ([], []))
        times.extend(at)
        values.extend(value)

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        labels, at, value, offsets = [], [], [], [0]
        end = min(end, self.until)
        for own, (times, values) in sorted(self._series.items()):
            given = dict(own)
            if not all(holds(one, given) for one in matchers):
                continue
            low, high = np.searchsorted(times, (start, end), side="right")
            labels.append(given)
            at += times[low:high]
            value += values[low:high]
            offsets.append(len(at))
        return Chunk(labels, np.array(offsets, np.int64), np.array(at, np.int64), np.array(value, np.float64))


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as the test says it."""

    what: str
    """Which test, which alert or expression, and when."""
    wanted: tuple[str, ...]
    got: tuple[str, ...]


def run(path: str) -> list[Difference]:
    """Try one file of tests; empty where all is as it says. ConfigError where it cannot be read."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    root = read(text, path)
    fields = root.table("a file of tests", _FILE) if root else {}
    every = _every(fields.get("evaluation_interval"))
    named = [one.text("rule_files") for one in _items(fields, "rule_files")]
    groups = files.load([str(Path(path).parent / one) for one in named])
    order = [one.text("group_eval_order") for one in _items(fields, "group_eval_order")]
    if order:
        rank = {name: place for place, name in enumerate(order)}
        groups.sort(key=lambda one: rank.get(one.name, len(rank)))
    found: list[Difference] = []
    for place, test in enumerate(_items(fields, "tests"), 1):
        found += _Test(test, place, every, groups).run()
    return found


def _items(fields: dict[str, Place], name: str) -> list[Place]:
    return fields[name].items(name) if name in fields else []


def _every(place: Place | None) -> int:
    every = round(duration(place) * 1000) if place else 60_000
    return every or 60_000


class _Test:
    def __init__(self, place: Place, count: int, every: int, groups: Sequence[Group]) -> None:
        self._fields = place.table("a test", _TEST)
        self._every = every
        self._groups = [GroupStanding(group, every / 1000) for group in groups]
        self._memory = Memory()
        self._name = (
            f"test {self._fields['name'].text('name')!r}" if "name" in self._fields else f"test {count}"
        )
        url = self._fields.get("external_url")
        self._url = url.text("external_url") if url else ""
        labels = self._fields.get("external_labels")
        if labels and labels.table("external_labels"):
            raise labels.refuse("external labels are not supported: gadfly has none")
        interval = _every(self._fields.get("interval"))
        for one in _items(self._fields, "input_series"):
            self._load(one, interval)

    def _load(self, place: Place, interval: int) -> None:
        fields = place.table("a series", dict.fromkeys(("series", "values")))
        try:
            text = fields["series"].text("series") if "series" in fields else ""
            labels = {one.name: one.value for one in parse_selector(text)}
            index, value = sequence(fields["values"].text("values") if "values" in fields else "")
        except QueryError as error:
            raise place.refuse(str(error)) from None
        self._memory.put(key(labels), (index * interval).tolist(), value.tolist())

    def run(self) -> list[Difference]:
        alerts = [_AlertTest(one) for one in _items(self._fields, "alert_rule_test")]
        expressions = [_ExpressionTest(one) for one in _items(self._fields, "promql_expr_test")]
        last = max([*(one.at for one in alerts), *(one.at for one in expressions)], default=0)
        if last // self._every > STEPS:
            raise ConfigError(f"{self._name}: more than {STEPS:,} evaluations; make the interval longer")
        found: list[Difference] = []
        for at in range(0, last + 1, self._every):
            self._evaluate(at)
            due = [one for one in alerts if at <= one.at < at + self._every]
            found += filter(None, [one.compare(self._firing(one.name), self._name) for one in due])
            errors = [
                Difference(
                    f"{self._name}, rule {rule.rule.name} at {at / 1000:g}s", (), (f"error: {rule.error}",)
                )
                for group in self._groups
                for rule in group.rules
                if rule.error
            ]
            if errors:
                return found + errors
        self._memory.until = 2**60
        return found + list(filter(None, [one.compare(self._memory, self._name) for one in expressions]))

    def _evaluate(self, at: int) -> None:
        self._memory.until = at

        def write(rows: Rows) -> None:
            for labels, value in rows:
                self._memory.put(labels, (at,), (value,))

        for group in self._groups:
            group.turn(self._memory, at, Limits(), write, self._url)

    def _firing(self, name: str) -> list[str]:
        return sorted(
            _alert(one.labels, one.annotations)
            for group in self._groups
            for rule in group.rules
            if rule.rule.name == name and not rule.rule.records
            for one in rule.alerts.standing()
            if one.firing is not None
        )


class _AlertTest:
    def __init__(self, place: Place) -> None:
        fields = place.table("alert_rule_test", dict.fromkeys(("eval_time", "alertname", "exp_alerts")))
        self.at = round(duration(fields["eval_time"]) * 1000) if "eval_time" in fields else 0
        self.name = fields["alertname"].text("alertname") if "alertname" in fields else ""
        if not self.name:
            raise place.refuse("alert_rule_test has no `alertname`")
        known = dict.fromkeys(("exp_labels", "exp_annotations"))
        wanted = []
        for one in _items(fields, "exp_alerts"):
            parts = one.table("exp_alerts", known)
            labels, annotations = (
                {name: value.text(name) for name, value in parts[part].table(part).items()}
                if part in parts
                else {}
                for part in known
            )
            wanted.append(_alert({**labels, "alertname": self.name}, annotations))
        self._wanted = tuple(sorted(wanted))

    def compare(self, got: list[str], test: str) -> Difference | None:
        what = f"{test}, alert {self.name} at {_time(self.at)}"
        return None if tuple(got) == self._wanted else Difference(what, self._wanted, tuple(got))


class _ExpressionTest:
    def __init__(self, place: Place) -> None:
        fields = place.table("promql_expr_test", dict.fromkeys(("expr", "eval_time", "exp_samples")))
        self._text = fields["expr"].text("expr") if "expr" in fields else ""
        self.at = round(duration(fields["eval_time"]) * 1000) if "eval_time" in fields else 0
        wanted = []
        for one in _items(fields, "exp_samples"):
            parts = one.table("exp_samples", dict.fromkeys(("labels", "value")))
            text = parts["labels"].text("labels") if "labels" in parts else ""
            value = parts["value"].text("value") if "value" in parts else "0"
            try:
                labels = (
                    {each.name: each.value for each in parse_selector(text)}
                    if text.strip() not in ("", "{}")
                    else {}
                )
                wanted.append(Sample(labels, _float(value)))
            except (QueryError, ValueError) as error:
                raise one.refuse(f"{error}") from None
        self._wanted = tuple(sorted(map(_sample, wanted)))

    def compare(self, memory: Memory, test: str) -> Difference | None:
        what = f"{test}, expression {self._text} at {_time(self.at)}"
        try:
            value = instant(memory, self._text, self.at)
        except (QueryError, LimitError) as error:
            return Difference(what, self._wanted, (f"error: {error}",))
        if isinstance(value, Vector):
            got = tuple(sorted(map(_sample, value.samples)))
        elif isinstance(value, Scalar):
            got = (_sample(Sample({}, value.value)),)
        else:
            got = ("error: query result is not a vector or scalar",)
        return None if got == self._wanted else Difference(what, self._wanted, got)


def _float(text: str) -> float:
    """As YAML writes numbers, too."""
    special = {".nan": "nan", ".inf": "inf", "+.inf": "inf", "-.inf": "-inf"}
    return float(special.get(text.lower(), text))


def _time(at: int) -> str:
    return f"{at / 1000:g}s"


def _sample(one: Sample) -> str:
    labels = {name: value for name, value in one.labels.items() if name != "__name__"}
    return f"{one.labels.get('__name__', '')}{_labels(labels)} {number(one.value)}"


def _labels(labels: dict[str, str]) -> str:
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"


def _alert(labels: dict[str, str], annotations: dict[str, str]) -> str:
    return f"labels {_labels(labels)}, annotations {_labels(annotations)}"
