"""What others alert on for disks, as formulas over free bytes by the time.

The rules' facts (functions, windows, thresholds, `for`) are public; each is evaluated at every sample.

* awesome-prometheus-alerts, HostDiskWillFillIn24Hours: predict_linear over 1 h, a day ahead, below 0, for 2 min
* node-mixin, NodeFilesystemSpaceFillingUp, critical: below 20 % free, and predict_linear over 6 h, 4 h ahead,
  below 0, for 1 h
* below 10 % free, for 2 min
"""

from __future__ import annotations

import numpy as np

from disks import STEP


def predict_linear(values: np.ndarray, window: int, ahead: float) -> np.ndarray:
    """[series, points] PromQL's predict_linear over the last `window` seconds, `ahead` seconds from each sample.

    Least squares through the samples in (t - window, t]; NaN until the window is filled.
    """
    number = window // STEP
    at = -STEP * np.arange(number)[::-1].astype(np.float64)
    middle = at.mean()
    weights = 1 / number + (at - middle) * (ahead - middle) / np.sum((at - middle) ** 2)
    found = np.full(values.shape, np.nan)
    for row, series in enumerate(values):
        found[row, number - 1 :] = np.convolve(series, weights[::-1], mode="valid")
    return found


def held(condition: np.ndarray, seconds: float) -> np.ndarray:
    """[series, points] Whether the condition has been true for so long (Prometheus' `for`)."""
    number = int(np.ceil(seconds / STEP))
    column = np.arange(condition.shape[1])
    false = np.maximum.accumulate(np.where(condition, -1, column), axis=1)
    return column - false > number


def awesome(free: np.ndarray, size: np.ndarray) -> np.ndarray:
    """HostDiskWillFillIn24Hours."""
    return held(predict_linear(free, 3600, 86_400) < 0, 120)


def mixin(free: np.ndarray, size: np.ndarray) -> np.ndarray:
    """NodeFilesystemSpaceFillingUp, critical, with its shipped thresholds."""
    return held((free < 0.2 * size[:, None]) & (predict_linear(free, 6 * 3600, 4 * 3600) < 0), 3600)


def tenth(free: np.ndarray, size: np.ndarray) -> np.ndarray:
    """A tenth left."""
    return held(free < 0.1 * size[:, None], 120)


RULES = {
    "awesome-prometheus-alerts": awesome,
    "node-mixin critical": mixin,
    "static 10 %": tenth,
}
