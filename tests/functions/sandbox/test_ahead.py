"""What a cell does ahead of its calls: files are compiled and not run, and only the library is imported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gadfly.functions.sandbox import ahead
from gadfly.functions.sandbox.loading import loader


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def written(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return str(folder)


FILES = {
    "main_file.py": "import pack_a.deep, alone_a as x\nfrom pack_a import two\nimport colorsys\n"
    "def handler(e, c):\n    import late_a\n    return [pack_a.deep.y, two.z, x.w, late_a.v]\n",
    "pack_a/__init__.py": "from .two import z\n",
    "pack_a/two.py": "z = 2\n",
    "pack_a/deep.py": "from . import two\ny = two.z + 1\n",
    "alone_a.py": "w = 4\n",
    "late_a.py": "v = 5\n",
    "nobody_names_it.py": "raise ValueError\n",
}


def test_what_is_imported_is_compiled_and_what_is_compiled_is_run_by_the_call(tmp_path: Path) -> None:
    folder = written(tmp_path, FILES)
    sys.modules.pop("colorsys", None)
    ready = ahead.prepare("main_file", folder)
    assert set(ready) == {"main_file", "pack_a", "pack_a.two", "pack_a.deep", "alone_a", "late_a"}
    assert "colorsys" in sys.modules
    assert not set(ready) & set(sys.modules)
    for name in FILES:
        (tmp_path / name).write_text("1 / 0\n")  # what was compiled is what is run
    assert loader(("main_file", "handler"), folder, ready)()(None, None) == [3, 2, 4, 5]


@pytest.mark.parametrize(
    "text",
    [
        "raise SystemExit\n",
        "def handler(",
        "x = '\\0'\n\0",
        "# coding: no-such\n",
        "(" * 5000,
        "-" * 90_000 + "1",
    ],
    ids=["ends", "syntax", "nul", "coding", "deep", "long"],
)
def test_nothing_of_it_runs_and_what_cannot_be_compiled_is_left(text: str, tmp_path: Path) -> None:
    ready = ahead.prepare("odd_file", written(tmp_path, {"odd_file.py": text}))
    assert set(ready) == ({"odd_file"} if text.startswith("raise") else set())


@pytest.mark.parametrize(
    "name", ["antigravity", "this", "unittest.__main__", "asyncio.__main__", "pytest", "there_is_none"]
)
def test_what_does_something_or_is_not_of_the_library_is_not_imported(name: str, tmp_path: Path) -> None:
    sys.modules.pop(name, None)
    ahead.prepare("names_it", written(tmp_path, {"names_it.py": f"import {name}\n"}))
    assert name not in sys.modules


def test_a_handlers_module_of_a_name_of_the_library_is_the_functions(tmp_path: Path) -> None:
    folder = written(tmp_path, {"wave.py": "import wave\ndef handler(e, c): return __file__\n"})
    ready = ahead.prepare("wave", folder)
    assert loader(("wave", "handler"), folder, ready)()(None, None) == f"{folder}/wave.py"


@pytest.mark.parametrize(("name", "most"), [("FILES", 1), ("FILE", 10), ("ALL", 30)])
def test_it_has_bounds(name: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, name, most)
    files = {"bound_a.py": "import bound_b\n", "bound_b.py": "# a longer file than that\nx = 1\n"}
    assert len(ahead.prepare("bound_a", written(tmp_path, files))) == (0 if name == "FILE" else 1)
