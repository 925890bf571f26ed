"""Prometheus' HTTP API: what its clients send, and what they get."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from simulated_series import MemorySource

from gadfly.promql.source import STALE

FORM = {"content-type": "application/x-www-form-urlencoded"}
BASE = "/prometheus/api/v1"


@pytest.fixture
def source(node: Any) -> MemorySource:
    made = MemorySource(
        [
            ({"__name__": "up", "job": "a"}, [(1000 * n, float(n)) for n in range(1, 61)]),
            ({"__name__": "up", "job": "b"}, [(1000, 1.5), (2000, 2e21), (30_000, STALE)]),
        ]
    )
    node.series.source = made
    return made


async def test_a_vector_is_exactly_as_prometheus_writes_it(ask: Any, source: MemorySource) -> None:
    told = await ask("GET", f"{BASE}/query?query=up&time=2.5")
    assert told.status == 200
    assert told.headers["content-type"] == "application/json"
    assert told.body == (
        b'{"status":"success","data":{"resultType":"vector","result":['
        b'{"metric":{"__name__":"up","job":"a"},"value":[2.500,"2"]},'
        b'{"metric":{"__name__":"up","job":"b"},"value":[2.500,"2e+21"]}]}}'
    )


async def test_a_range_is_a_matrix_without_what_is_stale(ask: Any, source: MemorySource) -> None:
    told = await ask("GET", f"{BASE}/query_range?query=up%7Bjob%3D%22b%22%7D&start=10&end=40&step=10")
    assert told.body == (
        b'{"status":"success","data":{"resultType":"matrix","result":['
        b'{"metric":{"__name__":"up","job":"b"},"values":[[10,"2e+21"],[20,"2e+21"]]}]}}'
    )


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("1/3", {"resultType": "scalar", "result": [5, "0.3333333333333333"]}),
        ('"a\\"b"', {"resultType": "string", "result": [5, 'a"b']}),
        ("nothing", {"resultType": "vector", "result": []}),
        ("up{job='b'}[5s]", None),
    ],
)
async def test_every_type_of_answer(ask: Any, source: MemorySource, query: str, data: Any) -> None:
    told = (await ask("GET", f"{BASE}/query?query={quote(query)}&time=5")).json()
    if data is None:
        assert told["data"]["resultType"] == "matrix"
        assert told["data"]["result"][0]["values"] == [[1, "1.5"], [2, "2e+21"]]
    else:
        assert told == {"status": "success", "data": data}


@pytest.mark.parametrize("path", ["/prometheus/api/v1", "/api/v1"])
async def test_a_form_does_as_well(ask: Any, source: MemorySource, path: str) -> None:
    body = urlencode({"query": "sum(up)", "time": "1"}).encode()
    told = (await ask("POST", f"{path}/query", body=body, headers=FORM)).json()
    assert told["data"]["result"][0]["value"] == [1, "2.5"]
    body = urlencode({"match[]": 'up{job="a"}'}).encode()
    assert (await ask("POST", f"{path}/series", body=body, headers=FORM)).json()["data"] == [
        {"__name__": "up", "job": "a"}
    ]
    body = urlencode({"query": "up", "start": "1", "end": "2", "step": "1"}).encode()
    assert (await ask("POST", f"{path}/query_range", body=body, headers=FORM)).status == 200


async def test_names_values_series_and_what_they_are(ask: Any, source: MemorySource) -> None:
    async def data(path: str) -> Any:
        return (await ask("GET", f"{BASE}/{path}")).json()["data"]

    assert await data("labels") == ["__name__", "job"]
    assert await data("label/job/values") == ["a", "b"]
    assert await data("label/job/values?match[]=up{job!=%22a%22}") == ["b"]
    assert await data("series?match[]=up&start=31&end=40") == [{"__name__": "up", "job": "a"}]
    assert await data("metadata") == {"up": [{"type": "gauge", "help": "Whether it is up.", "unit": ""}]}
    assert await data("metadata?metric=down") == {}
    assert await data("metadata?limit=0") == {}
    assert (await data("status/buildinfo"))["version"] == "2.42.0"


async def test_times_of_ever_are_no_bound(ask: Any, source: MemorySource) -> None:
    bounds = urlencode({"start": "-292273086-05-16T16:47:06Z", "end": "292277025-08-18T07:12:54.999999999Z"})
    assert (await ask("GET", f"{BASE}/labels?{bounds}")).json()["data"] == ["__name__", "job"]


async def test_alerts_in_prometheus_form_and_ours_beside_them(ask: Any) -> None:
    found = (await ask("GET", f"{BASE}/alerts")).json()["data"]["alerts"]
    assert any(one["labels"]["alertname"].startswith("Component") for one in found)
    assert all(one["state"] in ("firing", "pending") and one["activeAt"].endswith("Z") for one in found)
    assert "version" in (await ask("GET", "/api/v1/alerts")).json()


@pytest.mark.parametrize(
    ("path", "status", "kind", "words"),
    [
        ("query", 400, "bad_data", 'invalid parameter "query"'),
        ("query?query=sum(", 400, "bad_data", "parse error"),
        ("query?query=up&time=x", 400, "bad_data", 'invalid parameter "time": cannot parse "x"'),
        ("query?query=up&timeout=x", 400, "bad_data", 'invalid parameter "timeout"'),
        ("query?query=up&lookback_delta=0", 400, "bad_data", "lookback_delta"),
        ("query_range?query=up&start=0&end=1", 400, "bad_data", 'invalid parameter "step"'),
        ("query_range?query=up&start=0&end=1&step=0", 400, "bad_data", "zero or negative"),
        ("query_range?query=up&start=2&end=1&step=1", 400, "bad_data", "end timestamp must not be before"),
        ("query_range?query=up&start=0&end=99999&step=1", 400, "bad_data", "11,000 points"),
        ("query_range?query=up[5m]&start=0&end=1&step=1", 400, "bad_data", "range query"),
        ("series", 400, "bad_data", "no match[] parameter provided"),
        ("series?match[]={", 400, "bad_data", 'invalid parameter "match[]"'),
        ("labels?start=2&end=1", 400, "bad_data", "end timestamp"),
        ("label/a-b/values", 400, "bad_data", 'invalid label name: "a-b"'),
        ("metadata?limit=x", 400, "bad_data", "limit must be a number"),
        ("query?query=up%2Bon()up&time=2", 422, "execution", "many-to-many"),
    ],
)
async def test_errors_are_in_prometheus_form(
    ask: Any, source: MemorySource, path: str, status: int, kind: str, words: str
) -> None:
    told = await ask("GET", f"{BASE}/{path}")
    said = told.json()
    assert (told.status, said["status"], said["errorType"]) == (status, "error", kind)
    assert words in said["error"]


async def test_a_form_that_is_none_is_refused(ask: Any, source: MemorySource) -> None:
    told = await ask("POST", f"{BASE}/query", body=b"query=\xff", headers=FORM)
    assert (told.status, told.json()["errorType"]) == (400, "bad_data")


async def test_reading_may_need_a_token_here_too(make_node: Any, asker: Any, token: str) -> None:
    ask = asker(make_node(400, reading="token"))
    refused = await ask("GET", f"{BASE}/query?query=1")
    assert (refused.status, refused.json()["status"]) == (401, "error")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert (await ask("GET", f"{BASE}/query?query=1", token=token)).status == 200


async def test_without_a_store_it_says_why(ask: Any, node: Any) -> None:
    node.series.source, node.series.trouble = None, "the series are still being opened"
    told = await ask("GET", f"{BASE}/query?query=up")
    assert (told.status, told.json()) == (
        503,
        {"status": "error", "errorType": "unavailable", "error": "the series are still being opened"},
    )


async def test_too_much_is_refused(ask: Any, node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    node.series.source = MemorySource([({"__name__": "up"}, [(n, 1.0) for n in range(1, 200)])])
    monkeypatch.setattr("gadfly.web.query.ANSWER", 100)
    told = await ask("GET", f"{BASE}/query?query=up[1m]&time=1")
    assert told.status == 422
    assert "199 samples, more than 100" in told.json()["error"]


async def test_a_long_answer_travels_compressed(ask: Any, node: Any) -> None:
    node.series.source = MemorySource([({"__name__": "up"}, [(n * 1000, float(n)) for n in range(1, 900)])])
    told = await ask("GET", f"{BASE}/query?query=up[1h]&time=1000", headers={"accept-encoding": "gzip"})
    assert told.headers["content-encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(told.body))["data"]["result"][0]["values"]) == 899


async def test_a_query_that_takes_too_long_ends(ask: Any, source: MemorySource) -> None:
    told = await ask("GET", f"{BASE}/query?query=up&time=5&timeout=0")
    assert (told.status, told.json()["errorType"]) == (503, "timeout")


async def test_the_node_goes_on_answering_while_queries_run(ask: Any, source: MemorySource) -> None:
    source.holds = threading.Event()
    slow = asyncio.create_task(ask("GET", f"{BASE}/query?query=up&time=2"))
    await asyncio.to_thread(source.selecting.wait, 5)
    assert (await ask("GET", "/livez")).status == 200
    assert not slow.done()
    source.holds.set()
    assert (await slow).status == 200


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000,
        "-" * 3000 + "1",
        "1" + "+1" * 1200,
        "1" + "^1" * 1200,
        "{" * 3000,
        "sum(" * 700 + "up" + ")" * 700,
        'up{job=~"(a+)+b"}',
        'up{job=~"' + "(a|aa)+" * 100 + 'b"}',
        'up{job=~"' + "(" * 900 + ")" * 900 + '"}',
        'label_replace(up, "x", "$1", "job", "(.*)(.*)(.*)(.*)(.*)!")',
        "up[99999y]",
        "up offset 99999y",
        "up @ 1e300",
        "sum_over_time(up[1y:1ms])",
        "quantile_over_time(nan, up[1h])",
        "\x00",
        "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
        "count_values('\\xff', up)",
    ],
    ids=lambda text: repr(text[:24]),
)
async def test_a_hostile_expression_is_answered_or_refused(ask: Any, source: MemorySource, text: str) -> None:
    body = urlencode({"query": text, "time": "5", "timeout": "3"}).encode()
    told = await ask("POST", f"{BASE}/query", body=body, headers=FORM)
    assert told.status in (200, 400, 422, 503)
    assert told.json()["status"] in ("success", "error")
    told = await ask("GET", f"{BASE}/series?{urlencode({'match[]': text})}")
    assert told.status in (200, 400, 414, 422)


async def test_exemplars_are_none_and_why(ask: Any, source: MemorySource) -> None:
    for method in ("GET", "POST"):
        told = (await ask(method, f"{BASE}/query_exemplars?query=up&start=0&end=60")).json()
        assert told == {
            "status": "success",
            "data": [],
            "warnings": ["exemplars are not kept: senders may leave them out"],
        }
    assert (await ask("GET", f"{BASE}/query_exemplars?query=up(")).status == 400
    assert (await ask("GET", f"{BASE}/query_exemplars?query=up&start=2&end=1")).status == 400


async def test_statistics_of_the_store(ask: Any, source: MemorySource) -> None:
    told = (await ask("GET", f"{BASE}/status/tsdb")).json()["data"]
    assert told["headStats"] == {
        "numSeries": 2,
        "numLabelPairs": 4,
        "chunkCount": 0,
        "minTime": 1000,
        "maxTime": 0,
    }
    assert told["seriesCountByMetricName"] == [{"name": "up", "value": 2}]
    assert told["seriesCountByLabelValuePair"] == [{"name": "job=a", "value": 1}]


async def test_metadata_one_a_row(ask: Any, source: MemorySource) -> None:
    told = (await ask("GET", f"{BASE}/targets/metadata?metric=up")).json()["data"]
    assert told == [{"target": {}, "metric": "up", "type": "gauge", "help": "Whether it is up.", "unit": ""}]


async def test_a_limit_cuts_and_says_so(ask: Any, source: MemorySource) -> None:
    told = (await ask("GET", f"{BASE}/label/job/values?limit=1")).json()
    assert told == {"status": "success", "data": ["a"], "warnings": ["results truncated due to limit"]}
    for limit in ("2", "0", ""):
        assert (await ask("GET", f"{BASE}/label/job/values?limit={limit}")).json() == {
            "status": "success",
            "data": ["a", "b"],
        }
    assert (await ask("GET", f"{BASE}/series?match[]=up&limit=-1")).status == 400


async def test_what_an_answer_lacks_is_told_with_it(ask: Any, source: MemorySource) -> None:
    source.gaps.append((5000, "the disk lost an hour"))
    told = (await ask("GET", f"{BASE}/query?query=up%20%2B%20on(job)%20up&time=6")).json()
    assert told["warnings"] == ["the disk lost an hour"]
    assert "warnings" not in (await ask("GET", f"{BASE}/query?query=up&time=1000")).json()
    assert (
        "warnings"
        in (await ask("GET", f"{BASE}/query_range?query=rate(up[20m])&start=1000&end=1000&step=1")).json()
    )


async def test_sql(ask: Any, source: MemorySource) -> None:
    async def posted(**body: object) -> Any:
        return await ask(
            "POST",
            "/api/v1/sql",
            body=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )

    assert (await posted(sql="SELECT 1", rows=7)).json() == {
        "columns": ["n"],
        "types": ["BIGINT"],
        "rows": [[7]],
        "more": False,
    }
    refused = await posted(sql="SELEC")
    assert (refused.status, refused.json()["detail"]) == (400, "Parser Error: SELEC")
    assert (await posted(sql="x" * 60_001)).status == 422


async def test_samples_become_a_file(ask: Any, source: MemorySource) -> None:
    given = await ask("GET", "/api/v1/export?match[]=up&start=0&end=9999999999")
    assert given.status == 200
    assert given.headers["content-type"] == "application/vnd.apache.parquet"
    assert given.body.startswith(b"PAR1")
    for bad in (
        "",
        "match[]=up",
        "match[]=up&match[]=down&start=0&end=9",
        "match[]=rate(up[5m])&start=0&end=9",
    ):
        refused = await ask("GET", f"/api/v1/export?{bad}")
        assert (refused.status, refused.json()["errorType"]) == (400, "bad_data")
