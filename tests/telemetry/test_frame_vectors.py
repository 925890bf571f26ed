"""The published test vectors: generated as published, and taken or refused as they say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gadfly.errors import FrameError
from gadfly.telemetry.frame import component_id, decode, encode, key_id

DOCS = Path(__file__).parents[2] / "docs"
VECTORS = json.loads((DOCS / "wire-vectors.json").read_text(encoding="utf-8"))
SECRETS = {name: bytes.fromhex(secret["hex"]) for name, secret in VECTORS["secrets"].items()}


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("wire_vectors", DOCS / "wire_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _keys(name: str | None) -> dict[int, bytes]:
    return {} if name is None else {key_id(SECRETS[name]): SECRETS[name]}


def test_the_file_is_what_the_script_writes() -> None:
    assert (DOCS / "wire-vectors.json").read_text(encoding="utf-8") == _generator().text()


def test_the_page_shows_every_vector() -> None:
    page = (DOCS / "wire.md").read_text(encoding="utf-8")
    for vector in VECTORS["taken"]:
        assert f"| {vector['what']} |" in page
        if len(vector["hex"]) == 128:
            assert vector["hex"] in page
    for vector in VECTORS["refused"]:
        assert f"| {vector['what']} | {vector['key'] or '–'} | `{vector['reason']}` |" in page
    assert VECTORS["component_ids"]["checkout"] in page
    for secret in VECTORS["secrets"].values():
        assert str(secret["key_id"]) in page


@pytest.mark.parametrize("vector", VECTORS["taken"], ids=lambda vector: vector["what"])
def test_is_taken_and_written_the_same(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    frame = decode(data, _keys(vector["key"]))
    if vector["key"] is not None or frame.key_id == 0:
        assert encode(frame, SECRETS.get(vector["key"])) == data


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["what"])
def test_is_refused_for_the_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(FrameError) as refusal:
        decode(bytes.fromhex(vector["hex"]), _keys(vector["key"]))
    assert str(refusal.value) == vector["reason"]


@pytest.mark.parametrize(("name", "expected"), VECTORS["component_ids"].items())
def test_component_id(name: str, expected: str) -> None:
    assert f"{component_id(name):016x}" == expected


@pytest.mark.parametrize("name", VECTORS["secrets"])
def test_key_id(name: str) -> None:
    assert key_id(SECRETS[name]) == VECTORS["secrets"][name]["key_id"]
