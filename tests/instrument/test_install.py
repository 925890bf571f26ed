"""`pip install .` alone, in a fresh environment: no dependencies, and `gadfly beat` and `exec` work."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gadfly.telemetry.frame import Kind, card

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_client_needs_nothing_else(tmp_path: Path, receiver: Any) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    (source / "README.md").touch()
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-input", source], check=True)
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    )
    names = {line.partition("==")[0].partition(" ")[0] for line in listed.stdout.split("\n") if line}
    assert names - {"pip", "setuptools"} == {"gadfly"}
    gadfly = tmp_path / "venv" / "bin" / "gadfly"
    subprocess.run([gadfly, "beat", "x", "--once", "--to", receiver.to], check=True)
    assert card(receiver.next())["name"] == "x"
    assert (
        subprocess.run([gadfly, "exec", "y", "--to", receiver.to, "--", "false"], check=False).returncode == 1
    )
    assert card(receiver.until_kind(Kind.goodbye))["job"]["exit"] == 1
    status = subprocess.run([gadfly, "status"], capture_output=True, text=True, check=False)
    assert status.returncode == 3
    assert "gadfly[node]" in status.stderr
