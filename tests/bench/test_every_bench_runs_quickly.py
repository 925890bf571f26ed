"""Each bench script has a quick run that ends by itself and whose last line can be read by a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
SCRIPTS = sorted(
    path.name
    for path in BENCH.glob("*.py")
    if "finish()" in path.read_text() and "__main__" in path.read_text()
)
CANNOT = 3
"""The exit code of a script that this machine does not let run."""


@pytest.mark.slow
@pytest.mark.netns
@pytest.mark.timeout(90)
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_quick_run_ends_in_time_and_states_its_goals(script: str, tmp_path: Path) -> None:
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(BENCH / script), "--quick"],
        capture_output=True,
        text=True,
        timeout=80,
        cwd=tmp_path,
        env=os.environ,
        check=False,
    )
    if done.returncode == CANNOT:
        pytest.skip(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["goals"]
    for goal in result["goals"]:
        assert {"name", "goal", "got", "unit", "met"} <= goal.keys()
    # Twenty seconds are meant; a machine that does other work at the same time may need twice as long.
    assert time.monotonic() - begin < 40
