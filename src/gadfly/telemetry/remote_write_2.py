"""Prometheus' remote write, version 2: `io.prometheus.write.v2.Request`, whose labels point into a table of
symbols. Read into the same columns as version 1.

A series is known by the bytes that its labels would have if the symbols stood there, so that what is known
outlasts a request and its table. The specification: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gadfly.errors import FormatError, LimitError
from gadfly.telemetry import protobuf
from gadfly.telemetry.protobuf import DELIMITED, VARINT, Field
from gadfly.telemetry.remote_write import sample
from gadfly.telemetry.written import LABELS, METRICS, SERIES, TYPES, Columns, Described, Written

SYMBOLS = 1_000_000
"""Symbols of one request."""


def decode(data: bytes, known: Mapping[Any, int]) -> Written:
    """A Request. `known` maps a series' `Fresh.key` to its number.

    FormatError: it is none, and nothing of it may be used. LimitError: more than a request may have.
    """
    symbols: list[bytes] = []
    series: list[Field] = []
    for field in protobuf.fields(data):
        if field.wire != DELIMITED:
            continue
        if field.number == 4:
            symbols.append(data[field.value : field.end])
            if len(symbols) > SYMBOLS:
                raise LimitError(f"A request may have {SYMBOLS:,} symbols; send smaller ones.")
        elif field.number == 5:
            series.append(field)
            if len(series) > SERIES:
                raise LimitError(f"A request may have {SERIES:,} series; send smaller ones.")
    reading = _Reading(data, symbols, known)
    for field in series:
        reading.series(field)
    return reading.columns.written()


class _Reading:
    """One request, read a series at a time."""

    def __init__(self, data: bytes, symbols: list[bytes], known: Mapping[Any, int]) -> None:
        self.columns = Columns()
        self._data = data
        self._symbols = symbols
        # A symbol with its length, so that no two lists of symbols look alike when they stand side by side.
        self._parts = [len(one).to_bytes(4) + one for one in symbols]
        self._known = known
        self._said: set[tuple[int, bytes]] = set()

    def series(self, message: Field) -> None:
        """Take one in."""
        data, columns = self._data, self.columns
        refs: list[int] = []
        samples: list[Field] = []
        about: Field | None = None
        for field in protobuf.fields(data, message.value, message.end):
            if field.number == 1 and field.wire in (DELIMITED, VARINT):
                refs += self._refs(field)
            elif field.wire != DELIMITED:
                continue
            elif field.number == 2:
                samples.append(field)
            elif field.number == 3:
                columns.histograms += 1
            elif field.number == 4:
                columns.exemplars += 1
            elif field.number == 5:
                about = field
        if about is not None:
            self._describe(about, refs)
        if not samples:
            return
        number = self._number(refs)
        if number is None:
            columns.strays += len(samples)
            return
        for one in samples:
            columns.sample(number, *sample(data, one), one.end)

    def _refs(self, field: Field) -> list[int]:
        data = self._data
        if field.wire == DELIMITED:
            raw = data[field.value : field.end]
            if raw.isascii():  # every one below 128 is its own byte
                return list(raw)
        return list(protobuf.packed(data, field))

    def _number(self, refs: list[int]) -> int | None:
        """A known number or a stand-in; None where these are no labels."""
        if not refs or len(refs) % 2 or len(refs) > 2 * LABELS:
            return None
        try:
            key = b"".join(map(self._parts.__getitem__, refs))
        except IndexError:
            raise FormatError(f"a label points to symbol {max(refs)}, of {len(self._parts)}") from None
        found = self._known.get(key)
        if found is not None:
            return found
        words = [self._text(ref) for ref in refs]
        labels = dict(zip(words[::2], words[1::2], strict=True))
        return self.columns.number(key, labels) if 2 * len(labels) == len(refs) else None

    def _text(self, ref: int) -> str:
        if ref >= len(self._symbols):
            raise FormatError(f"something points to symbol {ref}, of {len(self._symbols)}")
        symbol = self._symbols[ref]
        return protobuf.text(symbol, 0, len(symbol))

    def _describe(self, message: Field, refs: list[int]) -> None:
        """The series of a metric say the same of it, each for itself: once a request is enough."""
        metric = next(
            (
                value
                for name, value in zip(refs[::2], refs[1::2], strict=False)
                if name < len(self._symbols) and self._symbols[name] == b"__name__"
            ),
            None,
        )
        if metric is None:
            return
        said = (metric, self._data[message.value : message.end])
        if said in self._said:
            return
        self._said.add(said)
        if len(self._said) > METRICS:
            raise LimitError(f"A request may describe {METRICS:,} metrics; send smaller ones.")
        kind = help_ = unit = 0
        for field in protobuf.fields(self._data, message.value, message.end):
            if field.wire != VARINT:
                continue
            if field.number == 1:
                kind = field.value
            elif field.number == 3:
                help_ = field.value
            elif field.number == 4:
                unit = field.value
        word = TYPES[kind] if kind < len(TYPES) else TYPES[0]
        texts = (self._text(ref) if ref else "" for ref in (help_, unit))
        self.columns.described.append(Described(self._text(metric), word, *texts))
