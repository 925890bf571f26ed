"""A cell lives and ends in its folder of the kernel's cgroup tree; limits are tried where that has them."""

from __future__ import annotations

import asyncio
import os
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gadfly.functions.sandbox import cgroup
from gadfly.functions.sandbox.supervisor import Cell, Limits, Template

MOUNTED = next(
    (
        one
        for one in (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
        if (one / "cgroup.procs").exists() and (one / "cgroup.controllers").exists()
    ),
    None,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0 or MOUNTED is None, reason="needs root and cgroup v2"),
]
CONTEXT = dict.fromkeys(
    (
        "function_name",
        "function_version",
        "invoked_function_arn",
        "memory_limit_in_mb",
        "aws_request_id",
        "log_group_name",
        "log_stream_name",
    ),
    "",
)
ASKS = """
import gadfly_fn
def handler(event, context):
    gadfly_fn.metric("here")
"""


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.005)


def made(folder: Path) -> Path:
    (own,) = folder.glob("cell-*")
    return own


@pytest.fixture
def branch() -> Iterator[Path]:
    """A folder of this test's, with one below it as a node has it."""
    assert MOUNTED is not None
    made = MOUNTED / f"gadfly-test-{os.getpid()}"
    (made / "node").mkdir(parents=True)
    try:
        yield made
    finally:

        def gone() -> bool:
            cgroup.sweep()
            return not list(made.glob("cell-*"))

        until(gone)
        (made / "node").rmdir()
        made.rmdir()


def within(folder: Path) -> list[int]:
    return [int(word) for word in (folder / "cgroup.procs").read_text().split()]


async def calling(code: Path, during: Callable[[Cell, Path], None], limits: Limits, folder: Path) -> str:
    """A cell in a folder below this one; `during` runs while its call asks. Why the call ended."""
    os.chmod(code, 0o755)
    (code / "f.py").write_text(ASKS)
    template = Template()
    await template.start()
    try:
        cell = await template.cell(str(code), ("f", "handler"), limits)
        own = made(folder)

        async def asked(ask: Any) -> dict[str, Any]:
            during(cell, own)
            return {"ok": []}

        try:
            return (await cell.call(None, CONTEXT, asked)).ended
        finally:
            cell.close()
    finally:
        template.close()


def test_a_cell_and_its_calls_are_in_its_folder_and_end_with_it(
    branch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroup, "settings", lambda limits: {})  # whatever the kernel divides
    monkeypatch.setattr("gadfly.functions.sandbox.supervisor.delegated", lambda: branch)
    seen: list[int] = []

    def during(cell: Cell, own: Path) -> None:
        seen.extend(within(own))
        first = os.pidfd_open(cell.pid)
        try:
            (own / "cgroup.kill").write_text("1")
            assert select.select([first], [], [], 30)[0]
        finally:
            os.close(first)

    ended = asyncio.run(calling(tmp_path, during, Limits(seconds=20.0), branch))
    assert len(seen) == 2  # the cell's first process and the call
    assert ended.startswith("ended without an answer")


def test_a_branch_that_is_given_is_divided(
    branch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, mounts = f"0::/{branch.name}/node\n", Path("/proc/self/mountinfo").read_text()
    there = (branch / "cgroup.controllers").read_text().split()
    if missing := [name for name in cgroup.NEEDED if name not in there]:
        words = cgroup.find(own, mounts, 0).words
        assert words == f"{branch} has no controllers {', '.join(missing)}"
        pytest.skip("this kernel's cgroup tree limits nothing")
    assert "not delegated" in cgroup.find(own, mounts, 0).words
    os.setxattr(branch, "user.delegate", b"1")
    found = cgroup.find(own, mounts, 0)
    if found.folder is None:
        pytest.skip(f"limits of a whole cell were not tried: {found.words}")
    assert found.folder == branch
    monkeypatch.setattr("gadfly.functions.sandbox.supervisor.delegated", lambda: branch)
    limits = Limits(seconds=20.0, memory=32 << 20, at_once=1)
    told: dict[str, str] = {}

    def during(cell: Cell, own: Path) -> None:
        told.update({name: (own / name).read_text().strip() for name in ("memory.max", "pids.max")})

    asyncio.run(calling(tmp_path, during, limits, branch))
    assert told == {"memory.max": str(64 << 20), "pids.max": str(limits.processes)}
