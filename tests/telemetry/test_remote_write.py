"""Remote write, version 1: the same comes out of a request whichever way its parts are read."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FormatError, LimitError
from gadfly.telemetry import remote_write, remote_write_sent
from gadfly.telemetry.remote_write_sent import described, labels, sample, series
from gadfly.telemetry.written import Columns, Described, Written

T = 1_790_000_000_000
UP = {"__name__": "up", "instance": "a:9100", "job": "node"}
DOWN = {"__name__": "up", "instance": "b:9100", "job": "node"}
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]


def rows(written: Written, names: dict[int, dict[str, str]] | None = None) -> list[tuple[Any, ...]]:
    """(labels, ms, bits of the value) in order."""
    names = names or {}
    found = []
    bits = written.value.view(np.uint64)
    for number, at, value in zip(written.series.tolist(), written.at.tolist(), bits.tolist(), strict=True):
        of = written.fresh[-2 - number].labels if number < -1 else names[number]
        found.append((tuple(sorted(of.items())), at, value))
    return found


def expected(*some: tuple[dict[str, str], list[tuple[int, float]]]) -> list[tuple[Any, ...]]:
    return [
        (tuple(sorted(of.items())), at, struct.unpack("<Q", struct.pack("<d", value))[0])
        for of, samples in some
        for at, value in samples
    ]


SAMPLES = [
    [(T, 1.5)],
    [(T, 0.0)],
    [(T, -0.0)],
    [(T, STALE)],
    [(T, float("inf"))],
    [(0, 1.0)],
    [(0, 0.0)],
    [(-5, 1.0)],
    [(2**62, 1.0)],
    [(T, 0.0), (T + 1, 0.0)],
    [(T + n, float(n)) for n in range(10)],
    [(T + n, float(n + 1)) for n in range(10)],
]


@pytest.mark.parametrize("first", SAMPLES)
@pytest.mark.parametrize("second", SAMPLES)
def test_known_or_not_it_is_the_same(first: list[tuple[int, float]], second: list[tuple[int, float]]) -> None:
    data = series(labels(UP), first) + series(labels(DOWN), second) + series(labels(UP), [(T + 50, 9.0)])
    wanted = expected((UP, first), (DOWN, second), (UP, [(T + 50, 9.0)]))
    unknown = remote_write.decode(data, {})
    assert rows(unknown) == wanted
    assert [one.key for one in unknown.fresh] == [labels(UP), labels(DOWN)]
    names = {7: UP, 9: DOWN}
    for known in ({labels(UP): 7, labels(DOWN): 9}, {labels(UP): 7}, {labels(DOWN): 9}):
        written = remote_write.decode(data, known)
        assert rows(written, names) == wanted
        assert len(written.fresh) == 2 - len(known)


def test_what_is_said_of_metrics() -> None:
    said = [Described("up", "gauge", "Whether.", ""), Described("x", "stateset", "", "s")]
    data = b"".join(map(described, said)) + series(labels(UP), [(T, 1.0)])
    assert remote_write.decode(data, {}).described == said
    unheard = b"\x1a\x05\x08\x63\x12\x01x"
    assert remote_write.decode(unheard, {}).described == [Described("x", "unknown", "", "")]


def delimited(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + remote_write_sent.varint(len(content)) + content


EXEMPLAR = delimited(0x1A, b"\x11" + struct.pack("<d", 1.0))
HISTOGRAM = delimited(0x22, b"\x08\x01")


def test_what_is_not_kept_is_counted() -> None:
    named = labels(UP)
    data = (
        delimited(0x0A, named + sample(T, 1.0) + EXEMPLAR)
        + delimited(0x0A, named + HISTOGRAM)
        + delimited(0x0A, named + EXEMPLAR + HISTOGRAM + sample(T + 1, 2.0))
    )
    for known in ({}, {named: 3}):
        written = remote_write.decode(data, known)
        assert rows(written, {3: UP}) == expected((UP, [(T, 1.0), (T + 1, 2.0)]))
        assert (written.exemplars, written.histograms) == (2, 2)


def test_something_else_of_a_sample_s_length() -> None:
    """Behind known labels stand 18 (or 9) bytes that are no sample."""
    named = labels(UP)
    other = delimited(0x22, b"\x08\x01" * 8)
    assert len(other) == 18
    small = delimited(0x22, b"\x08\x80\x80\x80\x80\x80\x01")
    assert len(small) == 9
    data = delimited(0x0A, named + other) + series(named, [(T, 4.0)]) + delimited(0x0A, named + small)
    written = remote_write.decode(data, {named: 3})
    assert rows(written, {3: UP}) == expected((UP, [(T, 4.0)]))
    assert written.histograms == 2


def test_labels_behind_the_samples() -> None:
    one, two = labels({"__name__": "up"}), labels({"job": "node"})
    data = delimited(0x0A, one + sample(T, 1.0) + two)
    for known in ({}, {one: 3}):
        written = remote_write.decode(data, known)
        assert rows(written, {3: {"wrong": ""}}) == expected(({"__name__": "up", "job": "node"}, [(T, 1.0)]))
        assert written.fresh[0].key is None


@pytest.mark.parametrize(
    "named",
    [
        b"",
        labels({"job": "a"}) + labels({"job": "b"}),
        b"".join(labels({f"l{n}": "x"}) for n in range(1001)),
    ],
)
@pytest.mark.parametrize("count", [1, 6])
def test_labels_that_cannot_be_any(named: bytes, count: int) -> None:
    data = series(named, [(T + n, 1.0) for n in range(count)]) + series(labels(UP), [(T, 1.0)])
    written = remote_write.decode(data, {})
    assert written.strays == count
    assert rows(written) == expected((UP, [(T, 1.0)]))


def test_what_is_not_known_is_passed_over() -> None:
    data = b"\x20\x07" + series(labels(UP), [(T, 1.0)]) + delimited(0x3A, b"later") + b"\x0d\0\0\0\0"
    assert rows(remote_write.decode(data, {})) == expected((UP, [(T, 1.0)]))


WHOLE = series(labels(UP), [(T, 1.5)]) + series(labels(DOWN), [(T, 0.0)])


@pytest.mark.parametrize("known", [{}, {labels(UP): 1, labels(DOWN): 2}])
def test_whatever_is_cut_off_is_refused(known: dict[bytes, int]) -> None:
    between = len(series(labels(UP), [(T, 1.5)]))
    for end in set(range(1, len(WHOLE))) - {between}:
        with pytest.raises(FormatError):
            remote_write.decode(WHOLE[:end], known)


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        delimited(0x0A, b"\x0a\x05ab"),
        delimited(0x0A, delimited(0x0A, b"\x0a\x02\xff\xfe")),
        delimited(0x0A, labels(UP) + b"\x12\x05\x09"),
        b"\x0a",
        b"\x0a\x80",
    ],
)
def test_what_is_no_request(data: bytes) -> None:
    # Where the labels are read, they must be right: so there is a sample behind each.
    with pytest.raises(FormatError):
        remote_write.decode(data, {})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x0a\x00" * 500_002, "500,000 series"),
        (b"\x1a\x02\x08\x01" * 100_001, "100,000 metrics"),
    ],
)
def test_more_than_a_request_may_have(data: bytes, words: str) -> None:
    with pytest.raises(LimitError, match=words):
        remote_write.decode(data, {})


def test_more_samples_than_a_request_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_write, "Columns", lambda: Columns(5))
    few = [(T + n, 1.0) for n in range(3)]
    many = [(T + n, 1.0) for n in range(6)]
    assert len(remote_write.decode(series(labels(UP), few), {}).at) == 3
    for data in (series(labels(UP), many), series(labels(UP), few) + series(labels(DOWN), few)):
        with pytest.raises(LimitError, match="samples"):
            remote_write.decode(data, {})


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for known in ({}, {labels(UP): 1}):
        try:
            written = remote_write.decode(data, known)
        except FormatError:
            continue
        assert len(written.series) == len(written.at) == len(written.value)


@given(st.data())
def test_a_changed_byte_is_read_or_refused(data: Any) -> None:
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    changed = WHOLE[:at] + bytes([data.draw(st.integers(0, 255))]) + WHOLE[at + 1 :]
    outcome = []
    for known in ({}, {labels(UP): 1, labels(DOWN): 2}):
        try:
            outcome.append(rows(remote_write.decode(changed, known), {1: UP, 2: DOWN}))
        except FormatError:
            outcome.append([("refused",)])
    assert outcome[0] == outcome[1]
