"""Remote write into a real store: what is taken, what is refused with which reason, what is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.intake import remote_write
from gadfly.intake.remote_write import RemoteWrite
from gadfly.promql import Limits
from gadfly.promql.source import STALE, STALE_BITS, Matcher
from gadfly.store.series import Batch, Series
from gadfly.telemetry import snappy
from gadfly.telemetry.remote_write_sent import described, labels, series
from gadfly.telemetry.written import Described

NOW = 1_790_000_000
T = NOW * 1000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Series]:
    made = Series(tmp_path / "series", Settings(series_per_source=20), VirtualClock(NOW))
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def receiver(store: Series) -> AsyncIterator[RemoteWrite]:
    made = RemoteWrite(VirtualClock(NOW), lambda: store)
    running = asyncio.create_task(made.run())
    await asyncio.sleep(0)
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def body(*parts: bytes) -> bytes:
    return snappy.compress(b"".join(parts))


def up(job: str, *samples: tuple[int, float]) -> bytes:
    return series(labels({"__name__": "up", "job": job}), samples)


def kept(store: Series) -> dict[str, list[tuple[int, float]]]:
    chunk = store.select([Matcher("__name__", "=", "up")], 0, 2**62, Limits())
    return {
        of["job"]: list(zip(chunk.at[a:b].tolist(), chunk.value[a:b].tolist(), strict=True))
        for of, a, b in zip(chunk.labels, chunk.offsets, chunk.offsets[1:], strict=False)
    }


async def test_samples_again_and_again(store: Series, receiver: RemoteWrite) -> None:
    for n in range(3):
        request = body(up("a", (T + n, 1.0 + n)), up("b", (T + n, 0.0)))
        assert await receiver.take(request, 1, "prom") == (2, [])
    assert kept(store) == {
        "a": [(T, 1.0), (T + 1, 2.0), (T + 2, 3.0)],
        "b": [(T, 0.0), (T + 1, 0.0), (T + 2, 0.0)],
    }
    assert store.standing().taken == {"remote_write:prom": 6}
    assert receiver.counts()["samples_total"] == 6
    assert receiver.counts()["known_series"] == 2
    assert receiver.warnings() == []


async def test_the_stale_marker_passes_through(store: Series, receiver: RemoteWrite) -> None:
    await receiver.take(body(up("a", (T, 1.0), (T + 1, STALE))), 1, "")
    chunk = store.select([Matcher("__name__", "=", "up")], 0, 2**62, Limits())
    assert chunk.value.view(np.uint64)[1] == STALE_BITS


async def test_a_repetition_is_no_fault(store: Series, receiver: RemoteWrite) -> None:
    request = body(up("a", (T, 1.0)))
    assert await receiver.take(request, 1, "") == (1, [])
    assert await receiver.take(request, 1, "") == (1, [])
    assert kept(store) == {"a": [(T, 1.0)]}


@pytest.mark.parametrize("first", [False, True], ids=["named_anew", "by_a_number_it_kept"])
async def test_a_series_of_the_node_is_not_theirs(store: Series, receiver: RemoteWrite, first: bool) -> None:
    """Ten minutes ahead under the labels of a scrape job's `up`: it is told so, and stops nothing."""
    ahead = body(up("fs", (T + 590_000, 0.0)), up("b", (T, 2.0)))
    if first:
        assert await receiver.take(ahead, 1, "") == (2, [])
    numbers, _ = store.intern([{"__name__": "up", "job": "fs"}], "scrape report:fs")
    for n in range(2):
        batch = Batch(numbers, np.array([T + n]), np.array([1.0]))
        assert (await store.append(batch, "scrape report:fs")).samples == 1
        taken, (reason,) = await receiver.take(ahead, 1, "")
        assert taken == 1
        assert "the node itself writes this series" in reason or "refused a moment ago" in reason
    assert kept(store) == {"fs": [(T, 1.0), (T + 1, 1.0)], "b": [(T, 2.0)]}
    assert receiver.counts()["samples_refused_total"] == 2


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (up("a", (T - 5, 1.0)), "older than the newest"),
        (up("a", (T, 7.0)), "another value"),
        (up("a", (T + 900_000, 1.0)), "too far ahead"),
        (series(labels({"job": "x"}), [(T, 1.0)]), "no metric name"),
        (series(labels({"__name__": "up", "a-b": "x"}), [(T, 1.0)]), "no metric name"),
        (series(b"", [(T, 1.0)]), "without labels"),
        (series(labels({"__name__": "up", "x": "y" * 3000}), [(T, 1.0)]), "too long"),
        (
            series(labels({"__name__": "up"} | {f"l{n}": "x" for n in range(70)}), [(T, 1.0)]),
            "too many labels",
        ),
        (b"\x0a\x04\x22\x02\x08\x01", "native histograms"),
    ],
)
async def test_what_can_never_be_taken_holds_up_nothing(
    store: Series, receiver: RemoteWrite, bad: bytes, reason: str
) -> None:
    await receiver.take(body(up("a", (T, 1.0))), 1, "")
    wrote = await receiver.take(body(bad, up("b", (T, 2.0))), 1, "")
    assert wrote.samples == 1
    assert len(wrote.refused) == 1
    assert reason in wrote.refused[0]
    assert kept(store)["b"] == [(T, 2.0)]


async def test_one_with_too_many_series_is_stopped_and_the_others_go_on(
    store: Series, receiver: RemoteWrite
) -> None:
    many = body(*(up(f"a{n}", (T, 1.0)) for n in range(30)))
    wrote = await receiver.take(many, 1, "greedy")
    assert wrote.samples == 20
    assert "series_per_source" in wrote.refused[0]
    assert await receiver.take(body(up("b", (T, 1.0))), 1, "modest") == (1, [])
    # At once again: what was refused is known, and told.
    wrote = await receiver.take(many, 1, "greedy")
    assert wrote.samples == 20
    assert wrote.refused == [
        "10 samples of series that were refused a moment ago; why is said within a minute"
    ]
    assert receiver.counts()["samples_refused_total"] == 20


async def test_a_steady_sender_is_let_in_again(store: Series) -> None:
    """Who sends no new series is asked about those that were refused, too, a minute later."""
    clock = VirtualClock(NOW)
    receiver = RemoteWrite(clock, lambda: store)
    numbers, _ = store.intern([{"__name__": "up", "job": "fs"}], "scrape report:fs")
    await store.append(Batch(numbers, np.array([T]), np.array([1.0])), "scrape report:fs")
    for wanted in ("the node itself writes", "refused a moment ago"):
        wrote = await receiver.take(body(up("fs", (T + 1, 0.0))), 1, "steady")
        assert wanted in wrote.refused[0]
    await store.append(Batch(numbers, np.array([T + 1]), np.array([STALE])), "scrape report:fs")
    await clock.advance(61)
    assert await receiver.take(body(up("fs", (T + 2, 0.0))), 1, "steady") == (1, [])


async def test_what_metrics_are(store: Series, receiver: RemoteWrite) -> None:
    await receiver.take(body(described(Described("up", "gauge", "Whether.", "")), up("a", (T, 1.0))), 1, "")
    assert store.metadata("up") == {"up": [("gauge", "Whether.", "")]}


@pytest.mark.parametrize(
    ("request_", "error"),
    [(b"", FormatError), (b"abc", FormatError), (body(b"\x0a\x05ab"), FormatError)],
)
async def test_nothing_of_what_is_no_request(
    store: Series, receiver: RemoteWrite, request_: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await receiver.take(request_, 1, "")
    assert store.standing().head == 0
    assert receiver.counts()["malformed_total"] == 1
    assert await receiver.take(body(up("b", (T, 1.0))), 1, "") == (1, [])


async def test_a_bomb(receiver: RemoteWrite) -> None:
    with pytest.raises(LimitError, match="decompressed"):
        await receiver.take(body(bytes(remote_write.LARGEST + 1)), 1, "")


async def test_a_store_that_is_not_open_yet() -> None:
    with pytest.raises(StoreError, match="in a moment"):
        await RemoteWrite(VirtualClock(NOW), lambda: None).take(body(up("a", (T, 1.0))), 1, "")


async def test_a_name_that_was_let_go_is_asked_for_again(
    store: Series, receiver: RemoteWrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    await receiver.take(body(up("a", (T, 1.0))), 1, "")
    store._held.index.forget(set())
    assert await receiver.take(body(up("a", (T + 1, 2.0))), 1, "") == (1, [])
    assert (T + 1, 2.0) in kept(store)["a"]


async def test_there_is_a_bound_on_what_waits(receiver: RemoteWrite) -> None:
    assert not receiver.admit(remote_write.WAITING + 1)
    assert receiver.admit(remote_write.WAITING - 10)
    assert receiver.admit(10)
    assert not receiver.admit(1)
    assert receiver.counts()["waiting_bytes"] == remote_write.WAITING
    receiver.done(10)
    assert receiver.admit(1)
    assert receiver.counts()["turned_away_total"] == 2


async def test_the_operator_is_told_of_histograms(receiver: RemoteWrite) -> None:
    wrote = await receiver.take(body(b"\x0a\x04\x22\x02\x08\x01"), 1, "")
    assert wrote.samples == 0
    (warning,) = receiver.warnings()
    assert "1 native histograms were sent" in warning


async def test_metrics_beyond_what_is_remembered(
    store: Series, receiver: RemoteWrite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gadfly.store.series.series.METRICS", 0)
    one = described(Described("up", "gauge", "Whether.", ""))
    assert await receiver.take(body(one, up("a", (T, 1.0))), 1, "") == (1, [])
    assert receiver.counts()["metadata_refused_total"] == 1
