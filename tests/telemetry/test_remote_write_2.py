"""Remote write, version 2: labels that point into a table of symbols."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError, LimitError
from gadfly.telemetry import remote_write_2
from gadfly.telemetry.remote_write_sent import sample, varint
from gadfly.telemetry.written import Described, Written

T = 1_790_000_000_000
SYMBOLS = ["", "__name__", "up", "job", "node", "api", "Whether it is up.", "s"]


def delimited(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + varint(len(content)) + content


def series(refs: list[int], *more: bytes) -> bytes:
    return delimited(0x2A, delimited(0x0A, b"".join(map(varint, refs))) + b"".join(more))


def request(*parts: bytes, symbols: list[str] = SYMBOLS) -> bytes:
    return b"".join(delimited(0x22, one.encode()) for one in symbols) + b"".join(parts)


def about(kind: int, help_: int, unit: int) -> bytes:
    return delimited(0x2A, b"\x08" + varint(kind) + b"\x18" + varint(help_) + b"\x20" + varint(unit))


def rows(written: Written) -> list[tuple[object, ...]]:
    columns = zip(written.series.tolist(), written.at.tolist(), written.value.tolist(), strict=True)
    return [
        (written.fresh[-2 - number].labels if number < -1 else number, at, value)
        for number, at, value in columns
    ]


NODE = {"__name__": "up", "job": "node"}
API = {"__name__": "up", "job": "api"}


def test_series_samples_and_what_they_are() -> None:
    first = series([1, 2, 3, 4], sample(T, 1.5), sample(T + 1, 0.0), about(2, 6, 7))
    data = request(first, series([1, 2, 3, 5], sample(T, 2.0), about(2, 6, 7)))
    written = remote_write_2.decode(data, {})
    assert rows(written) == [(NODE, T, 1.5), (NODE, T + 1, 0.0), (API, T, 2.0)]
    assert written.described == [Described("up", "gauge", "Whether it is up.", "s")]
    # Another request has another table, and the same series.
    known = {one.key: number for number, one in enumerate(written.fresh)}
    turned = list(reversed(SYMBOLS))
    places = [turned.index(SYMBOLS[ref]) for ref in (1, 2, 3, 5)]
    again = remote_write_2.decode(request(series(places, sample(T + 9, 3.0)), symbols=turned), known)
    assert rows(again) == [(1, T + 9, 3.0)]


def test_a_table_of_more_than_a_byte() -> None:
    symbols = [*(f"s{n}" for n in range(300)), "__name__", "up"]
    data = request(series([300, 301, 5, 200], sample(T, 1.0)), symbols=symbols)
    assert rows(remote_write_2.decode(data, {})) == [({"__name__": "up", "s5": "s200"}, T, 1.0)]


def test_the_table_may_stand_behind() -> None:
    data = series([1, 2], sample(T, 1.0)) + request()
    assert rows(remote_write_2.decode(data, {})) == [({"__name__": "up"}, T, 1.0)]


def test_when_a_counter_began_is_passed_over() -> None:
    began = b"\x09" + struct.pack("<d", 1.0) + b"\x10" + varint(T) + b"\x18" + varint(T - 5)
    data = request(series([1, 2], delimited(0x12, began)))
    assert rows(remote_write_2.decode(data, {})) == [({"__name__": "up"}, T, 1.0)]


def test_what_is_not_kept_is_counted() -> None:
    data = request(series([1, 2], delimited(0x1A, b""), delimited(0x22, b""), delimited(0x22, b"")))
    written = remote_write_2.decode(data, {})
    assert (written.histograms, written.exemplars, len(written.at), written.fresh) == (1, 2, 0, [])


@pytest.mark.parametrize("refs", [[], [1], [1, 2, 3, 4, 3, 5], [1, 2] * 1001])
def test_labels_that_cannot_be_any(refs: list[int]) -> None:
    data = request(series(refs, sample(T, 1.0), sample(T + 1, 1.0)), series([1, 2], sample(T, 1.0)))
    written = remote_write_2.decode(data, {})
    assert written.strays == 2
    assert rows(written) == [({"__name__": "up"}, T, 1.0)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (request(series([1, 200], sample(T, 1.0))), "symbol 200, of 8"),
        (request(series([1, 2], sample(T, 1.0), about(1, 99, 0))), "symbol 99, of 8"),
        (request(series([1, 2]))[:-1], "cut off"),
        (request(symbols=["a"]) + delimited(0x22, b"\xff") + series([0, 1], sample(T, 1.0)), "UTF-8"),
    ],
)
def test_what_is_no_request(data: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        remote_write_2.decode(data, {})


@pytest.mark.parametrize(("part", "words"), [(b"\x22\x00", "symbols"), (b"\x2a\x00", "series")])
def test_more_than_a_request_may_have(part: bytes, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_write_2, "SYMBOLS", 10)
    monkeypatch.setattr(remote_write_2, "SERIES", 10)
    remote_write_2.decode(part * 10, {})
    with pytest.raises(LimitError, match=words):
        remote_write_2.decode(part * 11, {})


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        written = remote_write_2.decode(request() + data, {})
    except FormatError:
        return
    assert len(written.series) == len(written.at) == len(written.value)


def test_what_is_not_known_is_passed_over() -> None:
    unknown = b"\x38\x07" + delimited(0x3A, b"later")
    refs = b"\x08\x01\x08\x02"  # one by one, as no encoder needs to, and every reader must take
    kind = delimited(0x2A, b"\x08\x63" + unknown)
    data = unknown + request(delimited(0x2A, unknown + refs + sample(T, 1.0) + kind)) + unknown
    written = remote_write_2.decode(data, {})
    assert rows(written) == [({"__name__": "up"}, T, 1.0)]
    assert written.described == [Described("up", "unknown", "", "")]


def test_metadata_without_a_metric_says_nothing() -> None:
    assert remote_write_2.decode(request(series([3, 4], about(2, 6, 0))), {}).described == []


def test_there_is_a_bound_on_what_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_write_2, "METRICS", 1)
    same = request(series([1, 2], about(1, 6, 0)), series([1, 2], about(1, 6, 0)))
    assert len(remote_write_2.decode(same, {}).described) == 1
    with pytest.raises(LimitError, match="metrics"):
        remote_write_2.decode(request(series([1, 2], about(1, 6, 0)), series([1, 5], about(1, 6, 0))), {})


@pytest.mark.parametrize(
    "odd",
    [
        series([1, 2, 3, 200], sample(T, 1.0)),  # beyond the table
        series([1, 2, 3], sample(T, 1.0)),
        delimited(0x2A, delimited(0x0A, b"\x01\x02\x03\x84") + sample(T, 1.0)),  # ends within a number
        delimited(0x2A, delimited(0x0A, b"\x01\x02\x03\x84\x80\x80\x80\x80\x80\x00") + sample(T, 1.0)),
        series([1, 2, 3, 4], delimited(0x12, b"\x11" + bytes(8) + b"\x10" + varint(T))),
        series([1, 2, 3, 4], sample(0, 1.0)),
        series([1, 2, 3, 4], sample(T, 1.0), sample(T + 1, 1.0)),
        series([1, 2, 3, 4], sample(T, 1.0), delimited(0x22, b"")),
        series([1, 2, 3, 4], sample(T, 1.0), about(2, 6, 0)),
        series([1, 2, 3, 4], sample(T, 0.0)),
        series([], sample(T, 1.0)),
        series([1, 2, 3, 5], sample(T, 1.0)),
    ],
)
def test_known_or_not_it_is_the_same(odd: bytes) -> None:
    node, api = (remote_write_2.decode(request(series([1, 2, 3, job], sample(T, 1.0))), {}) for job in (4, 5))
    known = {node.fresh[0].key: 7, api.fresh[0].key: 8}
    data = request(series([1, 2, 3, 5], sample(T - 9, 2.0)), odd, series([1, 2, 3, 4], sample(T + 9, 3.0)))
    outcome = []
    for some in ({}, known):
        try:
            written = remote_write_2.decode(data, some)
        except FormatError as error:
            outcome.append(str(error))
            continue
        names: dict[object, object] = {7: NODE, 8: API}
        found = [(names.get(of, of) if isinstance(of, int) else of, *more) for of, *more in rows(written)]
        outcome.append(str((found, written.strays, written.exemplars, written.described)))
    assert outcome[0] == outcome[1]


@given(st.data())
def test_a_changed_byte_is_read_or_refused(data: st.DataObject) -> None:
    whole = request(
        series([1, 2, 3, 4], sample(T, 1.5), about(2, 6, 7)), series([1, 2, 3, 5], sample(T, 0.0))
    )
    fresh = remote_write_2.decode(whole, {}).fresh
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    outcome = []
    for known in ({}, {one.key: number for number, one in enumerate(fresh)}):
        try:
            written = remote_write_2.decode(changed, known)
        except FormatError:
            outcome.append("refused")
            continue
        found = [(fresh[of].labels if isinstance(of, int) else of, *more) for of, *more in rows(written)]
        outcome.append(str(found))
    assert outcome[0] == outcome[1]
