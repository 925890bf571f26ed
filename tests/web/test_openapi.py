"""The description fits OpenAPI 3.1, and what the API answers fits the description."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from gadfly.web.table import ENDPOINTS


@pytest.mark.long
async def test_it_is_valid(ask: Any) -> None:
    described = (await ask("GET", "/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


async def test_every_endpoint_is_in_it(ask: Any) -> None:
    paths = (await ask("GET", "/openapi.json")).json()["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert described == {(one.method, one.path.replace(":path", "")) for one in ENDPOINTS}
    ids = [operation["operationId"] for methods in paths.values() for operation in methods.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/summary",
        "/api/v1/components?limit=5",
        "/api/v1/components/api-00001",
        "/api/v1/components/api-00001/story",
        "/api/v1/incidents",
        "/api/v1/alerts",
        "/api/v1/silences",
        "/api/v1/outbox",
        "/api/v1/act",
        "/api/v1/act/automations/scale-search",
        "/api/v1/act/automations/scale-search/plan?targets=a,b",
        "/api/v1/act/approvals",
        "/api/v1/act/grants",
        "/api/v1/act/load",
        "/api/v1/act/report?days=30",
        "/api/v1/functions",
        "/api/v1/invocations?limit=5",
        "/api/v1/tokens",
        "/api/v1/whoami",
        "/livez",
    ],
)
async def test_answers_fit(ask: Any, token: str, path: str) -> None:
    described = (await ask("GET", "/openapi.json")).json()
    template = path.partition("?")[0].replace("api-00001", "{name}").replace("scale-search", "{name}")
    content = described["paths"][template]["get"]["responses"]["200"]["content"]
    (schema,) = (one["schema"] for one in content.values())
    told = (await ask("GET", path, token=token)).json()
    Draft202012Validator({**schema, "components": described["components"]}).validate(told)


def test_the_page_of_documentation_names_every_endpoint() -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    named = set(re.findall(r"`(GET|PUT|POST|DELETE) (/[^`]*)`", text))
    missing = {(one.method, one.path.replace(":path", "")) for one in ENDPOINTS} - named
    assert not missing
