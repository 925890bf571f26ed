"""What the catalogue says of a function, understood."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gadfly.config.functions import Function, FunctionLimits
from gadfly.errors import ConfigError
from gadfly.functions.function import Limits, entry, size, understand


def declared(**more: object) -> Function:
    known = {"file": "f/a.py", "owner": "o", "purpose": "p", "review": dt.date(2027, 1, 1)}
    return Function(**{**known, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "bytes_"), [("1KiB", 1024), ("128MiB", 128 << 20), (" 2GiB ", 2 << 30)], ids=str
)
def test_sizes(text: str, bytes_: int) -> None:
    assert size(text) == bytes_


@pytest.mark.parametrize("text", ["", "12", "1MB", "-1MiB", "1.5GiB", "١MiB", "1MiB x"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        size(text)


@pytest.mark.parametrize(
    ("file", "handler", "found"),
    [
        ("a.py", "handler", ("a", "handler")),
        ("x/a.py", "a.run", ("a", "run")),
        ("folder", "app.run", ("app", "run")),
    ],
    ids=str,
)
def test_handlers(file: str, handler: str, found: tuple[str, str]) -> None:
    assert entry(file, handler) == found


def test_paths_begin_at_the_configuration(tmp_path: Path) -> None:
    assert understand("n", declared(), tmp_path).path == str(tmp_path / "f/a.py")
    assert understand("n", declared(file="/x/a.py"), tmp_path).path == "/x/a.py"


def test_one_trigger_needs_no_list() -> None:
    assert understand("n", declared(on="schedule: 0 0 * * *")).on == ("schedule: 0 0 * * *",)
    assert understand("n", declared()).on == ()


def test_scratch_is_a_limit_by_grant() -> None:
    limits = FunctionLimits(memory="64MiB", at_once=2, armed=1)
    found = understand("n", declared(grants=("scratch:1MiB", "scratch:2MiB"), limits=limits))
    assert found.limits == Limits(memory=64 << 20, scratch=2 << 20, at_once=2, armed=1)


def test_all_that_is_wrong_is_said() -> None:
    with pytest.raises(ConfigError) as raised:
        understand("n", declared(grants=("x", "y"), handler="?"))
    assert len(raised.value.problems) == 3
