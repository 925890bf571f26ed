"""Fails where too few branches of the named files were taken: tools/coverage_gate.py PERCENT GLOB[,GLOB…].

Coverage's own `--fail-under` mixes lines and branches, and lines are the easier half.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def main(wanted: float, files: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "-q", f"--include={files}", "-o", str(report)]
        done = subprocess.run(command, check=False)
        if done.returncode:
            print("no coverage to look at; run `make test`")
            return 2
        data = json.loads(report.read_text())
    worst = []
    for name, file in data["files"].items():
        summary = file["summary"]
        if summary["missing_branches"]:
            worst.append((summary["missing_branches"], summary["num_branches"], name))
    for missing, branches, name in sorted(worst, reverse=True):
        print(f"{missing:5} of {branches:4} branches not taken  {name}")
    totals = data["totals"]
    got = 100 * totals["covered_branches"] / max(1, totals["num_branches"])
    print(f"{got:.1f} % of {totals['num_branches']} branches taken; {wanted:g} % are needed ({files})")
    return 0 if totals["num_branches"] and got >= wanted else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2]))
