"""Handlers: what is foreseen, how one series will go on, and how good all of it was."""

from __future__ import annotations

from starlette.responses import Response

from gadfly.errors import LimitError, StoreError
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json

MOST = 5_000
DAY = 86_400.0
LONGEST = 731 * DAY
"""Seconds of a window: what is kept at most."""


async def predictions(call: Call) -> Response:
    """What is foreseen now."""
    query = call.query
    return json(call.node.foreseeing.now(query["predictor"], query["owner"], _limit(call)))


async def fan(call: Call) -> Response:
    """How one series will go on."""
    return json(call.node.foreseeing.fan(call.query["predictor"], call.query["series"]))


async def history(call: Call) -> Response:
    """Predictions that were made."""
    query = call.query
    return json(
        await call.node.foreseeing.history(
            predictor=query["predictor"],
            series=query["series"],
            owner=query["owner"],
            told=query["told"],
            open=query["open"],
            limit=_limit(call),
        )
    )


async def scorecard(call: Call) -> Response:
    """How good predictions were."""
    window = call.query["window"]
    return json(await call.node.foreseeing.scorecard(None if window is None else _within("window", window)))


async def report(call: Call) -> Response:
    """What fills in the weeks to come."""
    return json(call.node.foreseeing.report(call.query["owner"]))


async def backtest(call: Call) -> Response:
    """Today's predictors on what is stored."""
    try:
        return json(await call.node.foreseeing.backtest(_within("since", call.query["since"])))
    except LimitError as error:
        raise Trouble(429, str(error), {"retry-after": "10"}) from None
    except StoreError as error:
        raise Trouble(503, str(error), {"retry-after": "5"}) from None


def _limit(call: Call) -> int:
    limit: int = call.query["limit"]
    if not 1 <= limit <= MOST:
        raise Trouble(422, f"`limit` is 1 to {MOST:,}.")
    return limit


def _within(name: str, seconds: float) -> float:
    if not 1 <= seconds <= LONGEST:
        raise Trouble(422, f"`{name}` is 1 to {LONGEST:,.0f} seconds.")
    return seconds
