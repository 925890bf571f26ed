"""Every block of docs/client.md runs, and every name it must explain is there."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gadfly import Heart

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_all_blocks_are_of_a_language_that_is_run() -> None:
    assert {language for language, _ in BLOCKS} == {"python", "sh"}
    assert PAGE.count("```") == 2 * len(BLOCKS)


@pytest.mark.slow
@pytest.mark.parametrize(("language", "block"), BLOCKS, ids=lambda text: text.split("\n")[0][:40])
def test_block(language: str, block: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-W", "error", "-c", block] if language == "python" else ["sh", "-euc", block]
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "PATH": path}
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""


@pytest.mark.parametrize(
    "name", ["progress", "loop", "check", "systemd", "key", "to", "owner", "needs", "labels", "host"]
)
def test_the_heart_s_arguments_are_explained(name: str) -> None:
    assert name in inspect.signature(Heart).parameters
    assert f"{name}=" in PAGE
