"""docs/configuration.md is what the structs say, and says why for every setting."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from gadfly.config import Config
from gadfly.config.probe import Probe, Probes
from gadfly.config.section import Section

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["reference"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_structs_say(reference: ModuleType) -> None:
    assert (ROOT / "docs" / "configuration.md").read_text() == reference.page(), "run `make docs`"


def test_every_setting_has_its_reason(reference: ModuleType) -> None:
    without = [f"{cls}.{field}" for (cls, field), reason in reference.reasons().items() if not reason]
    assert without == []


def test_every_section_is_on_the_page(reference: ModuleType) -> None:
    structs = {
        cls
        for module in reference.MODULES
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, Section) and cls is not Section
    }
    shown = {cls for _, cls in reference.SECTIONS}
    assert structs - shown == {Config, Probe, Probes}


@pytest.mark.parametrize(
    ("section", "setting", "kind"),
    [
        ("[owner.NAME]", "delegate", "list of tables"),
        ("[owner.NAME]", "load", "table"),
        ("[automation.NAME]", "limits", "table"),
        ("[scrape.NAME]", "metric_relabel", "list of tables"),
        ("[[maintenance]]", "starts", "date and time"),
    ],
)
def test_a_table_and_a_time_are_told_apart(
    reference: ModuleType, section: str, setting: str, kind: str
) -> None:
    part = reference.page().partition(f"## `{section}`")[2].partition("\n## ")[0]
    assert f"| `{setting}` | {kind} |" in part
