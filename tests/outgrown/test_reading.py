"""Samples of a store elsewhere, over a real socket: what is asked, and what is made of each answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

from gadfly.clock import VirtualClock
from gadfly.config.remote import Remote
from gadfly.config.series import Series as Settings
from gadfly.errors import ConfigError, LimitError, StoreError
from gadfly.outgrown import client, reading
from gadfly.outgrown.reading import Reading, selector
from gadfly.outgrown.series import OutgrownSeries, opener
from gadfly.promql.limits import Limits
from gadfly.promql.source import STALE, STALE_BITS, Matcher, Metadata
from gadfly.store.series import Series
from gadfly.telemetry import protobuf, snappy
from gadfly.telemetry.remote_write_sent import delimited, labels, series

T = 1_790_000_000_000
UP = {"__name__": "up", "job": "a"}
ANY = [Matcher("__name__", "=", "up"), Matcher("job", "!~", 'x"\\')]


class Elsewhere:
    """A server that answers everything alike, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b""
        self.sent: dict[str, str] = {}
        self.closes = False
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append((self.command, self.path, headers, body))
                self.send_response(outer.status)
                self.send_header("content-length", str(len(outer.body)))
                for name, value in outer.sent.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(outer.body)
                if outer.closes:
                    self.close_connection = True

            do_GET = do_POST = _answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/base"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def of(elsewhere: Elsewhere) -> Iterator[Any]:
    made: list[Reading] = []

    def make(kind: str = "prometheus", **more: Any) -> Reading:
        made.append(Reading(Remote(read=elsewhere.url, kind=kind, **more)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


def answered(*some: bytes) -> bytes:
    return snappy.compress(delimited(0x0A, b"".join(some)))


def rows(chunk: Any) -> dict[str, list[tuple[int, Any]]]:
    bits = chunk.value.view(np.uint64)
    stale = [bit == STALE_BITS for bit in bits.tolist()]
    value = [None if gone else one for one, gone in zip(chunk.value.tolist(), stale, strict=True)]
    return {
        one["job"]: list(zip(chunk.at[a:b].tolist(), value[a:b], strict=True))
        for one, a, b in zip(chunk.labels, chunk.offsets, chunk.offsets[1:], strict=False)
    }


def test_a_selector_in_words() -> None:
    assert selector(ANY) == '{__name__="up",job!~"x\\"\\\\"}'
    assert selector([Matcher("a", "=", "1\n2")]) == '{a="1\\n2"}'


def test_by_remote_read(elsewhere: Elsewhere, of: Any) -> None:
    elsewhere.body = answered(
        series(labels(UP), [(T, 1.0), (T + 1, 0.0), (T + 2, STALE)]),
        series(labels({**UP, "job": "b"}), [(T + n, float(n)) for n in range(9)]),
    )
    chunk = of().select(ANY, T - 1000, T + 5, Limits())
    assert rows(chunk) == {
        "a": [(T, 1.0), (T + 1, 0.0), (T + 2, None)],
        "b": [(T + n, float(n)) for n in range(9)],
    }
    method, path, headers, body = elsewhere.asked[0]
    assert (method, path) == ("POST", "/base/api/v1/read")
    assert headers["content-encoding"] == "snappy"
    query = snappy.decompress(body, 10_000)
    (outer,) = protobuf.fields(query)
    found = list(protobuf.fields(query, outer.value, outer.end))
    assert [one.value for one in found[:2]] == [T - 999, T + 5]
    assert query[found[2].value : found[2].end] == b"\x12\x08__name__\x1a\x02up"
    assert query[found[3].value : found[3].end] == b'\x08\x03\x12\x03job\x1a\x03x"\\'


def test_nothing_by_remote_read(elsewhere: Elsewhere, of: Any) -> None:
    elsewhere.body = answered()
    chunk = of().select(ANY, 0, T, Limits())
    assert (chunk.labels, chunk.offsets.tolist(), len(chunk.at)) == ([], [0], 0)


def test_by_export(elsewhere: Elsewhere, of: Any) -> None:
    elsewhere.body = (
        b'{"metric":{"__name__":"up","job":"a","le":"+Inf"},"values":[1,null,+Inf,-Inf],'
        b'"timestamps":[%d,%d,%d,%d]}\n'
        % (T, T + 1, T + 2, T + 3)
        + b'{"metric":{"__name__":"up","job":"b"},"values":[5,7],"timestamps":[%d,%d]}\n' % (T + 9, T + 1)
        + b'{"metric":{"__name__":"up","job":"b"},"values":[6],"timestamps":[%d]}\n' % (T + 2)
    )
    chunk = of("victoriametrics").select(ANY, T - 1, T + 5, Limits())
    assert rows(chunk) == {
        "a": [(T, 1.0), (T + 1, None), (T + 2, np.inf), (T + 3, -np.inf)],
        "b": [(T + 1, 7.0), (T + 2, 6.0)],
    }
    assert chunk.labels[0]["le"] == "+Inf"
    form = parse_qs(elsewhere.asked[0][3].decode())
    assert elsewhere.asked[0][1] == "/base/api/v1/export"
    assert form == {"match[]": [selector(ANY)], "start": ["1790000000.000"], "end": ["1790000000.005"]}
    elsewhere.body = b""
    assert of("victoriametrics").select(ANY, -5, T, Limits()).labels == []
    assert parse_qs(elsewhere.asked[1][3].decode())["start"] == ["0.000"]


def test_by_range_vectors(elsewhere: Elsewhere, of: Any) -> None:
    values = [[(T + n) / 1000, word] for n, word in enumerate(["1", "NaN", "+Inf"])]
    data = {"resultType": "matrix", "result": [{"metric": UP, "values": values}]}
    elsewhere.body = json.dumps({"status": "success", "data": data}).encode()
    chunk = of("thanos").select(ANY, T, T + 5, Limits())
    assert chunk.at.tolist() == [T + 1, T + 2]
    assert np.isnan(chunk.value[0])
    form = parse_qs(elsewhere.asked[0][3].decode())
    assert form == {"query": [selector(ANY) + "[5ms]"], "time": ["1790000000.005"]}


def test_labels_series_and_metadata(elsewhere: Elsewhere, of: Any) -> None:
    source = of()
    elsewhere.body = b'{"status":"success","data":["b","a"]}'
    assert source.label_names([ANY], T, T + 1) == ["a", "b"]
    assert parse_qs(elsewhere.asked[-1][3].decode())["match[]"] == [selector(ANY)]
    assert source.label_values("job", [], None, None) == ["a", "b"]
    assert elsewhere.asked[-1][1] == "/base/api/v1/label/job/values?"
    elsewhere.body = b'{"status":"success","data":[{"job":"a"},{"job":"b"}]}'
    assert source.series([], None, None, Limits()) == [{"job": "a"}, {"job": "b"}]
    with pytest.raises(LimitError, match="at most 1"):
        source.series([ANY], None, None, Limits(series=1))
    elsewhere.body = b'{"status":"success","data":{"up":[{"type":"gauge","help":"Whether.","unit":""}]}}'
    assert source.metadata("up") == {"up": [Metadata("gauge", "Whether.", "")]}
    assert elsewhere.asked[-1][1] == "/base/api/v1/metadata?metric=up"
    source.metadata()
    assert elsewhere.asked[-1][1] == "/base/api/v1/metadata?"


@pytest.mark.parametrize("kind", ["prometheus", "victoriametrics", "thanos"])
@pytest.mark.parametrize("body", [b"no", b"\xff\xff", b'{"a":1}', b"[1]"])
def test_an_answer_that_is_not_understood(elsewhere: Elsewhere, of: Any, kind: str, body: bytes) -> None:
    elsewhere.body = body
    with pytest.raises(StoreError, match="correct remote"):
        of(kind).select(ANY, 0, T, Limits())


def test_bounds(elsewhere: Elsewhere, of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere.body = answered(
        series(labels(UP), [(T, 1.0), (T + 1, 1.0)]), series(labels({"job": "b"}), [(T, 1.0)])
    )
    with pytest.raises(LimitError, match="more than 1 series"):
        of().select(ANY, 0, T, Limits(series=1))
    with pytest.raises(LimitError, match="2 samples"):
        of().select(ANY, 0, T, Limits(samples=2))
    monkeypatch.setattr(reading, "LARGEST", 50)
    with pytest.raises(LimitError, match="at most 50"):
        of().select(ANY, 0, T, Limits())
    monkeypatch.setattr(client, "LARGEST", 20)
    with pytest.raises(LimitError, match="more than 20 bytes"):
        of().select(ANY, 0, T, Limits())


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("victoriametrics", b'{"metric":{"job":"b"},"values":[1,2,no],"timestamps":[1,2,3]}\n'),
        ("victoriametrics", b'{"metric":{"job":"b"},"values":[1],"timestamps":[1,2,no]}\n'),
        ("victoriametrics", b'{"metric":{"job":"b"},"values":[1],"timestamps":[1]}\n' * 2 + b"{,,"),
        ("thanos", b'{"data":{"result":[{"metric":{"job":"b"},"values":[[1,"1"],[2,"2"],[3,"3"],{}]}]}}'),
    ],
)
def test_more_samples_than_may_be_are_never_made(
    elsewhere: Elsewhere, of: Any, kind: str, body: bytes
) -> None:
    elsewhere.body = body
    with pytest.raises(LimitError, match="2 samples"):
        of(kind).select(ANY, 0, T, Limits(samples=2))


@pytest.mark.parametrize(("status", "error"), [(500, StoreError), (404, StoreError), (422, LimitError)])
def test_a_refusal(elsewhere: Elsewhere, of: Any, status: int, error: type[Exception]) -> None:
    elsewhere.status, elsewhere.body = status, b"too much\nof it"
    with pytest.raises(error, match=f"answers {status} too much of it"):
        of().select(ANY, 0, T, Limits())


def test_nobody_there(of: Any, elsewhere: Elsewhere) -> None:
    source = of()
    elsewhere.server.shutdown()
    elsewhere.server.server_close()
    with pytest.raises(StoreError, match="does not answer"):
        source.select(ANY, 0, T, Limits())


def test_a_connection_that_was_closed_meanwhile_is_opened_again(elsewhere: Elsewhere, of: Any) -> None:
    source = of()
    elsewhere.body, elsewhere.closes = answered(), True
    for _ in range(3):
        source.select(ANY, 0, T, Limits())
    assert len(elsewhere.asked) == 3


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"token": "env:SECRET"}, "Bearer s3cret"),
        ({"user": "anna", "password": "env:SECRET"}, "Basic YW5uYTpzM2NyZXQ="),
        ({}, None),
    ],
)
def test_who_asks(
    elsewhere: Elsewhere, of: Any, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], expected: str | None
) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    elsewhere.body = answered()
    of(headers={"X-Scope-OrgID": "team", "X-Key": "env:SECRET"}, **more).select(ANY, 0, T, Limits())
    headers = elsewhere.asked[0][2]
    assert (headers["x-scope-orgid"], headers["x-key"]) == ("team", "s3cret")
    assert headers.get("authorization") == expected
    monkeypatch.delenv("SECRET")
    if more:
        with pytest.raises(ConfigError, match="env:SECRET"):
            of(**more).select(ANY, 0, T, Limits())


def test_encrypted() -> None:
    made = client.Client("https://metrics.example.org/x", Remote())
    connection, kept = made._connection()
    assert (type(connection).__name__, kept, made.name) == ("HTTPSConnection", False, "metrics.example.org")


async def test_a_store_is_read_there_or_here(elsewhere: Elsewhere, tmp_path: Path) -> None:
    clock = VirtualClock(T / 1000)
    assert opener(Remote()) is Series
    store = opener(Remote(read=elsewhere.url))(tmp_path / "a", Settings(), clock)
    assert isinstance(store, OutgrownSeries)
    await store.open()
    store.describe("here", Metadata("gauge", "", ""))
    elsewhere.body = answered(series(labels(UP), [(T, 1.0)]))
    assert rows(store.select([Matcher("job", "=", "a")], 0, T, Limits())) == {"a": [(T, 1.0)]}
    elsewhere.body = b'{"status":"success","data":["x"]}'
    assert store.label_names([], None, None) == store.label_values("job", [], None, None) == ["x"]
    elsewhere.body = b'{"status":"success","data":[{"job":"x"}]}'
    assert store.series([ANY], None, None, Limits()) == [{"job": "x"}]
    elsewhere.body = b'{"status":"success","data":{"there":[{"type":"counter"}]}}'
    assert set(store.metadata()) == {"here", "there"}
    assert (store.warnings(), store.counts(), store.lacking(0, T)) == ([], {}, [])
    await store.close()

    store = opener(Remote(write=elsewhere.url))(tmp_path / "b", Settings(), clock)
    await store.open()
    store.intern([UP], "test")
    assert store.label_names([], None, None) == ["__name__", "job"]
    assert store.label_values("job", [], None, None) == ["a"]
    assert store.series([[Matcher("job", "=", "a")]], None, None, Limits()) == [UP]
    assert store.select([Matcher("job", "=", "a")], 0, T, Limits()).labels == []
    assert store.metadata() == {}
    assert store.counts()["waiting_bytes"] == 0
    assert store.warnings() == store.lacking(0, T) == []
    await store.close()


def test_a_header_that_cannot_be_sent(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "two\nlines")
    with pytest.raises(StoreError, match="does not answer"):
        of(token="env:SECRET").select(ANY, 0, T, Limits())
