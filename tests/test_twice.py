"""What failed beside others is tried once more, alone; what fails there too has failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools import twice

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
