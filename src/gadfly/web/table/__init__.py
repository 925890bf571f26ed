"""The table of everything the API offers, from which the OpenAPI document is made. A file a subject."""

from __future__ import annotations

from gadfly.web.route import Endpoint
from gadfly.web.table import (
    acts,
    alertmanager,
    alerts,
    components,
    drills,
    facts,
    functions,
    ledger,
    logs,
    otlp,
    predictions,
    push,
    query,
    questions,
    system,
    targets,
    tokens,
    write,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *components.ENDPOINTS,
    *alerts.ENDPOINTS,
    *acts.ENDPOINTS,
    *functions.ENDPOINTS,
    *ledger.ENDPOINTS,
    *query.ENDPOINTS,
    *alertmanager.ENDPOINTS,
    *predictions.ENDPOINTS,
    *questions.ENDPOINTS,
    *drills.ENDPOINTS,
    *facts.ENDPOINTS,
    *push.ENDPOINTS,
    *targets.ENDPOINTS,
    *logs.ENDPOINTS,
    *write.ENDPOINTS,
    *otlp.ENDPOINTS,
    *tokens.ENDPOINTS,
    *system.ENDPOINTS,
)
