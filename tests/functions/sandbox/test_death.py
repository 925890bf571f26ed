"""A supervisor that is killed leaves nothing behind, whatever runs in its cells."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
import cages

pytestmark = [pytest.mark.slow]
SUPERVISOR = """
import asyncio, sys
from gadfly.functions.sandbox.supervisor import Limits, Template

async def main(tier, python, folder):
    template = Template(python, tier)
    await template.start()
    cell = await template.cell(folder, ("f", "handler"), Limits(armed=2))
    names = "function_name function_version invoked_function_arn aws_request_id log_group_name "\
        "log_stream_name"
    context = dict.fromkeys(names.split(), "") | {"memory_limit_in_mb": 1}
    runs = asyncio.Event()

    async def asked(ask):
        runs.set()
        return {"denied": "it goes on"}

    call = asyncio.create_task(cell.call(None, context, asked))
    await runs.wait()
    children = open(f"/proc/{cell.pid}/task/{cell.pid}/children").read().split()
    print(template._process.pid, cell.pid, *children, flush=True)
    await call

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("tier", ["A", "B"])
def test_nothing_is_left(tier: str, tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)
    (tmp_path / "f.py").write_text(
        "import gadfly_fn\ndef handler(e, c):\n    try:\n        gadfly_fn.metric('x')\n"
        "    finally:\n        while True: pass\n"
    )
    python = cages.python(by_others=tier == "B" and os.geteuid() == 0)
    command = [sys.executable, "-c", SUPERVISOR, tier, python, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        started = [int(word) for word in supervisor.stdout.readline().split()]
        supervisor.send_signal(signal.SIGKILL)
    assert len(started) >= 3
    until = time.monotonic() + 30
    while any(_runs(pid) for pid in started) and time.monotonic() < until:
        time.sleep(0.01)
    assert [pid for pid in started if _runs(pid)] == []


def _runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
