"""What failed beside others is tried once more, alone; what fails there too has failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools import twice
from tools.marks_in_sight import out_of_sight

ROOT = Path(__file__).parents[1]
CROWDED = """
import pathlib

def test_crowded():
    seen = pathlib.Path("seen")
    first = not seen.exists()
    seen.write_text("")
    assert not first
"""
BROKEN = "def test_broken():\n    assert False\n"


@pytest.mark.parametrize(
    ("code", "failed", "tried"),
    [
        pytest.param(0, [], False, id="all passed"),
        pytest.param(1, ["a.py::test_b"], True, id="one failed"),
        pytest.param(1, [], False, id="failed without a name"),
        pytest.param(1, ["a.py"], False, id="a file that cannot be read"),
        pytest.param(2, ["a.py::test_b"], False, id="interrupted"),
        pytest.param(1, [f"a.py::test_{n}" for n in range(twice.FEW + 1)], False, id="too many"),
    ],
)
def test_when_a_second_try_says_more(code: int, failed: list[str], tried: bool) -> None:
    assert twice.again(code, failed) is tried


PLAIN = "def test_a():\n    pass\n"
FILES = {
    "tests/test_plain.py": PLAIN,
    "tests/part/test_many.py": PLAIN + "async def test_b():\n    pass\n",
    "tests/part/test_slow.py": "@pytest.mark.slow\n" + PLAIN,
    "tests/other/test_long_file.py": "pytestmark = [pytest.mark.slow, pytest.mark.first]\n" + PLAIN * 2,
    "tests/other/test_wires.py": "@pytest.mark.netns\n" + PLAIN * 3,
    "tests/other/conftest.py": "# pytest.mark.slow\n",
}


@pytest.mark.parametrize(
    ("marks", "folders", "ignored", "names"),
    [
        pytest.param(
            "not slow and not netns",
            ["tests"],
            [],
            ["long_file", "wires", "many", "slow", "plain"],
            id="no mark",
        ),
        pytest.param(
            "(slow or netns) and not alone", ["tests"], [], ["long_file", "wires", "slow"], id="two"
        ),
        pytest.param("netns", ["tests"], [], ["wires"], id="one"),
        pytest.param("alone", ["tests"], [], [], id="none has it"),
        pytest.param(
            "not slow", ["tests/part", "tests/other"], ["tests/part"], ["long_file", "wires"], id="but"
        ),
    ],
)
def test_which_files_are_read_and_in_which_order(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    marks: str,
    folders: list[str],
    ignored: list[str],
    names: list[str],
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    found = [Path(name).stem.removeprefix("test_") for name in twice.files(marks, folders, ignored)]
    assert found == names


@pytest.mark.parametrize(
    ("marks", "hidden"),
    [
        pytest.param(["slow"], [], id="stands there"),
        pytest.param(["netns", "slow"], ["netns"], id="came from elsewhere"),
        pytest.param(["long", "asyncio"], [], id="chooses no run"),
    ],
)
def test_marks_that_choose_stand_in_their_file(marks: list[str], hidden: list[str]) -> None:
    assert out_of_sight(marks, "pytestmark = pytest.mark.slow\n") == hidden


@pytest.mark.parametrize(
    ("suite", "code", "words"),
    [
        pytest.param(CROWDED, 0, "Passed only alone:\n  test_it.py::test_crowded", id="crowded"),
        pytest.param(BROKEN, 1, "FAILED test_it.py::test_broken", id="broken"),
        pytest.param(CROWDED + BROKEN, 1, "FAILED test_it.py::test_broken", id="both"),
    ],
)
@pytest.mark.long
def test_a_run(tmp_path: Path, suite: str, code: int, words: str) -> None:
    (tmp_path / "test_it.py").write_text(suite)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/twice.py"), "1", "not slow"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stdout


def test_a_file_is_read_alone_and_nothing_is_not_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    assert twice.files("slow", ["tests/part/test_slow.py"]) == ["tests/part/test_slow.py"]
    assert twice.main("1", "slow", ["tests/part/test_many.py"]) == twice.NOTHING
    assert "No file there" in capsys.readouterr().out
