"""OpenTelemetry's own SDK sends to `gadfly up`: series, lines of logs, and components by themselves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation
from opentelemetry.sdk.resources import Resource

pytestmark = pytest.mark.slow

RESOURCE = Resource.create(
    {
        "service.name": "cart",
        "service.namespace": "shop",
        "service.instance.id": "cart-1",
        "service.version": "2.1",
        "host.name": "web-1",
    }
)


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Up:
    """A node in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tcp, udp = free(socket.SOCK_STREAM), free(socket.SOCK_DGRAM)
        self.url = f"http://127.0.0.1:{tcp}"
        (folder / "gadfly.toml").write_text(
            f"""
            [node]
            listen = "127.0.0.1:{tcp}"
            state = "{folder / "state"}"
            watch_host = false
            [heartbeat]
            groups = ["239.192.71.70:{udp}"]
            """
        )
        self.environment = {**os.environ, "GADFLY_RUN": str(folder / "run"), "HOME": str(folder)}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "gadfly", "up", "--quiet", "--config", "gadfly.toml"]
        self.process = subprocess.Popen(command, cwd=self.folder, env=self.environment)
        self.until(lambda: self.query("1"))

    def get(self, path: str, **query: str) -> Any:
        try:
            with urllib.request.urlopen(
                f"{self.url}{path}?{urllib.parse.urlencode(query)}", timeout=10
            ) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError):
            return None

    def query(self, text: str) -> Any:
        answer = self.get("/prometheus/api/v1/query", query=text)
        return answer and answer["data"]["result"]

    def value(self, text: str) -> float:
        """Of the one series that a query finds; NaN where there is none."""
        found = self.query(text)
        return float(found[0]["value"][1]) if found else float("nan")

    def until(self, seen: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 30
        while not (found := seen()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return found

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    made = Up(tmp_path_factory.mktemp("up"))
    yield made
    made.process.terminate()
    made.process.wait(20)


def meters(up: Up, resource: Resource, **options: Any) -> MeterProvider:
    exporter = OTLPMetricExporter(f"{up.url}/v1/metrics", compression=Compression.Gzip, **options)
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=60_000)
    return MeterProvider([reader], resource)


def test_metrics_are_series(up: Up) -> None:
    provider = meters(up, RESOURCE)
    meter = provider.get_meter("test")
    meter.create_counter("http.server.requests", "{request}", "Requests").add(3, {"http.route": "/a"})
    meter.create_up_down_counter("queue.depth").add(-2)
    meter.create_gauge("process.memory", "By").set(1.5e6)
    took = meter.create_histogram("http.server.duration", "s", explicit_bucket_boundaries_advisory=[0.1, 1])
    for seconds in (0.05, 0.5, 5.0):
        took.record(seconds)
    assert provider.force_flush()
    try:
        who = 'job="shop/cart", instance="cart-1"'
        assert up.value(f'http_server_requests_total{{http_route="/a", {who}}}') == 3
        assert up.value("queue_depth") == -2
        assert up.value("process_memory_bytes") == 1.5e6
        assert up.value("http_server_duration_seconds_count") == 3
        assert up.value("http_server_duration_seconds_sum") == 5.55
        buckets = [
            up.value(f'http_server_duration_seconds_bucket{{le="{le}"}}') for le in ("0.1", "1", "+Inf")
        ]
        assert buckets == [1, 2, 3]
        (info,) = up.query("target_info")
        assert info["metric"]["service_version"] == "2.1"
        assert info["metric"]["telemetry_sdk_name"] == "opentelemetry"
        known = up.get("/prometheus/api/v1/metadata", metric="http_server_requests_total")["data"]
        assert known["http_server_requests_total"][0]["type"] == "counter"
    finally:
        provider.shutdown()
    up.kill()
    up.start()
    assert up.value("http_server_requests_total") == 3, "what was acknowledged is there after kill -9"


def test_exponential_histograms_have_quantiles(up: Up) -> None:
    exponential = {Histogram: ExponentialBucketHistogramAggregation()}
    provider = meters(up, RESOURCE, preferred_aggregation=exponential)
    took = provider.get_meter("test").create_histogram("spread", "s")
    for number in range(1, 101):
        took.record(number / 10)
    assert provider.force_flush()
    provider.shutdown()
    assert up.value("spread_seconds_count") == 100
    assert up.value("histogram_quantile(0.5, spread_seconds_bucket)") == pytest.approx(5, rel=0.1)


def test_differences_become_a_counter(up: Up) -> None:
    delta = {Counter: AggregationTemporality.DELTA, Histogram: AggregationTemporality.DELTA}
    provider = meters(up, RESOURCE, preferred_temporality=delta)
    meter = provider.get_meter("test")
    sold, size = meter.create_counter("sold"), meter.create_histogram("size", "By")
    for _ in range(3):
        sold.add(2)
        size.record(100)
        assert provider.force_flush()
    try:
        assert up.value("sold_total") == 6
        assert up.value("size_bytes_count") == 3
        assert up.value('size_bytes_bucket{le="100"}') == 3
    finally:
        provider.shutdown()


def test_who_sends_is_in_the_picture_and_its_silence_is_noticed(up: Up) -> None:
    provider = meters(up, Resource.create({"service.name": "till", "host.name": "web-2"}))
    provider.get_meter("test").create_gauge("open").set(1)
    for _ in range(12):
        assert provider.force_flush()
        time.sleep(0.25)

    def row() -> Any:
        return up.get("/api/v1/components/till")

    found = up.until(row)
    assert (found["verdict"], found["host"], found["kind"]) == ("undeclared", "web-2", "service")
    provider.shutdown()
    up.until(lambda: row()["verdict"] == "down")


def test_logs_are_kept(up: Up) -> None:
    provider = LoggerProvider(RESOURCE)
    exporter = OTLPLogExporter(f"{up.url}/v1/logs", compression=Compression.Gzip)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.get_logger("payments").emit(
        LogRecord(
            timestamp=time.time_ns(),
            severity_number=SeverityNumber.ERROR,
            severity_text="ERROR",
            body="card refused",
            attributes={"order": 7},
        )
    )
    provider.shutdown()

    def lines() -> str:
        command = [sys.executable, "-m", "gadfly", "logs", "--json", "card refused"]
        done = subprocess.run(command, env=up.environment, capture_output=True, text=True, check=False)
        return done.stdout

    line = json.loads(up.until(lines))
    assert (line["unit"], line["host"], line["severity"]) == ("cart", "web-1", "error")
    assert line["fields"]["order"] == "7"
