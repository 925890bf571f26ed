"""`gadfly query`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from gadfly.cli.node import Node
from gadfly.cli.options import as_json, asks_node, emit, find, seconds
from gadfly.cli.query.plot import plot, short
from gadfly.cli.terminal import clean, colourful, columns, painter, table

STEPS = 120
"""Points of a range where no step is given: one a column of a terminal, about."""
WIDE = 100
"""Columns of a plot that is not written to a terminal."""
PATIENCE = 35.0
"""Seconds that an answer in SQL is waited for; the node gives up before."""
HOUR = 3600.0
"""Seconds that a file goes back where no range is given."""
PLOTTED = 8
"""Series that get a plot of their own; the others are named."""


@click.command()
@click.argument("expression", metavar="EXPR")
@click.option(
    "--range", "span", callback=seconds, metavar="DURATION", help="Over the last 1h, 2d …, as a plot."
)
@click.option("--step", callback=seconds, metavar="DURATION", help="Between the points of a range.")
@click.option("--sql", is_flag=True, help="EXPR is a SELECT over the views samples, series, minutes, hours.")
@click.option("--rows", type=click.IntRange(1, 10_000), help="Rows of an answer in SQL; 1000 if not told.")
@click.option(
    "--parquet",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="EXPR is a selector; write the samples that it reads into this file.",
)
@click.option("--at", type=float, metavar="SECONDS", help="At this Unix time instead of now.")
@as_json
@asks_node
def query(
    expression: str,
    span: float | None,
    step: float | None,
    sql: bool,
    rows: int | None,
    parquet: Path | None,
    at: float | None,
    json_: bool,
    node: str,
    token: str,
) -> int:
    """Ask series in PromQL: what they are, or how they went.

    With --range each series is a plot. --json prints what Prometheus' own API would.

    With --sql the expression is a SELECT, which a snapshot answers: samples (metric, labels, time, value).

    With --parquet the raw samples of the last hour (or of --range) become a file.

    The exit code is 0 where there is an answer, and 1 where no series has a sample.
    """
    if sql:
        if not span is step is at is None or parquet is not None:
            raise click.UsageError("in SQL the times stand in the query itself, and no file is written")
        return _select(find(node, token).patient(PATIENCE), expression, rows or 1000, json_)
    if rows is not None:
        raise click.UsageError("--rows is for --sql")
    if step is not None and span is None:
        raise click.UsageError("--step is for a range; give --range, too")
    end = time.time() if at is None else at
    asked = find(node, token)
    if parquet is not None:
        if step is not None or json_:
            raise click.UsageError("a file has the samples as they are: neither --step nor --json")
        return _write(asked.patient(PATIENCE), expression, end - (span or HOUR), end, parquet)
    if span is None:
        answer = asked.get("query", query=expression, time=f"{end:.3f}")
    else:
        every = step or max(1.0, round(span / STEPS))
        bounds = {"start": f"{end - span:.3f}", "end": f"{end:.3f}", "step": f"{every:.3f}"}
        answer = asked.get("query_range", query=expression, **bounds)
    data = answer["data"]
    if json_:
        emit(answer)
        return 0 if data["result"] else 1
    print("\n".join(_lines(data, end, span)))
    return 0 if data["result"] else 1


def _select(node: Node, text: str, rows: int, json_: bool) -> int:
    """A table, or its JSON."""
    answer = node.post("sql", {"sql": text, "rows": rows})
    if json_:
        emit(answer)
    else:
        shown = [[_cell(one) for one in row] for row in answer["rows"]]
        print("\n".join(table(shown, answer["columns"], total=columns()) or ["no row"]))
        if answer["more"]:
            print(f"… and more: --rows is {rows:,}", file=sys.stderr)
    return 0 if answer["rows"] else 1


def _write(node: Node, selector: str, start: float, end: float, path: Path) -> int:
    """The file as the node sends it; none where it refuses."""
    asked = urlencode({"match[]": selector, "start": f"{start:.3f}", "end": f"{end:.3f}"})
    data = node.fetch(f"/api/v1/export?{asked}")
    path.write_bytes(data)
    print(f"{path}: {len(data):,} bytes")
    return 0


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return (
        short(value) if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
    )


def named(metric: dict[str, str]) -> str:
    """A series as an expression writes it."""
    inside = ", ".join(
        f"{key}={json.dumps(word, ensure_ascii=False)}" for key, word in metric.items() if key != "__name__"
    )
    name = metric.get("__name__", "")
    return f"{name}{{{inside}}}" if inside or not name else name


def _lines(data: dict[str, Any], end: float, span: float | None) -> list[str]:
    result, kind = data["result"], data["resultType"]
    if kind in ("scalar", "string"):
        return [clean(result[1])]
    if not result:
        return ["no series has a sample there"]
    if kind == "vector":
        rows = [(short(float(one["value"][1])), named(one["metric"])) for one in result]
        return table(rows, total=columns())
    if span is None:  # a range selector at one time: its samples
        return [
            line
            for one in result
            for line in (
                clean(named(one["metric"])),
                *(f"  {_clock(at)}  {clean(value)}" for at, value in one["values"]),
            )
        ]
    paint = painter(colourful())
    wide = min(columns(), WIDE)
    out: list[str] = []
    for one in result[:PLOTTED]:
        points = [(float(at), float(value)) for at, value in one["values"]]
        out += ["", paint(clean(named(one["metric"])), "strong")]
        out += plot(points, end - span, end, wide=wide)
    if len(result) > PLOTTED:
        out += ["", f"{len(result) - PLOTTED} more series; choose with labels, or aggregate"]
    return out[1:]


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
