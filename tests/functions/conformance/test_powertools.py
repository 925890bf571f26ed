"""Handlers with aws-lambda-powertools beside them run unchanged in a cell, with the events that come here."""

from __future__ import annotations

import importlib.util
import json
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gadfly.functions.trigger import event
from gadfly.functions.trigger.event import Request
from gadfly.store.logs import Kept

pytestmark = [pytest.mark.slow]

AT = 1_795_341_600.0
PACKAGES = ("aws_lambda_powertools", "jmespath", "typing_extensions")
"""The package and what it needs, as `pip install --target` puts them into a function's folder."""
FIRST = """
import os
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "orders")
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import *
from aws_lambda_powertools.utilities.typing import LambdaContext
logger = Logger(level="INFO")
"""
ROUTES = """
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
from aws_lambda_powertools.utilities.jmespath_utils import query
app = LambdaFunctionUrlResolver()

@app.post("/orders/<number>")
def order(number: str):
    return {"number": number, "of": app.current_event.json_body["name"]}

@logger.inject_lambda_context(log_event=False)
@event_source(data_class=LambdaFunctionUrlEvent)
def handler(event: LambdaFunctionUrlEvent, context: LambdaContext) -> dict:
    logger.info("order", extra={"name_given": query(event.json_body, "name")})
    answer = app.resolve(event.raw_event, context)
    return {**answer, "path": event.path, "agent": event.request_context.http.user_agent}
"""
SCHEDULE = """
@event_source(data_class=EventBridgeEvent)
def handler(event: EventBridgeEvent, context: LambdaContext) -> list:
    logger.info("due", extra={"name_given": event.source})
    return [event.source, event.detail_type, event.time, event.resources, event.detail]
"""
LINES = """
@event_source(data_class=CloudWatchLogsEvent)
def handler(event: CloudWatchLogsEvent, context: LambdaContext) -> list:
    found = event.parse_logs_data()
    logger.info("lines", extra={"name_given": found.log_group})
    return [[one.timestamp, one.message, one.extracted_fields["unit"]] for one in found.log_events]
"""
BATCH = """
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
processor = BatchProcessor(event_type=EventType.SQS)

def one(record):
    if record.json_body["n"] == 2:
        raise ValueError("two")

def handler(event: dict, context: LambdaContext) -> dict:
    logger.info("batch", extra={"name_given": len(event["Records"])})
    return process_partial_response(event=event, record_handler=one, processor=processor, context=context)
"""
REQUEST = Request(
    "POST",
    "/orders/7",
    "",
    [("content-type", "application/json"), ("user-agent", "curl")],
    '{"name": "Ada ü"}'.encode(),
    "127.0.0.1",
)
HANDLERS = {
    "url": (
        ROUTES,
        event.url("f", REQUEST, "key", AT),
        {
            "statusCode": 200,
            "body": r'{"number":"7","of":"Ada \u00fc"}',
            "isBase64Encoded": False,
            "headers": {"Content-Type": "application/json"},
            "cookies": [],
            "path": "/orders/7",
            "agent": "curl",
        },
        "Ada ü",
    ),
    "schedule": (
        SCHEDULE,
        event.scheduled("f", "schedule: 0 10 * * *", AT),
        [
            "aws.events",
            "Scheduled Event",
            "2026-11-22T10:00:00Z",
            ["arn:aws:events:local:000000000000:rule/f"],
            {},
        ],
        "aws.events",
    ),
    "logs": (
        LINES,
        event.logs("f", "logs: unit=nginx", [Kept(1, AT + 0.25, "syslog", "a", "nginx", 3, "häh?", "")]),
        [[1_795_341_600_250, "häh?", "nginx"]],
        "/gadfly/syslog",
    ),
    "batch": (
        BATCH,
        {
            "Records": [
                {"messageId": f"m{n}", "body": json.dumps({"n": n}), "eventSource": "aws:sqs"}
                for n in (1, 2, 3)
            ]
        },
        {"batchItemFailures": [{"itemIdentifier": "m2"}]},
        3,
    ),
}


@pytest.fixture
def folder(function: Callable[[str], Path]) -> Path:
    pytest.importorskip("aws_lambda_powertools", reason="aws-lambda-powertools is not installed")
    made = function("")
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec
        assert spec.origin
        file = Path(spec.origin)
        if spec.submodule_search_locations:
            shutil.copytree(file.parent, made / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(file, made)
    for path in made.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return made


@pytest.mark.parametrize(("source", "given", "answer", "said"), HANDLERS.values(), ids=HANDLERS)
def test_it_runs_unchanged(
    source: str, given: dict[str, Any], answer: Any, said: Any, folder: Path, official: Any, ours: Any
) -> None:
    (folder / "f.py").write_text(textwrap.dedent(FIRST + source))
    here, there = ours.answer(folder, given), official.answer(folder, given)
    assert here.how == "response", here
    assert json.loads(here.body) == answer
    assert here.body == there.body
    ours_said, theirs = (_lines(one.log) for one in (here, there))
    assert (ours_said[0]["name_given"], ours_said[0]["service"]) == (said, "orders")
    assert ours_said == theirs


def _lines(log: bytes) -> list[dict[str, Any]]:
    """What its logger wrote, an object a line, without the time."""
    found = [json.loads(line) for line in log.splitlines() if line.startswith(b"{")]
    return [{key: value for key, value in one.items() if key != "timestamp"} for one in found]
