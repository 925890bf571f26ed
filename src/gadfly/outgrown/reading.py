"""Samples of a store elsewhere, as our own evaluator wants them: raw, so that PromQL means the same there.

Whole expressions are not passed on: VictoriaMetrics' language differs in what `rate` and others do at the
edges, and a rule must not change its meaning with the place where its series lie.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import numpy as np
from numpy.typing import NDArray

from gadfly.config.remote import Remote
from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.outgrown.client import Answer, Client
from gadfly.promql.limits import Limits
from gadfly.promql.source import STALE, Chunk, Labels, Matcher, Metadata
from gadfly.telemetry import remote_read, snappy

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PROTOBUF = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "Accept-Encoding": "snappy",
    "X-Prometheus-Remote-Read-Version": "0.1.0",
}
SECONDS = 25.0
"""That a question for names may take: as a query of whoever asks the node."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LARGEST = 1_000_000_000
"""Bytes of an answer to a remote read, decompressed."""


def selector(matchers: Sequence[Matcher]) -> str:
    """The matchers as PromQL."""
    inner = ",".join(f"{one.name}{one.op}{_quoted(one.value)}" for one in matchers)
    return f"{{{inner}}}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _seconds(ms: int) -> str:
    return f"{max(ms, 0) / 1000:.3f}"


class Reading:
    """A `gadfly.promql.source.Source` over HTTP."""

    def __init__(self, settings: Remote) -> None:
        self._client = Client(settings.read, settings)
        self._select = {
            "prometheus": self._by_remote_read,
            "victoriametrics": self._by_export,
            "thanos": self._by_query,
        }[settings.kind]

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def select(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        """The samples with ``start < at <= end``. StoreError: the other side does not give them.

        QueryError (a timeout): not within `limit.seconds`.
        """
        try:
            chunk = self._select(matchers, start, end, limit)
        except (FormatError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"What {self._client.name} answers is not understood ({error}); correct remote.kind or "
                "remote.read."
            ) from error
        _within(limit, len(chunk.labels), len(chunk.at))
        return chunk

    def _by_remote_read(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        body = snappy.compress(remote_read.request(matchers, start + 1, end))
        answer = self._good(self._client.query("POST", "/api/v1/read", body, PROTOBUF, limit.seconds))
        written = remote_read.response(snappy.decompress(answer.body, LARGEST), limit.samples)
        order = np.argsort(-written.series, kind="stable")
        counts = np.bincount(-2 - written.series, minlength=len(written.fresh))
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        labels = [one.labels for one in written.fresh]
        return Chunk(labels, offsets, written.at[order], written.value[order])

    def _by_export(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        form = {"match[]": selector(matchers), "start": _seconds(start + 1), "end": _seconds(end)}
        body = urlencode(form).encode()
        answer = self._good(self._client.query("POST", "/api/v1/export", body, FORM, limit.seconds))
        found: dict[tuple[tuple[str, str], ...], list[tuple[Ints, Floats]]] = {}
        count = 0
        for line in io.BytesIO(answer.body):
            before, mark, after = line.partition(b'"values":[')
            values, close, rest = after.partition(b"]")
            # As many as commas between them; before they become objects.
            count += max(values.count(b",") + 1, rest.count(b","))
            _within(limit, len(found), count)
            one = _exported(before + mark, values, close + rest)
            key = tuple(sorted(one["metric"].items()))
            found.setdefault(key, []).append((np.array(one["timestamps"], np.int64), _values(one["values"])))
        rows = []
        for labels, parts in found.items():
            at, value = zip(*parts, strict=True)
            rows.append((dict(labels), np.concatenate(at), np.concatenate(value)))
        return _chunk(rows, start, end)

    def _by_query(self, matchers: Sequence[Matcher], start: int, end: int, limit: Limits) -> Chunk:
        form = {"query": f"{selector(matchers)}[{max(end - start, 1)}ms]", "time": _seconds(end)}
        answer = self._client.query("POST", "/api/v1/query", urlencode(form).encode(), FORM, limit.seconds)
        result = msgspec.json.decode(self._good(answer).body, type=_Answer).data.result
        rows: list[tuple[Labels, Ints, Floats]] = []
        count = 0
        for one in result:
            count += bytes(one.values).count(b'"]')
            _within(limit, len(result), count)
            pairs = msgspec.json.decode(one.values, type=list[tuple[float, str]])
            at = np.array([round(when * 1000) for when, _ in pairs], np.int64)
            rows.append((one.metric, at, np.array([float(what) for _, what in pairs], np.float64)))
        return _chunk(rows, start, end)

    def label_names(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        """Sorted names of labels."""
        return sorted(self._ask("labels", _asked(matchers, start, end)))

    def label_values(
        self, name: str, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
    ) -> list[str]:
        """Sorted values of that label."""
        form = urlencode(_asked(matchers, start, end), doseq=True)
        answer = self._client.query("GET", f"/api/v1/label/{quote(name)}/values?{form}", b"", {}, SECONDS)
        return sorted(self._data(answer))

    def series(
        self, matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None, limit: Limits
    ) -> list[Labels]:
        """The label sets."""
        every: Sequence[Sequence[Matcher]] = matchers or [[Matcher("__name__", "!=", "")]]
        found: list[Labels] = self._ask("series", _asked(every, start, end))
        if len(found) > limit.series:
            raise LimitError(f"{len(found)} series meet the selectors, at most {limit.series} are told.")
        return found

    def metadata(self, metric: str | None = None) -> dict[str, list[Metadata]]:
        """What metrics are, as far as the other side knows it."""
        form = urlencode({} if metric is None else {"metric": metric})
        data = self._data(self._client.query("GET", f"/api/v1/metadata?{form}", b"", {}, SECONDS))
        return {
            name: [Metadata(one.get("type", ""), one.get("help", ""), one.get("unit", "")) for one in some]
            for name, some in data.items()
        }

    def _ask(self, path: str, form: Mapping[str, Any]) -> Any:
        body = urlencode(form, doseq=True).encode()
        return self._data(self._client.query("POST", f"/api/v1/{path}", body, FORM, SECONDS))

    def _data(self, answer: Answer) -> Any:
        try:
            return msgspec.json.decode(self._good(answer).body)["data"]
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise StoreError(
                f"{self._client.name} answers otherwise than Prometheus does; correct remote.read."
            ) from error

    def _good(self, answer: Answer) -> Answer:
        if answer.status == 200:
            return answer
        said = f"{self._client.name} answers {answer.status} {answer.words}"
        if answer.status == 422:
            raise LimitError(said)
        raise StoreError(f"{said}. Look after it, or correct [remote].")


def _asked(
    matchers: Sequence[Sequence[Matcher]], start: int | None, end: int | None
) -> dict[str, str | list[str]]:
    form: dict[str, str | list[str]] = {}
    if matchers:
        form["match[]"] = [selector(one) for one in matchers]
    if start is not None:
        form["start"] = _seconds(start)
    if end is not None:
        form["end"] = _seconds(end)
    return form


class _Vector(msgspec.Struct):
    metric: Labels
    values: msgspec.Raw


class _Vectors(msgspec.Struct):
    result: list[_Vector]


class _Answer(msgspec.Struct):
    data: _Vectors


def _within(limit: Limits, series: int, samples: int) -> None:
    if series > limit.series:
        raise LimitError(f"The selector means more than {limit.series} series: narrow it.")
    if samples > limit.samples:
        raise LimitError(f"The query reads more than {limit.samples} samples: ask for less.")


def _exported(before: bytes, values: bytes, behind: bytes) -> dict[str, Any]:
    """A line of VictoriaMetrics' export: JSON, but for infinities among its values, which JSON cannot say."""
    if b"Inf" in values:
        values = values.replace(b"+Inf", b"1e999").replace(b"-Inf", b"-1e999")
    found: dict[str, Any] = json.loads(before + values + behind)
    return found


def _values(given: list[float | None]) -> Floats:
    """VictoriaMetrics keeps one NaN, the stale marker, and writes it as null."""
    return np.array([STALE if one is None else one for one in given], np.float64)


def _chunk(rows: Sequence[tuple[Labels, Ints, Floats]], start: int, end: int) -> Chunk:
    """Of each series what lies in that time, in order, each time once."""
    labels, times, values = [], [], []
    for of, at, value in rows:
        inside = (at > start) & (at <= end)
        when, first = np.unique(at[inside], return_index=True)
        if len(when):
            labels.append(of)
            times.append(when)
            values.append(value[inside][first])
    offsets = np.cumsum([0, *map(len, times)], dtype=np.int64)
    if not labels:
        return Chunk([], offsets, np.empty(0, np.int64), np.empty(0, np.float64))
    return Chunk(labels, offsets, np.concatenate(times), np.concatenate(values))
