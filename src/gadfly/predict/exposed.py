"""What is foreseen as series of its own, so that whatever draws series draws it.

| series | labels besides those of what is foreseen | value |
|---|---|---|
| `gadfly_forecast` | `of` (its name), `prediction`, `quantile`, `ahead` | what it will be in `ahead` |
| `gadfly_predicted_full` | `of`, `prediction`, `within` | the probability that it is full by then |
| `gadfly_predicted_failure` | `prediction`, `within` | the probability that it fails by then |
| `gadfly_predicted_full_seconds` | `of`, `prediction`, `quantile` | seconds until it is full |
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gadfly import duration
from gadfly.predict.gauge import Look
from gadfly.predict.outlook import Outlook
from gadfly.predict.prediction import LEVELS, Foreseen, Key, key

HELP = {
    "gadfly_forecast": "What a series will be, by quantile; `ahead`: how far.",
    "gadfly_predicted_full": "The probability that what fills is full within `within`.",
    "gadfly_predicted_failure": "The probability that a component fails within `within`.",
    "gadfly_predicted_full_seconds": "Seconds until what fills is full, by quantile.",
}
AHEAD = (0.5, 1.0, 2.0)
"""Of what the owner needs: how far a forecast looks."""


def rows(name: str, act: float, look: Look) -> list[tuple[Key, float]]:
    """The samples of one turn of the prediction `name`, which are of the time `look.at`."""
    found: list[tuple[Key, float]] = []
    for place, one in enumerate(look.foreseen):
        labels = dict(one.key)
        about = {**labels, "of": labels.get("__name__", ""), "prediction": name}
        found += _full(about, one, act)
        if look.outlook is not None:
            found += _forecast(about, look.outlook, place, act)
    return found


def _full(about: dict[str, str], one: Foreseen, act: float) -> Iterator[tuple[Key, float]]:
    if not math.isnan(one.probability):
        metric = "gadfly_predicted_failure" if one.kind == "fails" else "gadfly_predicted_full"
        yield _key(about, metric, within=duration.format(act)), one.probability
    for level, at in zip(LEVELS, one.within, strict=True):
        if at is not None:
            yield _key(about, "gadfly_predicted_full_seconds", quantile=str(level)), at


def _forecast(about: dict[str, str], outlook: Outlook, place: int, act: float) -> Iterator[tuple[Key, float]]:
    if not len(outlook.ahead):
        return
    now = outlook.past[-1]
    for share in AHEAD:
        step = int(np.argmin(np.abs(outlook.ahead - now - share * act)))
        ahead = duration.format(round(share * act, 3))
        for level, value in zip(outlook.levels, outlook.quantiles[place, step].tolist(), strict=True):
            if math.isfinite(value) and any(math.isclose(level, wanted) for wanted in LEVELS):
                yield _key(about, "gadfly_forecast", quantile=f"{level:g}", ahead=ahead), value


def _key(about: dict[str, str], metric: str, **more: str) -> Key:
    return key({name: word for name, word in {**about, **more, "__name__": metric}.items() if word})
