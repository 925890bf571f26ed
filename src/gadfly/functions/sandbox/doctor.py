"""Finds out how well this machine shuts functions in: by building a cell, and looking from both sides."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from gadfly.functions.sandbox import calls, cgroup, evidence, layers
from gadfly.functions.sandbox.layers import Layer
from gadfly.functions.sandbox.supervisor import Cell, Limits, SandboxError, Template

LIMIT = 0.2
"""Seconds that the handler of the trial has, which never ends by itself."""
LATE = 0.05
"""Seconds after its limit by which it must be dead."""
_SOURCE = "def handler(event, context):\n    while event: pass\n"
_CONTEXT = {
    "function_name": "doctor",
    "function_version": "1",
    "invoked_function_arn": "",
    "memory_limit_in_mb": 64,
    "aws_request_id": "doctor",
    "log_group_name": "",
    "log_stream_name": "",
}


class Health(NamedTuple):
    """`tier` A to D; A and B run functions, where all that is needed of their layers holds."""

    tier: str
    layers: list[Layer]
    reasons: dict[str, str]
    """Why a better tier is not there: tier to words."""

    @property
    def runs(self) -> bool:
        """Whether functions run here."""
        return self.tier in ("A", "B")


async def examine(python: str = "", tiers: str = "AB") -> Health:
    """Build cells of the tiers, best first, until one comes up; then look at it."""
    reasons: dict[str, str] = {}
    failed = ""
    with tempfile.TemporaryDirectory() as folder:
        _write(folder)
        for tier in tiers:
            template = Template(python, tier)
            try:
                await template.start()
                cell = await template.cell(
                    folder, ("f", "handler"), Limits(seconds=LIMIT, memory=64 << 20), evidence=True
                )
                try:
                    found = layers.judge(tier, _seen(cell))
                    found += [await _time(cell), _whole(), _calls()]
                finally:
                    cell.close()
            except SandboxError as error:
                failed = error.layer or failed
                reasons[tier] = template.reasons.get(tier, str(error)).strip().splitlines()[-1]
                continue
            finally:
                template.close()
            if all(layer.holds for layer in found if layer.needed):
                return Health(tier, found, reasons)
            broken = [layer.name for layer in found if layer.needed and not layer.holds]
            reasons[tier] = f"it comes up, and does not hold: {', '.join(broken)}"
            failed = "filter" if "filter of calls" in broken else broken[0]
            if tier == tiers[-1]:
                return Health(layers.of_what_failed(failed), found, reasons)
    return Health(layers.of_what_failed(failed), [], reasons)


def _write(folder: str) -> None:
    os.chmod(folder, 0o755)  # noqa: S103  the cell's user reads it
    code = Path(folder, "f.py")
    code.write_text(_SOURCE)
    code.chmod(0o644)


def _seen(cell: Cell) -> layers.Seen:
    try:
        lines = Path(f"/proc/{cell.pid}/status").read_text().splitlines()
    except OSError:
        lines = []
    kernel = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    ours: dict[str, Any] = evidence.spaces()
    return layers.Seen(cell.evidence, kernel, ours["spaces"])


async def _time(cell: Cell) -> Layer:
    """A handler that never ends; both its first call and one after it."""
    late = []
    for event in (False, True, True):
        begun = time.monotonic()
        answer = await cell.call(event, _CONTEXT, _nothing)
        took = time.monotonic() - begun
        if event:
            late.append(took - LIMIT)
        elif answer.ended or answer.error:
            return Layer("limit of time", False, f"a call failed: {answer.ended or answer.error}")
    words = f"a handler that never ends was dead {max(late) * 1000:.0f} ms after its limit of {LIMIT:g} s"
    return Layer("limit of time", max(late) <= LATE, words, needed=False)


def _whole() -> Layer:
    branch = cgroup.branch()
    return Layer("limits of a whole cell by cgroup v2", branch.folder is not None, branch.words, needed=False)


def _calls() -> Layer:
    count = calls.reachable()
    return Layer("calls that a handler may make", count <= 90, f"{count} of the kernel's", needed=False)


async def _nothing(asked: dict[str, Any]) -> dict[str, Any]:
    return {"denied": "nothing is granted to the doctor"}


def run() -> Health:
    """:func:`examine`, for who has no event loop."""
    return asyncio.run(examine())
