"""A handler with aws-lambda-powertools beside it runs unchanged in a cell."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow]

PACKAGES = ("aws_lambda_powertools", "jmespath", "typing_extensions")
"""The package and what it needs, as `pip install --target` puts them into a function's folder."""
SOURCE = """
    import json
    import os

    os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "orders")

    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
    from aws_lambda_powertools.utilities.data_classes import LambdaFunctionUrlEvent, event_source
    from aws_lambda_powertools.utilities.jmespath_utils import query
    from aws_lambda_powertools.utilities.typing import LambdaContext

    logger = Logger(level="INFO")
    app = LambdaFunctionUrlResolver()


    @app.post("/orders/<number>")
    def order(number: str):
        return {"number": number, "of": app.current_event.json_body["name"]}


    @logger.inject_lambda_context(log_event=False)
    @event_source(data_class=LambdaFunctionUrlEvent)
    def handler(event: LambdaFunctionUrlEvent, context: LambdaContext) -> dict:
        logger.info("order", extra={"name_given": query(json.loads(event.body), "name")})
        answer = app.resolve(event.raw_event, context)
        return {**answer, "path": event.path, "agent": event.request_context.http.user_agent}
"""
EVENT = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/orders/7",
    "rawQueryString": "",
    "headers": {"content-type": "application/json"},
    "requestContext": {
        "accountId": "anonymous",
        "apiId": "f",
        "domainName": "f",
        "domainPrefix": "f",
        "http": {
            "method": "POST",
            "path": "/orders/7",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "curl",
        },
        "requestId": "r",
        "routeKey": "$default",
        "stage": "$default",
        "time": "22/Nov/2026:10:00:00 +0000",
        "timeEpoch": 1795341600000,
    },
    "body": '{"name": "Ada ü"}',
    "isBase64Encoded": False,
}


@pytest.fixture
def folder(function: Callable[[str], Path]) -> Path:
    pytest.importorskip("aws_lambda_powertools", reason="aws-lambda-powertools is not installed")
    made = function(SOURCE)
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


def test_logger_events_routes_and_queries(folder: Path, official: Any, ours: Any) -> None:
    here, there = ours.answer(folder, EVENT), official.answer(folder, EVENT)
    assert here.how == "response", here
    found = json.loads(here.body)
    assert (found["statusCode"], found["path"], found["agent"]) == (200, "/orders/7", "curl")
    assert json.loads(found["body"]) == {"number": "7", "of": "Ada ü"}
    assert here.body == there.body
    (line,), (other,) = here.log.splitlines(), there.log.splitlines()
    said, also = json.loads(line), json.loads(other)
    assert (said["message"], said["name_given"], said["service"]) == ("order", "Ada ü", "orders")
    assert said["function_request_id"] == also["function_request_id"] != ""
    differs = {"timestamp", "xray_trace_id"}
    assert {k: v for k, v in said.items() if k not in differs} == {
        k: v for k, v in also.items() if k not in differs
    }
