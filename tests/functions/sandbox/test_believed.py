"""What a function's code says in the cell's name, while it is loaded, decides nothing of the machine."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from gadfly.functions.sandbox.failure import SandboxError
from gadfly.functions.sandbox.supervisor import Limits, Template

pytestmark = [pytest.mark.slow]
SAID = {
    "no-lock": b'{"failed":"x","layer":"user","errno":1}',
    "a-list": b"[]",
    "no-json": b"x",
    "deep": b"[" * 50_000,
    "odd-number": b'{"failed":[],"layer":[],"errno":[]}',
    "no-evidence": b'{"ready":true,"evidence":7}',
}


async def _loads(said: bytes, folder: Path) -> tuple[str, str, int]:
    """The error, the tier afterwards, and how many descriptors five such cells leave open."""
    os.chmod(folder, 0o755)
    (folder / "f.py").write_text(f"import os\nos.write(3, {said!r})\ndef handler(e, c): return e\n")
    template = Template()
    await template.start()
    words = ""
    try:
        counts = []
        for _ in range(5):
            try:
                (await template.cell(str(folder), ("f", "handler"), Limits())).close()
            except SandboxError as error:
                words = str(error)
            counts.append(len(os.listdir("/proc/self/fd")))
        return words, template.tier, counts[-1] - counts[0]
    finally:
        template.close()


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_it_is_refused_or_loaded_and_nothing_else(said: bytes, tmp_path: Path) -> None:
    words, tier, left = asyncio.run(_loads(said, tmp_path))
    assert tier in ("", "A")
    assert left == 0
    assert words.startswith("the cell did not come up") or said == SAID["no-evidence"]
