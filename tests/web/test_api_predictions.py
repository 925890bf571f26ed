"""Predictions by the API: what may be asked, and what is refused with words."""

from __future__ import annotations

from typing import Any

import pytest

V1 = "/api/v1"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("predictions", {"at", "predictors", "standing", "total"}),
        ("predictions?predictor=disk&owner=platform&limit=5", {"at", "predictors", "standing", "total"}),
        ("predictions/history?told=true&open=false", {"predictions"}),
        ("predictions/report?owner=platform", {"at", "text", "items"}),
        ("predictions/backtest?since=3600", {"since", "until", "predictors", "words"}),
        ("scorecard", {"at", "window", "predictors", "owners", "series"}),
        ("scorecard?window=3600", {"at", "window", "predictors", "owners", "series"}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_what_is_asked_is_answered(ask: Any, path: str, keys: set[str]) -> None:
    answer = await ask("GET", f"{V1}/{path}")
    assert answer.status == 200, answer.body
    assert set(answer.json()) == keys


@pytest.mark.parametrize(
    "path",
    [
        "predictions?limit=0",
        "predictions?limit=5001",
        "predictions/history?limit=many",
        "predictions/history?told=perhaps",
        "predictions/backtest?since=0",
        "scorecard?window=-1",
        "scorecard?window=1e12",
        "scorecard?since=5",
    ],
    ids=str,
)
async def test_what_does_not_fit_is_refused(ask: Any, path: str) -> None:
    assert (await ask("GET", f"{V1}/{path}")).status == 422


async def test_of_what_too_little_is_known_there_is_no_fan(ask: Any) -> None:
    assert (await ask("GET", f"{V1}/predictions/fan?predictor=disk&series=nothing")).status == 409
