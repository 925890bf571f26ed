"""What it costs to take OpenTelemetry's metrics: read, named, added to the series, on disk.

The requests are those of services with fifty instruments, each with twenty combinations of three attributes, and
of histograms with the SDK's fifteen bounds, written beforehand by OpenTelemetry's own library; that library's
reading of the same bytes, without anything done to them, stands beside. Part of `bench/ingest.py`; runs alone
as well.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from gadfly.clock import VirtualClock
from gadfly.config.series import Series as Settings
from gadfly.intake.otlp import Otlp
from gadfly.store.series import Series
from gadfly.telemetry.gunzip import gunzip
from report import Report, arguments

NOW = 1_800_000_000
BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]
INSTRUMENTS, POINTS = 50, 20
GOAL = 200_000


def pairs(**said: str) -> list[KeyValue]:
    return [KeyValue(key=name, value=AnyValue(string_value=value)) for name, value in said.items()]


def request(service: int, round_: int, *, histograms: bool) -> ExportMetricsServiceRequest:
    """One export of one service; `round_` says which."""
    times = {"start_time_unix_nano": NOW * 10**9, "time_unix_nano": (NOW + 10 * round_) * 10**9}
    metrics = []
    for number in range(INSTRUMENTS // 10 if histograms else INSTRUMENTS):
        points: list[Any] = []
        for one in range(POINTS):
            said = pairs(route=f"/api/v1/things/{one}", method="GET", status="200")
            if histograms:
                counts = [(round_ + 1) * (one + at) for at in range(len(BOUNDS) + 1)]
                points.append(
                    pb.HistogramDataPoint(
                        attributes=said,
                        count=sum(counts),
                        sum=round_ * 1.5,
                        bucket_counts=counts,
                        explicit_bounds=BOUNDS,
                        **times,
                    )
                )
            else:
                points.append(pb.NumberDataPoint(attributes=said, as_double=round_ * 1.37 + one, **times))
        if histograms:
            held: dict[str, Any] = {"histogram": pb.Histogram(data_points=points, aggregation_temporality=2)}
        else:
            held = {"sum": pb.Sum(data_points=points, aggregation_temporality=2, is_monotonic=True)}
        metrics.append(
            pb.Metric(name=f"bench.instrument.{number}", unit="s", description="Of a bench.", **held)
        )
    resource = Resource(attributes=pairs(**{"service.name": f"service-{service}", "service.version": "2.1"}))
    scope = pb.ScopeMetrics(metrics=metrics)
    return ExportMetricsServiceRequest(
        resource_metrics=[pb.ResourceMetrics(resource=resource, scope_metrics=[scope])]
    )


class Nobody:
    """Who sends is not this bench's matter."""

    def seen(self, name: str, kind: str, **said: Any) -> bool:
        return True


async def count(lines: Sequence[object]) -> int:
    """Lines of logs are not this bench's matter either."""
    return len(lines)


class Kept:
    def __init__(self, source: Series) -> None:
        self.source = source
        self.trouble = ""


async def pace(folder: Path, bodies: list[list[bytes]], samples: int, *, json: bool, packed: bool) -> float:
    """Samples a CPU second; `bodies` by round, the first of which is not measured: streams are new once."""
    clock = VirtualClock(NOW)
    store = Series(folder, Settings(), clock)
    await store.open()
    otlp = Otlp(Kept(store), clock, Nobody(), count)  # type: ignore[arg-type]
    began = 0.0
    for number, round_ in enumerate(bodies):
        if number == 1:
            began = time.process_time()

        async def send(body: bytes) -> None:
            plain = gunzip(body, 1 << 25) if packed else body
            taken = await otlp.metrics(plain, json=json, sender="", address="")
            assert not taken.rejected, taken

        await asyncio.gather(*map(send, round_))
    spent = time.process_time() - began
    await store.close()
    return samples * (len(bodies) - 1) / spent


def library(bodies: list[list[bytes]], samples: int) -> float:
    """The same for OpenTelemetry's library, which only makes messages of the bytes."""
    began = time.process_time()
    for round_ in bodies:
        for body in round_:
            ExportMetricsServiceRequest.FromString(body)
    return samples * len(bodies) / (time.process_time() - began)


async def bench(report: Report) -> None:
    """Measure all of it into the report."""
    services, rounds = (5, 4) if report.quick else (20, 12)
    sums = [[request(one, at, histograms=False) for one in range(services)] for at in range(rounds)]
    families = [[request(one, at, histograms=True) for one in range(services)] for at in range(rounds)]
    wire = [[one.SerializeToString() for one in some] for some in sums]
    packed = [[gzip.compress(one, 6) for one in some] for some in wire]
    buckets = [[one.SerializeToString() for one in some] for some in families]
    text = [
        [json_format.MessageToJson(one, indent=None, use_integers_for_enums=True).encode() for one in some]
        for some in sums
    ]
    points = services * INSTRUMENTS * POINTS
    kept = services * INSTRUMENTS // 10 * POINTS * (len(BOUNDS) + 3)
    folder = Path(tempfile.mkdtemp(prefix="gadfly-otlp-"))
    try:
        plain = await pace(folder / "wire", wire, points, json=False, packed=False)
        zipped = await pace(folder / "zip", packed, points, json=False, packed=True)
        histograms = await pace(folder / "histograms", buckets, kept, json=False, packed=False)
        json = await pace(folder / "json", text, points, json=True, packed=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    alone = library(wire, points)
    report.table(
        ("OTLP, read and kept", "samples/CPU s", "bytes a point"),
        [
            ("sums, protobuf", plain, len(wire[1][0]) / INSTRUMENTS / POINTS),
            ("sums, protobuf, gzip", zipped, len(packed[1][0]) / INSTRUMENTS / POINTS),
            ("sums, JSON", json, len(text[1][0]) / INSTRUMENTS / POINTS),
            ("histograms, protobuf (samples of all buckets)", histograms, None),
            ("OpenTelemetry's library, read alone", alone, None),
        ],
    )
    report.at_least("OTLP, protobuf", GOAL, plain, "samples/CPU s")
    report.peers["opentelemetry_proto"] = {"points_per_cpu_s_read_alone": alone}


async def main() -> None:
    report = Report("ingest_otlp", quick=arguments(__doc__ or "").parse_args().quick)
    await bench(report)
    report.finish()


if __name__ == "__main__":
    asyncio.run(main())
