"""The rows of the API's table that concern predictions."""

from __future__ import annotations

from gadfly.web import predictions
from gadfly.web.answers import predictions as prediction_answers
from gadfly.web.route import Endpoint, Query

V1 = "/api/v1"

_PREDICTOR = Query("predictor", str, "", "Only of this predictor.")
_OWNER = Query("owner", str, "", "Only what this owner answers for.")

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{V1}/predictions",
        handler=predictions.predictions,
        summary="What is foreseen now, and by whom",
        query=(
            _PREDICTOR,
            _OWNER,
            Query("limit", int, 200, f"How many at most, up to {predictions.MOST:,}."),
        ),
        gives=prediction_answers.Predictions,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/predictions/fan",
        handler=predictions.fan,
        summary="How one series went, and how it will go on",
        query=(
            Query("predictor", str, "", "Which predictor."),
            Query("series", str, "", "The series, as `/predictions` names it."),
        ),
        gives=prediction_answers.Fan,
        errors=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/predictions/history",
        handler=predictions.history,
        summary="Predictions that were made, and what became of them",
        query=(
            _PREDICTOR,
            Query("series", str, "", "Only of this series."),
            _OWNER,
            Query("told", bool, False, "Only those of which somebody was told."),
            Query("open", bool, False, "Only those whose time has not come."),
            Query("limit", int, 100, f"How many at most, up to {predictions.MOST:,}."),
        ),
        gives=prediction_answers.MadePredictions,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/predictions/report",
        handler=predictions.report,
        summary="What fills in the weeks to come, and what it would take",
        query=(_OWNER,),
        gives=prediction_answers.PlanningReport,
        errors=(422,),
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/predictions/backtest",
        handler=predictions.backtest,
        summary="The scorecard that today's predictors would have had",
        query=(Query("since", float, 30 * predictions.DAY, "How many seconds of the past are replayed."),),
        gives=prediction_answers.Backtest,
        errors=(422, 429, 503),
        help="Takes up to 20 seconds; what is not replayed by then is named. One at a time.",
    ),
    Endpoint(
        method="GET",
        path=f"{V1}/scorecard",
        handler=predictions.scorecard,
        summary="How good predictions were: by predictor, owner and series",
        query=(
            Query("window", float | None, None, "Seconds; without it, as configured (`predict.window`)."),
        ),
        gives=prediction_answers.Scorecard,
        errors=(422,),
    ),
)
