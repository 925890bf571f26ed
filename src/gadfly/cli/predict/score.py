"""`gadfly predict score`: how strange each point of a file is, from the points before it."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gadfly.cli.options import as_json, emit
from gadfly.cli.terminal import clean
from gadfly.errors import ConfigError, GadflyError

if TYPE_CHECKING:
    from gadfly.cli.predict.column import Column

Write = Callable[[list[object]], object]

EVERY = 50_000
"""Points after which is said how far it is: some ten seconds."""


def _finite(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter("it must be a number of alarms")
    return value


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--column", default="", metavar="NAME", help="The column of values, where several have numbers."
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    metavar="ALARMS",
    help="Alarms a week. Without it, what is among the strangest of all so far.",
)
@as_json
def score(files: tuple[Path, ...], column: str, budget: float | None, json_: bool) -> int:
    """Print one anomaly score in [0, 1] for each point of FILES: CSV with a header, or Parquet.

    0.5 and more is an alarm; 0 where there is too little to say. A point is scored by the points before it
    only. Lines are `timestamp,value,anomaly_score`, with the file in front where there are several.
    """
    from gadfly.cli.predict.column import doubts, read
    from gadfly.predict.warning import View, scores

    try:
        columns = [read(file, column) for file in files]
    except (OSError, GadflyError) as error:
        raise ConfigError(str(error)) from error
    told = []
    out = csv.writer(sys.stdout, lineterminator="\n")
    many = len(files) > 1
    if not json_:
        out.writerow([*(["file"] if many else []), "timestamp", "value", "anomaly_score"])
    for file, one in zip(files, columns, strict=True):
        for words in doubts(file, one):
            print(clean(words), file=sys.stderr)
        reached = partial(_reached, file, one, None if json_ else out.writerow, many)
        found = scores(one.at, one.values, alarms_a_week=budget, reached=reached)
        if json_:
            alarms = [
                {
                    "timestamp": one.told[i],
                    "p": float(found.p[i]),
                    "score": round(float(found.score[i]), 6),
                    "why": View(found.why[i]).name.lower(),
                }
                for i in found.alarm.nonzero()[0].tolist()
            ]
            each = [round(float(score), 6) for score in found.score]
            told.append({"file": str(file), "column": one.name, "alarms": alarms, "scores": each})
    if json_:
        emit(told)
    return 0


def _reached(file: Path, column: Column, write: Write | None, many: bool, place: int, score: float) -> None:
    """Print the line of a point as soon as it is known, and now and then how far it is."""
    if write is not None:
        front = [str(file)] if many else []
        write([*front, column.told[place], float(column.values[place]), f"{score:.6f}"])
    if (place + 1) % EVERY == 0:
        print(f"{clean(file)}: {place + 1:,} of {len(column.at):,} points", file=sys.stderr)
