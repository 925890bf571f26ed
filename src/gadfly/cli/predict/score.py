"""`gadfly predict score`: how strange each point of a file is, from the points before it."""

from __future__ import annotations

import csv
import sys
from functools import partial
from pathlib import Path

import click

from gadfly.cli.options import as_json, emit
from gadfly.cli.terminal import clean
from gadfly.errors import ConfigError, GadflyError

EVERY = 50_000
"""Points after which is said how far it is: some ten seconds."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--column", default="", metavar="NAME", help="The column of values, where several have numbers."
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    metavar="ALARMS",
    help="Alarms a week. Without it, what is among the strangest of all so far.",
)
@as_json
def score(files: tuple[Path, ...], column: str, budget: float | None, json_: bool) -> int:
    """Print one anomaly score in [0, 1] for each point of FILES: CSV with a header, or Parquet.

    0.5 and more is an alarm; 0 where there is too little to say. A point is scored by the points before it
    only. Lines are `timestamp,value,score`, with the file in front where there are several.
    """
    from gadfly.cli.predict.column import doubt, read
    from gadfly.predict.warning import View, scores

    try:
        columns = [read(file, column) for file in files]
    except (OSError, GadflyError) as error:
        raise ConfigError(str(error)) from error
    told = []
    out = csv.writer(sys.stdout, lineterminator="\n")
    many = len(files) > 1
    if not json_:
        out.writerow([*(["file"] if many else []), "timestamp", "value", "score"])
    for file, one in zip(files, columns, strict=True):
        if words := doubt(file, one.at):
            print(clean(words), file=sys.stderr)
        found = scores(one.at, one.values, alarms_a_week=budget, reached=partial(_reached, file, len(one.at)))
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
            continue
        front = [str(file)] if many else []
        for time, value, score_ in zip(one.told, one.values.tolist(), found.score.tolist(), strict=True):
            out.writerow([*front, time, value, f"{score_:.6f}"])
    if json_:
        emit(told)
    return 0


def _reached(file: Path, of: int, done: int) -> None:
    if done % EVERY == 0:
        print(f"{clean(file)}: {done:,} of {of:,} points", file=sys.stderr)
