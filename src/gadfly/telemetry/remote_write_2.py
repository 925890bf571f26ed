"""Prometheus' remote write, version 2: `io.prometheus.write.v2.Request`, whose labels point into a table of
symbols. Read into the same columns as version 1.

A series is known by the bytes that its labels would have if the symbols stood there, so that what is known
outlasts a request and its table. The specification: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np

from gadfly.errors import FormatError, LimitError
from gadfly.telemetry import protobuf
from gadfly.telemetry.protobuf import DELIMITED, VARINT, Field, Tally
from gadfly.telemetry.remote_write import fields_left, sample, together
from gadfly.telemetry.written import LABELS, METRICS, SERIES, TYPES, Columns, Described, Samples, Written

SYMBOLS = 1_000_000
"""Symbols of one request."""
TOGETHER = 8_000_000
"""Bytes of references that are read together, forty of memory for each; further ones, series by series."""
_NOWHERE = 1 << 60


def decode(data: bytes, known: Mapping[Any, int]) -> Written:
    """A Request. `known` maps a series' `Fresh.key` to its number.

    FormatError: it is none, and nothing of it may be used. LimitError: more than a request may have.
    """
    symbols: list[bytes] = []
    series: list[tuple[int, int]] = []
    tally = fields_left()
    at, end = 0, len(data)
    while at < end:
        tag = data[at]
        if tag in (0x22, 0x2A) and at + 1 < end and data[at + 1] < 0x80:
            begin = at + 2
            at = begin + data[at + 1]
            if at > end:
                raise FormatError(f"protobuf: what begins at byte {begin} is cut off")
        else:
            field = next(protobuf.fields(data, at, end, tally))
            begin, at = field.value, field.end
            tag = field.number << 3 | field.wire
        if tag == 0x22:
            symbols.append(data[begin:at])
            if len(symbols) > SYMBOLS:
                raise LimitError(f"A request may have {SYMBOLS:,} symbols; send smaller ones.")
        elif tag == 0x2A:
            series.append((begin, at))
            if len(series) > SERIES:
                raise LimitError(f"A request may have {SERIES:,} series; send smaller ones.")
    reading = _Reading(data, symbols, known, tally)
    for begin, stop in reading.plain(series):
        reading.series(begin, stop)
    return reading.columns.written()


class _Reading:
    """One request, read a series at a time."""

    def __init__(self, data: bytes, symbols: list[bytes], known: Mapping[Any, int], tally: Tally) -> None:
        self.columns = Columns()
        self._data = data
        self._symbols = symbols
        # A symbol with its length, so that no two lists of symbols look alike when they stand side by side.
        self._parts = [len(one).to_bytes(4) + one for one in symbols]
        self._known = known
        self._tally = tally
        self._said: set[tuple[int, bytes]] = set()

    def plain(self, series: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Take in those that are known and have one sample in its usual form, together. The rest is left."""
        data = self._data
        rest: list[tuple[int, int]] = []
        found: list[tuple[int, int, bytes, int]] = []
        room = TOGETHER
        for begin, stop in series:
            behind = stop
            if stop - begin > 2 and data[begin] == 0x0A and data[begin + 1] < 0x80:
                behind = begin + 2 + data[begin + 1]
            if room > 0 and behind + 1 < stop and data[behind] == 0x12:
                last = behind + 2 + data[behind + 1]
                if last == stop or (
                    last + 1 < stop and data[last] == 0x2A and last + 2 + data[last + 1] == stop
                ):
                    found.append((begin, stop, data[begin + 2 : behind], last))
                    room -= behind - begin
                    continue
            rest.append((begin, stop))
        refs, ends = _numbers([raw for _, _, raw, _ in found])
        parts, known, said = self._parts, self._known, self._said
        most = max(refs, default=0)
        groups: dict[int, list[tuple[int, int, int, int]]] = {18: [], 9: []}
        start = 0
        for (begin, stop, raw, last), end in zip(found, ends, strict=True):
            mine = refs[start:end]
            start = end
            number = None
            if most < len(parts):
                number = known.get(b"".join([parts[ref] for ref in mine]))
            group = groups.get(last - begin - 2 - len(raw))
            if number is None or group is None:
                rest.append((begin, stop))
                continue
            if last < stop and (mine[1], data[last + 2 : stop]) not in said:
                self._describe(Field(5, DELIMITED, last + 2, stop), mine)
            group.append((number, begin, stop, last))
        for size, some in groups.items():
            if not some:
                continue
            numbers, _, _, places = (np.array(column, np.int64) for column in zip(*some, strict=True))
            read = together(np.frombuffer(data, np.uint8)[places[:, None] + np.arange(-size, 0)])
            if read is None:
                rest += [(begin, stop) for _, begin, stop, _ in some]
            else:
                self.columns.together(Samples(numbers, *read, places))
        return sorted(rest)

    def series(self, begin: int, stop: int) -> None:
        """Take one in, the long way."""
        data, columns = self._data, self.columns
        refs: list[int] = []
        samples: list[Field] = []
        about: Field | None = None
        for field in protobuf.fields(data, begin, stop, self._tally):
            if field.number == 1 and field.wire in (DELIMITED, VARINT):
                # More than a series may have are no labels, however many they are.
                refs += islice(protobuf.packed(data, field), max(0, 2 * LABELS + 1 - len(refs)))
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
        self._tally.spend(len(refs))
        if about is not None:
            self._describe(about, refs)
        if not samples:
            return
        number = self._number(refs)
        if number is None:
            columns.strays += len(samples)
            return
        for one in samples:
            columns.sample(number, *sample(data, one, self._tally), one.end)

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
        for field in protobuf.fields(self._data, message.value, message.end, self._tally):
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


def _numbers(raw: list[bytes]) -> tuple[list[int], list[int]]:
    """The varints of all of these, and after how many each list ends.

    Where one is cut off or longer than five bytes they are as large as no symbol's number, so that they are
    looked at closely elsewhere.
    """
    packed = np.frombuffer(b"".join(raw), np.uint8)
    last = np.flatnonzero(packed < 0x80)
    length = np.diff(last, prepend=-1)
    value = packed[last].astype(np.int64)
    for back in range(1, 5):
        more = length > back
        value[more] = value[more] << 7 | (packed[last[more] - back] & 0x7F)
    value[length > 5] = _NOWHERE
    bounds = np.cumsum([len(one) for one in raw])
    ends = np.searchsorted(last, bounds, side="left")
    # A list that ends within a number lets it end in the next list.
    if len(packed) and not (packed[bounds[bounds > 0] - 1] < 0x80).all():
        value[:] = _NOWHERE
    return value.tolist(), ends.tolist()
