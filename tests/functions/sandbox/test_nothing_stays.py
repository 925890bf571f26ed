"""What a call leaves in its cell is not there for the next one, and does not fail it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gadfly.functions.sandbox.supervisor import Answer, Limits, Template

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
import abuses

pytestmark = [pytest.mark.slow]
KEEPS = """
    import mmap, os
    try:
        shared = mmap.mmap(-1, 64)
    except OSError:
        shared = bytearray(64)
    if hasattr(os, "eventfd"):
        os.dup2(os.eventfd(0, os.EFD_NONBLOCK), 0)
    def handler(event, context):
        left = bytes(shared).strip(bytes(1)).decode()
        shared[:5] = b"mine!"
        try:
            found = len(os.read(0, 8))
        except BlockingIOError:
            found = 0
        if hasattr(os, "eventfd"):
            os.eventfd_write(0, 4711)
        return [left, found]
    """


@pytest.mark.parametrize("armed", [0, 2])
def test_neither_memory_nor_a_descriptor(called: Callable[..., list[Answer]], armed: int) -> None:
    answers = called(KEEPS, Limits(seconds=20.0, armed=armed), tier="A", times=3)
    assert [answer.value for answer in answers] == [["", 0]] * 3


DEEP = """
import os
def handler(event, context):
    at = os.open("/tmp", 0)
    for _ in range(1200):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", 0, dir_fd=at)
        os.close(at)
        at = below
    return 1
"""


async def _after(source: str, folder: Path) -> tuple[Answer, Answer]:
    os.chmod(folder, 0o755)
    (folder / "f.py").write_text(source)
    template = Template()
    await template.start()
    try:
        cell = await template.cell(str(folder), ("f", "handler"), Limits(seconds=20.0, scratch=1 << 20))
        try:
            first = await cell.call({}, abuses.CONTEXT, abuses.denying)
            return first, await cell.call({}, abuses.CONTEXT, abuses.denying)
        finally:
            if not cell.closed:
                cell.close()
    finally:
        template.close()


def test_a_call_that_another_one_keeps_from_beginning_says_so(tmp_path: Path) -> None:
    first, second = asyncio.run(_after(DEEP, tmp_path))
    assert (first.value, first.began) == (1, True)
    assert (second.value, second.began) == (None, False)
