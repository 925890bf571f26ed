"""Debian's Prometheus and the node scrape the same answers: what is taken, refused, and kept is the same."""

import asyncio
import contextlib
import gzip
import http.server
import json
import math
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import pytest

from gadfly.clock import SystemClock
from gadfly.config import Config
from gadfly.config.scrape import Relabel, Scrape
from gadfly.config.section import Duration
from gadfly.intake.scraping import Scraping

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs Debian's prometheus"),
]

TEXT = "text/plain; version=0.0.4"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
BOTH = [
    "a 1\n", "a 1", "", "a{} 1\n", "a{,} 1\n", 'a{b="c",} 1\n', 'a{b="c" d="e"} 1\n', 'a {b="c"} 1\n',
    'a{b="c"}1\n', "a+1\n", "a\n", 'a{b="c"} \n', 'a{b="x\\ny\\\\z\\"w\\q"} 1\n', 'a{b="c",b="d"} 1\n',
    'a{__name__="x"} 1\n', 'a{b=""} 1\n', 'a{b="é"} 1\n', b'a{b="\xff"} 1\n', "a Inf\n", "a -Infinity\n",
    "a nan\n", "a +NaN\n", "a 1E+3\n", "a 0x1p4\n", "a 1_000\n", "a 1e999\n", "a 1e-999\n", "a .5\n", "a .\n",
    "a 1\r\n", "  a 1\n", "a\t1\n", "a 1 \n", "\na 1\n", "# foo\na 1\n", "#foo\na 1\n", "# HELP\na 1\n",
    "# HELPx\na 1\n", "# HELP a\na 1\n", "# HELP a b\na 1\n", "# HELP 1 b\na 1\n", "# TYPE a counter\na 1\n",
    "# TYPE a foo\na 1\n", "# TYPE a untyped\na 1\n", "# TYPE a unknown\na 1\n", "#  TYPE  a  gauge\na 1\n",
    b"# HELP a \xff\na 1\n", "# UNIT a b\na 1\n", "# UNIT a_b b\na_b 1\n", "9a 1\n", ":a 1\n",
    'a{b:c="d"} 1\n',
    "a{b='c'} 1\n", 'a{b="c" 1\n', 'a{b="}"} 1\n', "a 1 5\n", "a 1 -5\n", "a 1 1.5\n", "a 1 NaN\n",
    "a 1 2 3\n",
    'a_total 1 # {x="y"} 1 2\n', 'a 1 # {x="y"} 1\n',
    'a_total 1 # {x="y",} 1\n',
    "a_total 1 # {} 1\n", 'a_bucket 1 5 # {x="y"} x\n', "a 1\na 2\n", "a{job=\"x\",instance=\"y\"} 1\n",
    'a{exported_job="z",job="x"} 1\nb{drop="me"} 2\n',
]  # fmt: skip
CASES = [
    (kind, (body.encode() if isinstance(body, str) else body) + end)
    for body in BOTH
    for kind, end in ((TEXT, b""), (OPENMETRICS, b"# EOF\n"))
]
DROP = {"source_labels": ["drop"], "regex": "me", "action": "drop"}
HIDDEN = {"scrape_duration_seconds"}
COUNTS = ("scrape_series_added", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling")


class Targets(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind, body = CASES[int(self.path[1:])]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if len(body) > 10:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Targets)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]


@pytest.fixture(scope="module")
def theirs(address, tmp_path_factory):
    """What Prometheus keeps of each case: labels to value."""
    folder = tmp_path_factory.mktemp("prometheus")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    jobs = [
        {
            "job_name": f"c{number}",
            "metrics_path": f"/{number}",
            "honor_timestamps": False,
            "static_configs": [{"targets": [address]}],
            "metric_relabel_configs": [DROP],
        }
        for number in range(len(CASES))
    ]
    settings = {"global": {"scrape_interval": "3s", "scrape_timeout": "3s"}, "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(json.dumps(settings))
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}/api/v1"
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                targets = get(f"{base}/targets")["activeTargets"]
                if len(targets) == len(CASES) and all(one["health"] != "unknown" for one in targets):
                    break
            time.sleep(0.2)
        time.sleep(0.3)  # the last ones are on their way into the head
        query = urllib.parse.urlencode({"query": '{job=~"c.*"}'})
        found = get(f"{base}/query?{query}")["result"]
    finally:
        process.terminate()
        process.wait(20)
    kept = {}
    for one in found:
        if one["metric"]["__name__"] not in HIDDEN:
            kept.setdefault(one["metric"]["job"], {})[frozenset(one["metric"].items())] = float(
                one["value"][1]
            )
    return kept


def _asked(counts):
    return counts["targets"] - counts["targets_unknown"]


async def scraped(address, store):
    """What the node keeps of each case."""
    rule = Relabel(source_labels=("drop",), regex="me", action="drop")
    jobs = {
        f"c{number}": Scrape(
            targets=(address,),
            path=f"/{number}",
            every=Duration(3.0),
            honor_timestamps=False,
            metric_relabel=(rule,),
        )
        for number in range(len(CASES))
    }
    scraping = Scraping(Config(scrape=jobs), SystemClock(), name="node", store=lambda: store)
    task = asyncio.create_task(scraping.run())
    try:
        async with asyncio.timeout(20):
            while _asked(scraping.counts()) < len(CASES):  # noqa: ASYNC110 - what is polled has no event
                await asyncio.sleep(0.1)
            await scraping.flush()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    kept = {}
    first = {}
    for metric, labels, at, value in store.samples:
        # Of each series the first scrape's: the second counts fewer as new. A repetition is let go.
        began = first.setdefault(labels["job"], at)
        if at == began and metric not in HIDDEN:
            of_job = kept.setdefault(labels["job"], {})
            of_job.setdefault(frozenset({("__name__", metric), *labels.items()}), value)
    return kept


async def test_the_same_is_kept(address, theirs, store):
    ours = await scraped(address, store)
    different = []
    for number, (kind, body) in enumerate(CASES):
        one, other = (found.get(f"c{number}", {}) for found in (ours, theirs))
        failed = ("up", 0.0) in {(dict(key)["__name__"], value) for key, value in one.items()}
        # Of a scrape that failed Prometheus counts the samples before the mistake; the node counts none.
        left_out = COUNTS if failed else COUNTS[:1]
        one, other = (
            {key: value for key, value in found.items() if dict(key)["__name__"] not in left_out}
            for found in (one, other)
        )
        same = one.keys() == other.keys() and all(
            value == other[key] or (math.isnan(value) and math.isnan(other[key]))
            for key, value in one.items()
        )
        if not same:
            different.append((kind[:16], body, one, other))
    assert len(ours) == len(CASES)
    assert different == []
