"""What was foretold and what became of it, and the gauges with a limit that predictions watch."""

from __future__ import annotations

import numpy as np

from gadfly.ask_facts.alerts import PAST, done, first_act
from gadfly.ask_facts.columns import Columns, Tables, together
from gadfly.ask_facts.stores import Stores
from gadfly.config.predict import Prediction
from gadfly.errors import LimitError, QueryError, StoreError
from gadfly.predict.limit import limits
from gadfly.predict.prediction import key, named
from gadfly.promql.limits import Limits
from gadfly.promql.query import range_query
from gadfly.store.predictions import SCORED

OUTCOMES = {"came true": "true", "did not": "false", "void": "void"}
DAY = 86_400
HOUR = 3_600
BACK = 60
"""Days of a gauge that are read, an hour's value each."""
SAMPLES = 5_000_000
GAUGES = 500
"""Series of all gauges that are told."""


def facts(stores: Stores) -> Tables:
    """The tables `prediction`, `resource` and `resource_daily`."""
    resources, daily = Columns("resource"), Columns("resource_daily")
    for name, one in stores.config.prediction.items():
        if stores.series is not None and one.of and one.full.strip() != "time()":
            _gauge(resources, daily, stores, name, one)
    return together(_foretold(stores), resources, daily)


def _foretold(stores: Stores) -> Columns:
    found = Columns("prediction")
    since = stores.now - PAST
    acts = done(stores.connection, since)
    rows = stores.connection.execute(
        "SELECT id, predictor, kind, component, owner, made, deadline, probability, base, outcome, resolved,"
        " happened FROM prediction WHERE made > ? ORDER BY id DESC LIMIT ?",
        (since, SCORED),
    )
    for number, predictor, kind, component, owner, made, deadline, chance, base, end, at, happened in rows:
        declared = stores.config.prediction.get(predictor)
        act = first_act(acts.get(component, ()), made, happened or deadline)
        found.add(
            **{"class": kind},
            id=f"p{number}",
            predictor=predictor,
            owner=(declared.owner if declared else "") or owner or None,
            component=component or None,
            made=made,
            deadline=deadline,
            probability=chance,
            base=base,
            resolved=at,
            outcome=OUTCOMES.get(end),
            happened=happened,
            to_act=float(declared.act) if declared else None,
            acted=act[0] if act else None,
        )
    return found


def _gauge(resources: Columns, daily: Columns, stores: Stores, name: str, one: Prediction) -> None:
    """Each series of a prediction's gauge: its limit, and its median of each day."""
    assert stores.series is not None
    today = int(stores.now // DAY)
    start, end = (today - BACK) * DAY + HOUR // 2, today * DAY - HOUR // 2
    try:
        found = range_query(
            stores.series,
            one.of,
            start * 1000,
            end * 1000,
            HOUR * 1000,
            Limits(samples=SAMPLES, seconds=20.0),
        )
        keys = [key(series.labels) for series in found.series]
        full = limits(stores.series, one.full, keys, stores.now)
    except (QueryError, LimitError, StoreError):
        return  # the prediction itself says that it cannot be made
    known = stores.names
    for series, limit in zip(found.series, full.tolist(), strict=True):
        if resources.count >= GAUGES or not np.isfinite(limit):
            continue
        text = f"{name} {named(series.labels)}"
        component = series.labels.get("component", "")
        resources.add(
            name=text,
            component=component if component in known else None,
            owner=series.labels.get("owner") or one.owner,
            hard_limit=limit,
            watched=True,
        )
        days = series.at // (DAY * 1000)
        for day in np.unique(days).tolist():
            daily.add(resource=text, day=day, value=float(np.median(series.value[days == day])))
