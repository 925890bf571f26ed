"""Forecasts of many series at once, each a distribution: `forecast`, and `seasons` to find a period."""

from gadfly.predict.forecast.forecast import LEVELS, forecast
from gadfly.predict.forecast.season import seasons

__all__ = ["LEVELS", "forecast", "seasons"]
