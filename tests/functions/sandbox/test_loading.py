"""A function's module is the one in its folder, whatever the library has of that name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gadfly.functions.sandbox.loading import Below, loader


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def test_the_handler_is_given(tmp_path: Path) -> None:
    (tmp_path / "sched.py").write_text(
        "import beside_it\ndef handler(e, c): return [beside_it.x, __file__]\n"
    )
    (tmp_path / "beside_it.py").write_text("x = 1\n")
    assert loader(("sched", "handler"), str(tmp_path))()(None, None) == [1, f"{tmp_path}/sched.py"]


def test_names_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/__init__.py").write_text("")
    (tmp_path / "pack/inner.py").write_text("y = 2\n")
    (tmp_path / "own_code.py").write_text("from pack.inner import y\ndef go(e, c): return [y, __file__]\n")
    monkeypatch.chdir(tmp_path)
    assert loader(("own_code", "go"), ".")()(None, None) == [2, "./own_code.py"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        pytest.param(("not_there", "handler"), ModuleNotFoundError, id="no-module"),
        pytest.param(("own_code", "nothing"), AttributeError, id="no-name"),
        pytest.param(("own_code", "number"), TypeError, id="no-function"),
    ],
)
def test_what_cannot_be_loaded(tmp_path: Path, name: tuple[str, str], error: type[Exception]) -> None:
    (tmp_path / "own_code.py").write_text("number = 1\n")
    with pytest.raises(error):
        loader(name, str(tmp_path))()


def test_what_is_elsewhere_is_not_found(tmp_path: Path) -> None:
    assert Below(str(tmp_path)).find_spec("json") is None
