"""How good forecasts are, and how quick: on `../shared/data/forecast`, by the scorer beside the data.

Everything is relative to seasonal naive: the published one for the configurations of the scorer. `quantiles` is what
the scorer calls; by hand, in this folder: `../../shared/data/forecast/score.py forecast:quantiles`. The same points,
cut off earlier, are the second table. Tuning went by those and by other public series; the first table was looked
at beside them, so it may flatter a little. The figures of series that nobody looked at are those to trust.

80 % intervals cover less of `bizitobs` because the level moves within what is foretold, for the second time in all.

Speed is CPU seconds of this process for 1,000 series of 1,000 points, simulated, horizon 24, in one call.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from gadfly.predict.forecast import forecast
from report import Report, arguments

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "forecast"
PUBLISHED = {
    "Chronos-2": {"relative_mase": 0.766, "relative_crps": 0.598},
    "Toto-2.0-2.5B-FT": {"relative_mase": 0.818, "relative_crps": 0.651},
    "FLAIR": {"relative_mase": 0.963, "relative_crps": 0.784, "forecasts_per_cpu_second": 110},
    "AutoTheta": {"relative_mase": 0.963, "relative_crps": 1.239, "forecasts_per_cpu_second": 44},
    "Prophet": {"forecasts_per_cpu_second": 8.6},
}
"""As told beside the data; none of them is run here."""
EARLIER = (0.86, 0.76, 0.66)
"""Parts of the points that the second table is about: each ends before what the first table scores begins."""
Floats = NDArray[np.float64]
Configuration = tuple[str, list[Floats], Floats, int, int]


def quantiles(histories: Sequence[Floats], horizon: int, season: int, levels: Sequence[float]) -> Floats:
    """What the scorer calls: float64[histories, levels, horizon]."""
    values = np.full((len(histories), max(map(len, histories))), np.nan)
    for row, history in zip(values, histories, strict=True):
        row[len(row) - len(history) :] = history
    return forecast(values, horizon, season, levels=tuple(map(float, levels))).transpose(0, 2, 1)


def scorer() -> ModuleType | None:
    """The script beside the data, or None where it is not there."""
    path = DATA / "score.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("forecast_score", path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cut(configurations: Iterator[Configuration], part: float) -> Iterator[Configuration]:
    """The same series as they were earlier: one window each, that ends after this part of the points."""
    for name, histories, futures, horizon, season in configurations:
        longest: dict[float, Floats] = {}
        for history, future in zip(histories, futures, strict=True):
            longest[float(history[0])] = np.concatenate([history, future])
        cuts = [whole[: int(len(whole) * part)] for whole in longest.values()]
        yield (
            name,
            [one[:-horizon] for one in cuts],
            np.array([one[-horizon:] for one in cuts]),
            horizon,
            season,
        )


def relative(
    score: ModuleType, configuration: Configuration, naive: tuple[float, float] | None
) -> list[float]:
    """MASE and CRPS relative to seasonal naive, what the 80 % intervals cover, forecasts, and CPU seconds."""
    _, histories, futures, horizon, season = configuration
    began = time.process_time()
    made = quantiles(histories, horizon, season, score.Q)
    took = time.process_time() - began
    mase, crps, cover = score.score(made, futures, histories, season)
    if naive is None:
        own = score.seasonal_naive(histories, horizon, season, score.Q)
        naive = score.score(own, futures, histories, season)[:2]
    return [mase / naive[0], crps / naive[1], cover, len(histories), took]


def accuracy(report: Report, score: ModuleType, only: str) -> None:
    """The scorer's own configurations, then the same series as they were earlier."""
    rows = [
        [one[0], *relative(score, one, score.NAIVE[one[0]])]
        for one in score.configurations()
        if only in one[0]
    ]
    columns = ("configuration", "MASE", "CRPS", "80 % cover", "forecasts", "CPU s")
    report.table(columns, rows, title="Relative to the published seasonal naive")
    figures = np.array([row[1:] for row in rows])
    mase, crps = np.exp(np.log(figures[:, :2]).mean(axis=0))
    report.figures["configurations"] = len(rows)
    report.at_most("MASE relative to seasonal naive", 0.82, float(mase), "")
    report.at_most("CRPS relative to seasonal naive", 0.66, float(crps), "")
    report.at_least("80 % intervals cover, at least", 0.77, float(figures[:, 2].mean()), "")
    report.at_most("80 % intervals cover, at most", 0.83, float(figures[:, 2].mean()), "")
    earlier = [
        [f"{one[0]} at {part:.0%}", *relative(score, one, None)]
        for part in EARLIER
        for one in cut(score.configurations(), part)
        if only in one[0]
    ]
    report.table(
        columns, earlier, title="The same series earlier, relative to seasonal naive of the same window"
    )
    mase, crps = np.exp(np.log(np.array([row[1:3] for row in earlier])).mean(axis=0))
    report.figures["earlier"] = {"relative_mase": float(mase), "relative_crps": float(crps)}


def simulated(series: int, points: int) -> Floats:
    """A day of 24 points, a slow walk and noise, in parts that differ from series to series."""
    rng = np.random.default_rng(5)
    walk = np.cumsum(rng.normal(0, 0.05, (series, points)), axis=1)
    phase = rng.uniform(0, 24, (series, 1))
    day = rng.uniform(0, 3, (series, 1)) * np.sin(2 * np.pi * (np.arange(points) + phase) / 24)
    return 10 + walk + day + rng.normal(0, 1, (series, points))


def speed(report: Report, turns: int) -> None:
    """CPU seconds of the quickest of some turns."""
    values = simulated(1000, 1000)
    took = []
    for _ in range(turns):
        began = time.process_time()
        forecast(values, 24, 24)
        took.append(time.process_time() - began)
    report.figures["cpu_seconds"] = took
    report.at_least("forecasts a CPU second, 1,000 points, horizon 24", 5000, 1000 / min(took), "1/s")


def main() -> None:
    args = arguments(__doc__.splitlines()[0]).parse_args()
    report = Report("forecast", quick=args.quick)
    report.peers = {"published, on this data": PUBLISHED}
    score = scorer()
    if score is None:
        report.say(f"{DATA} is not there: nothing is said about accuracy.")
        for name, goal in (("MASE", 0.82), ("CRPS", 0.66)):
            report.at_most(f"{name} relative to seasonal naive", goal, None, "")
    else:
        accuracy(report, score, "ett1/D" if args.quick else "")
    speed(report, 1 if args.quick else 3)
    report.finish()


if __name__ == "__main__":
    main()
