"""Early warning on every series at once; the only knob is a budget of alarms a week."""

from gadfly.predict.warning.detector import NOTHING, Detector, Scores
from gadfly.predict.warning.history import scores
from gadfly.predict.warning.views import View

__all__ = ["NOTHING", "Detector", "Scores", "View", "scores"]
