"""The API described in OpenAPI 3.1, made from the table of endpoints and the structs they name."""

from __future__ import annotations

import http
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from gadfly.web.answers import Problem
from gadfly.web.problem import MEDIA
from gadfly.web.route import Endpoint

REF = "#/components/schemas/{name}"


def _operation_id(endpoint: Endpoint) -> str:
    # What stands under our own prefix and without it (OTLP) keeps the prefix in its name.
    path = endpoint.path if "/otlp/" in endpoint.path else endpoint.path.removeprefix("/api/v1")
    words = re.findall(r"[a-z0-9]+", path.replace(":path", "").lower())
    return "_".join([endpoint.method.lower(), *words])


def _error(status: int) -> dict[str, Any]:
    content = {MEDIA: {"schema": {"$ref": REF.format(name="Problem")}}}
    return {"description": http.HTTPStatus(status).phrase, "content": content}


def _answer(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": http.HTTPStatus(endpoint.status).phrase}
    if endpoint.gives is not None:
        answer["content"] = {endpoint.media: {"schema": schemas[endpoint.gives]}}
    elif endpoint.media != "application/json":
        answer["content"] = {endpoint.media: {}}
    return answer


def _parameters(endpoint: Endpoint, schemas: dict[Any, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)", endpoint.path)
    ]
    found += [
        {
            "name": one.name,
            "in": "query",
            "description": one.help,
            "schema": {**schemas[one.type], **({} if one.default is None else {"default": one.default})},
        }
        for one in endpoint.query
    ]
    return found


def _operation(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    errors = {*endpoint.errors, 421, 429, 500}
    if endpoint.scope:
        errors |= {401, 403}
    if endpoint.body is not None:
        errors |= {400, 413, 415, 422}
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "responses": {
            str(endpoint.status): _answer(endpoint, schemas),
            **{str(status): _error(status) for status in sorted(errors - {endpoint.status})},
        },
    }
    if endpoint.help:
        operation["description"] = endpoint.help
    if parameters := _parameters(endpoint, schemas):
        operation["parameters"] = parameters
    if endpoint.body is not None:
        content = {"application/json": {"schema": schemas[endpoint.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.takes:
        operation["requestBody"] = {"required": True, "content": {endpoint.takes: {}}}
    if endpoint.scope:
        # Reading needs the token only where node.reading says so: the empty requirement is the alternative.
        needed: list[dict[str, list[str]]] = [{"token": [one]} for one in (endpoint.scope, *endpoint.also)]
        operation["security"] = [*needed, {}] if endpoint.scope == "read" else needed
    return operation


def document(endpoints: Sequence[Endpoint], software: str) -> dict[str, Any]:
    """The whole description, as plain values."""
    used: list[Any] = [Problem]
    for endpoint in endpoints:
        used += [kind for kind in (endpoint.gives, endpoint.body) if kind is not None]
        used += [one.type for one in endpoint.query]
    unique = list(dict.fromkeys(used))
    found, named = msgspec.json.schema_components(unique, ref_template=REF)
    schemas = dict(zip(unique, found, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = endpoint.path.replace(":path", "")
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gadfly",
            "version": software,
            "description": "One node: what it hears, asks and tells. Times are seconds since the epoch.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": named,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: read, ack, silence, probe, act, approve, stop, beat, ingest, "
                    "reload, tokens, admin (all). Or as the password of HTTP's Basic authentication.",
                }
            },
        },
    }
