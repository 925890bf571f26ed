"""In a pipeline nothing is skipped without a reason that was written down beforehand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SUITE = """
import pytest

def test_plain():
    pass

@pytest.mark.skipif(True, reason="no ping here")
def test_marked():
    pass

def test_called():
    pytest.skip("nginx is not installed")

@pytest.fixture
def wire():
    pytest.skip("this kernel has no sch_netem")

def test_permitted(wire):
    pass

@pytest.mark.xfail(reason="known")
def test_expected_to_fail():
    assert False
"""
OPTIONS = ("-q", "-ra", "--continue-on-collection-errors", "-c", os.devnull)
MODULE = "import pytest\nno = pytest.importorskip('no_such_module_here')\n"


def run(place: Path, ci: str) -> str:
    (place / "test_suite.py").write_text(SUITE)
    (place / "test_module.py").write_text(MODULE)
    environment = {key: value for key, value in os.environ.items() if key not in ("CI", "PYTEST_ADDOPTS")}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tools.no_silent_skips",
            "-p",
            "no:cacheprovider",
            *OPTIONS,
            str(place),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment | ({"CI": ci} if ci else {}),
        check=False,
    )
    return done.stdout


@pytest.mark.long
def test_on_a_desk_all_may_be_skipped(tmp_path: Path) -> None:
    assert "1 passed, 4 skipped, 1 xfailed" in run(tmp_path, "")


@pytest.mark.parametrize("ci", ["true", "1"])
@pytest.mark.long
def test_in_a_pipeline_only_what_is_written_down(tmp_path: Path, ci: str) -> None:
    said = run(tmp_path, ci)
    assert "1 failed, 1 passed, 1 skipped, 1 xfailed, 2 errors" in said
    assert "CI must not skip: no ping here" in said
    assert "CI must not skip: nginx is not installed" in said
    assert "CI must not skip: could not import 'no_such_module_here'" in said
