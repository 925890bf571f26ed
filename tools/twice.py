"""Runs tests in lanes; what failed beside others is tried once more, alone, and named.

    tools/twice.py LANES MARKS [FOLDER or FILE ...] [PYTEST OPTION ...]

Tests that talk to real programs share a machine with each other and with whatever else runs on it. One that
fails there and passes alone was crowded out; one that fails twice is broken, and so is the run. More than a
few failures are no accident and are not tried again.

Only files whose text has one of the wanted marks are read at all, and a lane takes whole files: first those
marked `first`, then those with the most tests, so that no long file is left for the end.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

FEW = 6
"""Failures that may be of the crowd."""
FAILED = 1
"""What pytest exits with where tests failed, and nothing worse."""
NOTHING = 5
"""What pytest exits with where no test was found."""
CACHE = Path(".pytest_cache/v/cache/lastfailed")
TESTS = "tests"
FIRST = re.compile(r"mark\.first\b")
TEST = re.compile(r"^ *(?:async )?def test_", re.MULTILINE)
IGNORE = "--ignore="


def again(code: int, failed: Sequence[str]) -> bool:
    """Whether a second try says more. A file that could not even be read has no `::`."""
    return code == FAILED and 0 < len(failed) <= FEW and all("::" in name for name in failed)


def wanted(marks: str, text: str) -> bool:
    """Whether a file with this text may have tests that the expression `marks` selects.

    Where it asks for no mark, every file has some. A mark stands in the file of its tests, which
    tools/marks_in_sight.py sees to.
    """
    asked = re.findall(r"(?<!not )\b(?!not\b|and\b|or\b)\w+", marks)
    return not asked or any(f"mark.{mark}" in text for mark in asked)


def files(marks: str, folders: Sequence[str], ignored: Sequence[str] = ()) -> list[str]:
    """The test files to read, in the order in which lanes take them."""
    found = {
        path.as_posix(): path.read_text()
        for folder in map(Path, folders)
        for path in ([folder] if folder.is_file() else folder.rglob("test_*.py"))
        if not any(path.is_relative_to(one) for one in ignored)
    }

    def turn(name: str) -> tuple[bool, int, str]:
        return FIRST.search(found[name]) is None, -len(TEST.findall(found[name])), name

    return sorted((name for name, text in found.items() if wanted(marks, text)), key=turn)


def main(lanes: str, marks: str, options: Sequence[str]) -> int:
    """The exit code of the last run that counts."""
    folders = list(takewhile(lambda option: not option.startswith("-"), options))
    given = options[len(folders) :]
    ignored = [option.removeprefix(IGNORE) for option in given if option.startswith(IGNORE)]
    read = files(marks, folders or [TESTS], ignored)
    if folders and not read:  # pytest would take this for all of them
        print(f"No file there has a test that is {marks}", flush=True)
        return NOTHING
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tools.no_silent_skips",
        "-p",
        "tools.marks_in_sight",
    ]
    several = ["-n", lanes, "--dist", "loadfile", "--no-loadscope-reorder"] if int(lanes) > 1 else []
    CACHE.unlink(missing_ok=True)
    code = subprocess.run([*pytest, *several, "-m", marks, *given, *read], check=False).returncode
    failed = sorted(json.loads(CACHE.read_text())) if CACHE.exists() else []
    if not again(code, failed):
        return code
    print(f"\nOnce more, alone: {len(failed)} that failed beside others", flush=True)
    alone = [option for option in given if option != "--cov-append"]
    more = ["--cov-append"] if "--cov" in alone else []
    code = subprocess.run([*pytest, *alone, *more, *failed], check=False).returncode
    if code == 0:
        print("Passed only alone:", *failed, sep="\n  ", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
