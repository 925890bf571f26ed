"""What a function's code says in the cell's name, while it is loaded, decides nothing of the machine."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from gadfly.functions.sandbox.failure import SandboxError
from gadfly.functions.sandbox.supervisor import Limits, Template

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
import abuses

pytestmark = [pytest.mark.slow]
SAID = {
    "no-lock": b'{"failed":"x","layer":"user","errno":1}',
    "a-list": b"[]",
    "no-json": b"x",
    "deep": b"[" * 50_000,
    "loaded": b'{"ready":true,"evidence":7}',
    "a-frame": b'\0\0\0\x0c{"value":[]}',
    "a-frame-that-is-none": b"\0\0\0\1[",
}


async def _loads(said: bytes, folder: Path) -> tuple[str, str, bool]:
    """The error, the tier afterwards, and whether each of five such cells leaves a descriptor open."""
    os.chmod(folder, 0o755)
    (folder / "f.py").write_text(f"import os\nos.write(3, {said!r})\ndef handler(e, c): return e\n")
    template = Template()
    await template.start()
    words = ""
    try:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            cell = await template.cell(str(folder), ("f", "handler"), Limits(seconds=0.5))
            try:
                answer = await cell.call({}, abuses.CONTEXT, abuses.denying)
                assert (answer.error, answer.value) in ((None, None), (None, []))
                await cell.load()
            except SandboxError as error:
                words = str(error)
            cell.close()
        leaves = True
        for _ in range(3000):  # the last process is taken away first
            if not (leaves := len(os.listdir("/proc/self/fd")) - before >= 5):
                break
            await asyncio.sleep(0.01)
        return words, template.tier, leaves
    finally:
        template.close()


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_only_its_own_call_is_spoiled(said: bytes, tmp_path: Path) -> None:
    words, tier, leaves = asyncio.run(_loads(said, tmp_path))
    assert tier in ("", "A")
    assert not leaves
    assert words.startswith("the code was not loaded") or said == SAID["a-frame"]
