"""Runs tests in lanes; what failed beside others is tried once more, alone, and named.

    tools/twice.py LANES MARKS [PYTEST OPTION ...]

Tests that talk to real programs share a machine with each other and with whatever else runs on it. One that
fails there and passes alone was crowded out; one that fails twice is broken, and so is the run. More than a
few failures are no accident and are not tried again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FEW = 6
"""Failures that may be of the crowd."""
FAILED = 1
"""What pytest exits with where tests failed, and nothing worse."""
CACHE = Path(".pytest_cache/v/cache/lastfailed")


def again(code: int, failed: Sequence[str]) -> bool:
    """Whether a second try says more. A file that could not even be read has no `::`."""
    return code == FAILED and 0 < len(failed) <= FEW and all("::" in name for name in failed)


def main(lanes: str, marks: str, options: Sequence[str]) -> int:
    """The exit code of the last run that counts."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "tools.no_silent_skips"]
    several = ["-n", lanes, "--dist", "loadfile"] if int(lanes) > 1 else []
    CACHE.unlink(missing_ok=True)
    code = subprocess.run([*pytest, *several, "-m", marks, *options], check=False).returncode
    failed = sorted(json.loads(CACHE.read_text())) if CACHE.exists() else []
    if not again(code, failed):
        return code
    print(f"\nOnce more, alone: {len(failed)} that failed beside others", flush=True)
    alone = [option for option in options if option != "--cov-append"]
    more = ["--cov-append"] if "--cov" in alone else []
    code = subprocess.run([*pytest, *alone, *more, *failed], check=False).returncode
    if code == 0:
        print("Passed only alone:", *failed, sep="\n  ", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
