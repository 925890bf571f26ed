"""The packets are made by functions that tests ask for, as test folders are no packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def packets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("collectd_packets", Path(__file__).with_name("packets.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
