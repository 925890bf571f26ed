"""Careless policies are named and careful ones are not; what record mode writes is what a function needs.

The policies are in `policies.py`, the functions in `recorded_functions.py`; those run in the real sandbox. A
recorded grant is minimal when the function fails without any one of its lines, and enough when it does not
with all of them.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from gadfly.functions import record
from gadfly.functions.function import Function, Limits
from gadfly.functions.grant import parse
from gadfly.functions.policy import examine
from gadfly.functions.record import Sample
from gadfly.functions.rehearsal import Stage
from gadfly.functions.trigger import on
from policies import CARELESS, CLEAN
from recorded_functions import FUNCTIONS
from report import Report, arguments


def flagged(name: str, purpose: str, triggers: list[str], grants: list[str]) -> list[str]:
    """What is said of a policy; one that does not load is named, too."""
    for text in triggers:
        try:
            on.read(text)
        except ValueError:
            return ["refused"]
    return [one.kind for one in examine([parse(line) for line in grants], purpose, name=name, on=triggers)]


async def recorded(name: str, code: str, samples: list[dict[str, Any]], folder: Path) -> tuple[Any, ...]:
    """The name, its lines, those that are needed, whether all of them are enough, and seconds."""
    path = folder / f"{name.replace('-', '_')}.py"
    path.write_text(code)
    function = Function(
        name=name,
        path=str(path),
        module=path.stem,
        handler="handler",
        owner="o",
        purpose="",
        limits=Limits(seconds=20.0),
    )
    events = [Sample(str(number), one["event"], one.get("answers", {})) for number, one in enumerate(samples)]
    began = time.monotonic()
    async with Stage() as stage:
        found = await record.record(function, events, stage.run)
        seconds = time.monotonic() - began
        needed = await record.needed(function, found.grants, events, stage.run)
        whole = record.granted(function, found.grants)
        enough = all([not (await stage.run(whole, one, False)).failed for one in events])
    return name, found.grants, needed, enough, seconds


def main() -> None:
    args = arguments(__doc__ or "").parse_args()
    report = Report("policy", quick=args.quick)
    missed = [
        (what, name)
        for what, name, purpose, triggers, grants in CARELESS
        if not flagged(name, purpose, triggers, grants)
    ]
    wrong = [
        (name, found)
        for name, purpose, triggers, grants in CLEAN
        if (found := flagged(name, purpose, triggers, grants))
    ]
    for what, name in missed:
        print(f"not named: {name}: {what}")
    for name, kinds in wrong:
        print(f"named without need: {name}: {', '.join(kinds)}")
    with tempfile.TemporaryDirectory() as folder:
        chosen = list(FUNCTIONS.items())[: 4 if args.quick else None]
        runs = [asyncio.run(recorded(name, code, samples, Path(folder))) for name, (code, samples) in chosen]
    report.table(
        ("function", "lines", "needed", "enough", "s"),
        [(name, len(lines), len(needed), enough, seconds) for name, lines, needed, enough, seconds in runs],
    )
    for name, lines, *_ in runs:
        print(f"{name}: {', '.join(lines) or 'nothing'}")
    report.at_least("careless policies named", len(CARELESS), len(CARELESS) - len(missed), "of 40")
    report.at_most("clean policies named", 0, len(wrong), "of 40")
    report.at_most(
        "recorded lines that are not needed", 0, sum(len(one[1]) - len(one[2]) for one in runs), "lines"
    )
    report.at_most("recorded grants that are not enough", 0, sum(not one[3] for one in runs), "functions")
    report.finish()


if __name__ == "__main__":
    main()
