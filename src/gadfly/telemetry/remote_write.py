"""Prometheus' remote write, version 1: the message `prometheus.WriteRequest`, read into columns and written.

Senders write the same series again and again, and nearly always one sample of each. So the bytes of a
series' labels are a key to its number, and what stands behind them is a sample in one of two lengths: 18
bytes, or 9 where the value is 0. That labels end where the key ends is known, not guessed: a key was read
label by label before it became one. The samples themselves are read in bulk; whatever has another form goes
the long way, field by field. The specification: https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.errors import FormatError, LimitError
from gadfly.telemetry import protobuf
from gadfly.telemetry.protobuf import DELIMITED, FIXED64, VARINT, Field, Tally
from gadfly.telemetry.written import LABELS, METRICS, SERIES, TYPES, Columns, Described, Samples, Written

_WHOLE, _ZERO = 18, 9
"""Bytes of a sample with its tag, as long as the time in ms takes six bytes (2004 to 2109): with a value, and
with none as it is 0."""
_MANY = 4
"""Samples of one series from which reading them together is quicker."""

FIELDS, EMPTY = 3_000_000, 300
"""Fields of one request that are read one by one, and what one without content counts for."""


def fields_left() -> Tally:
    """What a request may still have; beyond, LimitError."""
    return Tally(FIELDS, EMPTY, LimitError(f"A request may have {FIELDS:,} fields; send smaller ones."))


def decode(data: bytes, known: Mapping[Any, int]) -> Written:
    """A WriteRequest. `known` maps the bytes of labels, as a series' `Fresh.key` said, to its number.

    FormatError: it is none, and nothing of it may be used. LimitError: more than a request may have.
    """
    columns = Columns()
    get = known.get
    whole, zero = _Plain([], [], []), _Plain([], [], [])
    numbers, begins, stops = whole
    slow: list[tuple[int, int]] = []
    tally = fields_left()
    at, end = 0, len(data)
    while at < end:
        if data[at] != 0x0A or at + 3 > end:
            field = next(protobuf.fields(data, at, end, tally))
            at = field.end
            if field.number == 1 and field.wire == DELIMITED:
                slow.append((field.value, field.end))
            elif field.number == 3 and field.wire == DELIMITED:
                columns.described.append(_described(data, field, tally))
                if len(columns.described) > METRICS:
                    raise LimitError(f"A request may describe {METRICS:,} metrics; send smaller ones.")
            continue
        length = data[at + 1]
        begin = at + 2
        if length >= 0x80:
            following = data[begin]
            if following < 0x80:
                length += (following << 7) - 0x80
                begin += 1
            else:
                length, begin = protobuf.varint(data, at + 1, end)
        at = begin + length
        if at > end:
            raise FormatError(f"protobuf: the series at byte {begin} is cut off")
        if length > _WHOLE:
            number = get(data[begin : at - _WHOLE])
            if number is not None:
                numbers.append(number)
                begins.append(begin)
                stops.append(at)
                continue
        if length > _ZERO:
            number = get(data[begin : at - _ZERO])
            if number is not None:
                zero.numbers.append(number)
                zero.begins.append(begin)
                zero.stops.append(at)
                continue
        slow.append((begin, at))
        if len(slow) > SERIES:
            raise LimitError(f"A request may have {SERIES:,} series; send smaller ones.")
    raw = np.frombuffer(data, dtype=np.uint8)
    for some, size in ((whole, _WHOLE), (zero, _ZERO)):
        if some.numbers:
            place = np.array(some.stops, np.int64)
            read = together(raw[place[:, None] + np.arange(-size, 0)])
            if read is not None:
                columns.together(Samples(np.array(some.numbers, np.int64), *read, place))
            else:
                # Something that is not one plain sample has the length of one.
                slow += zip(some.begins, some.stops, strict=True)
    for begin, stop in sorted(slow):
        series(data, begin, stop, known, columns, tally)
    return columns.written()


class _Plain(NamedTuple):
    """Series that are known, each with what must be one sample behind its labels."""

    numbers: list[int]
    begins: list[int]
    stops: list[int]


def together(rows: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Times and values of samples as encoders write them today, a row each. None: one has another form."""
    size = rows.shape[1]
    times = rows[:, -6:]
    plain = (rows[:, 0] == 0x12) & (rows[:, 1] == size - 2) & (rows[:, -7] == 0x10)
    plain &= (times[:, :5] >= 0x80).all(axis=1) & (times[:, 5] < 0x80)
    if size == _WHOLE:
        plain &= rows[:, 2] == 0x09
    if not plain.all():
        return None
    at = np.zeros(len(rows), dtype=np.int64)
    for position in range(6):
        at |= (times[:, position] & 0x7F).astype(np.int64) << (7 * position)
    if size == _WHOLE:
        return at, np.ascontiguousarray(rows[:, 3:11]).view("<f8").ravel()
    return at, np.zeros(len(rows))


def series(
    data: bytes,
    begin: int,
    stop: int,
    known: Mapping[Any, int],
    columns: Columns,
    tally: Tally | None = None,
) -> None:
    """A TimeSeries of any form, the long way; where it has many plain samples, these together."""
    at = begin
    while at < stop and data[at] == 0x0A:
        length, at = protobuf.varint(data, at + 1, stop)
        at += length
        if tally is not None:
            tally.take(length)
    if at > stop:
        raise FormatError(f"protobuf: the labels at byte {begin} are cut off")
    key = data[begin:at]
    number = known.get(key)
    labels = None
    if number is None:
        labels = _labels(data, begin, at, tally)
    if stop - at >= _MANY * _ZERO and (many := _many(data, at, stop)):
        if number is None:
            if labels is None:
                columns.strays += sum(len(one.at) for one in many)
                return
            number = columns.number(key, labels)
        for one in many:
            columns.together(one._replace(series=np.full(len(one.at), number, np.int64)))
        return
    samples: list[tuple[int, float, int]] = []
    late = False
    for field in protobuf.fields(data, at, stop, tally):
        if field.wire != DELIMITED:
            continue
        if field.number == 2:
            samples.append((*sample(data, field, tally), field.end))
        elif field.number == 1:
            late = True
        elif field.number == 3:
            columns.exemplars += 1
        elif field.number == 4:
            columns.histograms += 1
    if late:
        labels = _labels(data, begin, stop, tally)
        number = None
    if not samples:
        return
    if number is None:
        if labels is None:
            columns.strays += len(samples)
            return
        number = columns.number(None if late else key, labels)
    for when, value, place_ in samples:
        columns.sample(number, when, value, place_)


def _many(data: bytes, at: int, stop: int) -> list[Samples]:
    """The samples that stand there, in one part or two. None where something else stands among them."""
    wholes: list[int] = []
    zeros: list[int] = []
    while at < stop - 1:
        if data[at] != 0x12:
            return []
        size = data[at + 1] + 2
        at += size
        if size == _WHOLE:
            wholes.append(at)
        elif size == _ZERO:
            zeros.append(at)
        else:
            return []
    if at != stop:
        return []
    raw = np.frombuffer(data, dtype=np.uint8)
    found = []
    for places, size in ((wholes, _WHOLE), (zeros, _ZERO)):
        if places:
            place = np.array(places, np.int64)
            read = together(raw[place[:, None] + np.arange(-size, 0)])
            if read is None:
                return []
            found.append(Samples(place, *read, place))
    return found


def sample(data: bytes, message: Field, tally: Tally | None = None) -> tuple[int, float]:
    """Time in ms and value of a Sample; in both versions."""
    at, value = 0, 0.0
    for field in protobuf.fields(data, message.value, message.end, tally):
        if field.number == 1 and field.wire == FIXED64:
            value = protobuf.double(field.value)
        elif field.number == 2 and field.wire == VARINT:
            at = protobuf.signed(field.value)
    return at, value


def _labels(data: bytes, begin: int, stop: int, tally: Tally | None) -> dict[str, str] | None:
    """The labels among these fields. None where they cannot be any; see `Written.strays`."""
    labels: dict[str, str] = {}
    count = 0
    for field in protobuf.fields(data, begin, stop):
        if field.number != 1 or field.wire != DELIMITED:
            continue
        name = value = ""
        for part in protobuf.fields(data, field.value, field.end, tally):
            if part.wire != DELIMITED:
                continue
            if part.number == 1:
                name = protobuf.text(data, part.value, part.end)
            elif part.number == 2:
                value = protobuf.text(data, part.value, part.end)
        labels[name] = value
        count += 1
        if count > LABELS:
            return None
    return labels if count and len(labels) == count else None


def _described(data: bytes, message: Field, tally: Tally) -> Described:
    kind = 0
    words = {2: "", 4: "", 5: ""}
    for field in protobuf.fields(data, message.value, message.end, tally):
        if field.number == 1 and field.wire == VARINT:
            kind = field.value
        elif field.number in words and field.wire == DELIMITED:
            words[field.number] = protobuf.text(data, field.value, field.end)
    return Described(words[2], TYPES[kind] if kind < len(TYPES) else TYPES[0], words[4], words[5])
