"""Runs every bench in its short form and looks at what it must print: a last line of JSON with its goals.

Whether a goal is met in twenty seconds on a busy machine says little, so only a bench that breaks fails here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BENCHES = Path(__file__).parent.parent / "bench"
SECONDS = 90
LANES = 2


def benches() -> list[Path]:
    """The scripts that have a short form; the others in the folder are parts of them, and run with them."""
    sources = {path: path.read_text() for path in sorted(BENCHES.glob("*.py"))}
    return [path for path, source in sources.items() if _is_bench(source) and not _is_part(path, sources)]


def _is_bench(source: str) -> bool:
    runs = 'if __name__ == "__main__":' in source
    return runs and ("--quick" in source or "arguments(" in source)


def _is_part(path: Path, sources: dict[Path, str]) -> bool:
    """Whether another one, named as it begins, runs it: `ingest` runs `ingest_otlp`."""
    whole = path.with_stem(path.stem.partition("_")[0])
    return whole != path and f"import {path.stem}\n" in sources.get(whole, "")


def smoke(path: Path) -> str:
    """Empty where the bench ran and printed its result, else what is wrong with it."""
    command = [sys.executable, str(path), "--quick"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} s"
    try:
        goals = json.loads(done.stdout.rstrip().rpartition("\n")[2])["goals"]
    except (ValueError, KeyError, TypeError):
        return f"exit code {done.returncode}, and the last line is no result:\n{done.stdout}{done.stderr}"
    if done.returncode:
        return f"exit code {done.returncode}:\n{done.stderr}"
    incomplete = [goal for goal in goals if not {"name", "goal", "got", "unit", "met"} <= goal.keys()]
    return f"goals without all their keys: {incomplete}" if incomplete or not goals else ""


def main() -> int:
    """Two at a time; one that broke beside another is tried once more, alone, and said to be."""
    with ThreadPoolExecutor(LANES) as lanes:
        broke = [path for path, wrong in zip(benches(), lanes.map(told, benches()), strict=True) if wrong]
    if broke:
        print(f"once more, alone: {', '.join(path.stem for path in broke)}", flush=True)
    return 1 if sum(told(path) != "" for path in broke) else 0


def told(path: Path) -> str:
    """What :func:`smoke` says, printed too."""
    started = time.monotonic()
    wrong = smoke(path)
    print(f"{path.stem:12} {time.monotonic() - started:5.1f} s  {wrong or 'ran'}", flush=True)
    return wrong


if __name__ == "__main__":
    if "--list" in sys.argv:
        print(" ".join(path.stem for path in benches()))
        sys.exit(0)
    sys.exit(main())
