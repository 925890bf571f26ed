"""How likely a component is to fail soon, by what it shows and by how it and its group failed before.

Theory of operation
-------------------
Each hour a component shows some numbers (:data:`SIGNS`): how unevenly it beats, how often it restarted, how
long its probes took … What matters is not their size but how unusual they are for this component, so each is
told as deviations from its own past (:mod:`~gadfly.predict.failure.unusual`), as it is and smoothed.

Whether that foretells failures is learnt from failures only (:mod:`~gadfly.predict.failure.hazard`): a
logistic regression for all components, with what is different in a group on top, drawn to nothing where the
group has seen little. An hour is learnt from when its horizon is over, never before. What is told is then
corrected by how often it was right (:mod:`~gadfly.predict.failure.calibration`) and by how often this
component failed compared with what was told of it. Below a number of failures in its group nothing is told.
"""

from __future__ import annotations

from gadfly.predict.failure.foresight import HORIZON, LEAST_FAILURES, LEAST_HOURS, SIGNS, Foresight

__all__ = ["HORIZON", "LEAST_FAILURES", "LEAST_HOURS", "SIGNS", "Foresight"]
