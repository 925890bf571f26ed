"""`gadfly predict forecast`: the distribution of what comes next in a file."""

from __future__ import annotations

import csv
import math
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from gadfly.cli.options import as_json, emit
from gadfly.cli.terminal import clean
from gadfly.errors import ConfigError, GadflyError


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--horizon", type=click.IntRange(1, 100_000), required=True, metavar="N", help="How many points ahead."
)
@click.option(
    "--season",
    type=click.IntRange(0, 1_000_000),
    default=0,
    metavar="M",
    help="Points after which things repeat; 0 finds it.",
)
@click.option(
    "--column",
    "names",
    multiple=True,
    metavar="NAME",
    help="The column with the values, where several have numbers; may be repeated.",
)
@as_json
def forecast(file: Path, horizon: int, season: int, names: tuple[str, ...], json_: bool) -> None:
    """Print quantiles 0.1 to 0.9 of the next N points of FILE: CSV with a header, or Parquet.

    Rows are put on equal steps by their times (months and working days are such); what is missing between is
    taken as missing. Lines are `column,ahead,timestamp` and the quantiles, empty where there is too little to
    say.
    """
    import numpy as np

    from gadfly.cli.predict.column import doubts, read
    from gadfly.cli.predict.steps import on_steps
    from gadfly.predict.forecast import LEVELS, seasons
    from gadfly.predict.forecast import forecast as foresee

    told: list[dict[str, object]] = []
    lines: list[list[object]] = [["column", "ahead", "timestamp", *(f"{level:g}" for level in LEVELS)]]
    for name in names or ("",):
        try:
            column = read(file, name)
            later, step, values = on_steps(column.at, column.values)
        except (OSError, GadflyError) as error:
            raise ConfigError(str(error)) from error
        for words in doubts(file, column):
            print(clean(words), file=sys.stderr)
        dated = bool(np.any(column.at != np.arange(len(column.at))))
        period = season or (seasons(values, step) if dated else 0)
        times = [_time(later(ahead), dated) for ahead in range(1, horizon + 1)]
        rows = [[_known(one) for one in row] for row in foresee(values[None], horizon, period)[0].tolist()]
        if rows[0][0] is None:
            print(f"{clean(file)}: {clean(column.name)}: too little to say", file=sys.stderr)
        if json_:
            told.append(
                {
                    "column": column.name,
                    "season": period,
                    "step_seconds": step if dated else None,
                    "levels": LEVELS,
                    "forecast": [
                        {"timestamp": time, "quantiles": row} for time, row in zip(times, rows, strict=True)
                    ],
                }
            )
            continue
        for ahead, (time, row) in enumerate(zip(times, rows, strict=True), 1):
            numbers = ["" if one is None else f"{one:.12g}" for one in row]
            lines.append([clean(column.name), ahead, time, *numbers])
    if json_:
        emit(told)
    else:  # nothing of it before all of it could be read
        csv.writer(sys.stdout, lineterminator="\n").writerows(lines)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _time(at: float, dated: bool) -> str:
    """ISO 8601; without dates, the number of the row; where there is no such date, the seconds."""
    if not dated:
        return f"{at:g}"
    try:
        whole = "seconds" if at == int(at) else "milliseconds"
        return datetime.fromtimestamp(at, UTC).isoformat(timespec=whole)
    except (ValueError, OverflowError, OSError):  # a time that no calendar has
        return f"{at:.15g}"
