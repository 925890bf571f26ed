"""What a call costs: a fork for each, armed ahead, a new cell, from nothing; beside bubblewrap and python.

1. A fork per invocation: from the call to the answer of a handler that gives back its event, one at a time.
2. Armed: the same where a fork is kept ready.
3. A new cell: namespaces, root, locks and the handler's code, until it takes calls; and the same where the code
   names large modules of the library, which a cell then loads for itself.
4. Cold: the interpreter, a cell, a call.
5. Invocations a second of everything on one core: this process, the template, the cell and its forks.
6. Memory of an armed fork: what is its own, and the kernel's tables for it.
7. bubblewrap with namespaces and a read-only root, an interpreter in it, the same handler.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from gadfly.functions.sandbox.supervisor import Answer, Cell, Limits, Template
from report import Report, arguments, quantile

CONTEXT = {
    "function_name": "f",
    "function_version": "1",
    "invoked_function_arn": "arn",
    "memory_limit_in_mb": 128,
    "aws_request_id": "r",
    "log_group_name": "",
    "log_stream_name": "",
}
EVENT = {"source": "bench", "detail": {"items": list(range(20))}}
SOURCE = (
    "import json\ndef handler(event, context):\n    return {'got': event, 'left': context.function_name}\n"
)
LARGE = "import asyncio, email.message, urllib.request, xml.etree.ElementTree\n" + SOURCE
PEER = "import json, sys\nsys.path.insert(0, '/code')\nimport f\nclass C: function_name = 'f'\nprint(json.dumps(f.handler(json.load(sys.stdin), C)))\n"


async def denied(ask: dict[str, object]) -> dict[str, object]:
    return {"denied": "nothing is granted"}


async def call(cell: Cell) -> Answer:
    """One call that must succeed."""
    answer = await cell.call(EVENT, CONTEXT, denied)
    if answer.value is None:
        raise RuntimeError(f"a call failed: {answer}")
    return answer


@contextlib.asynccontextmanager
async def template() -> AsyncIterator[Template]:
    """One with its library loaded."""
    made = Template()
    await made.start()
    try:
        await asyncio.sleep(1.0)  # it loads the library while nobody orders anything
        yield made
    finally:
        made.close()


async def forks(code: str, count: int) -> list[float]:
    """Milliseconds of each call, one after the other."""
    async with template() as made:
        cell = await made.cell(code, ("f", "handler"), Limits())
        took = []
        for _ in range(count):
            begun = time.perf_counter()
            await call(cell)
            took.append((time.perf_counter() - begun) * 1000)
        cell.close()
        return took


async def armed(code: str, count: int) -> list[float]:
    """Milliseconds of each call; between two there is time to make the next one ready."""
    async with template() as made:
        cell = await made.cell(code, ("f", "handler"), Limits(armed=2))
        took = []
        for _ in range(count):
            await asyncio.sleep(0.01)
            begun = time.perf_counter()
            await call(cell)
            took.append((time.perf_counter() - begun) * 1000)
        cell.close()
        return took


async def cells(code: str, count: int) -> list[float]:
    """Milliseconds until a new cell is there."""
    async with template() as made:
        took = []
        for _ in range(count):
            begun = time.perf_counter()
            cell = await made.cell(code, ("f", "handler"), Limits())
            took.append((time.perf_counter() - begun) * 1000)
            cell.close()
            await asyncio.sleep(0.01)
        return took


async def cold(code: str, count: int) -> list[float]:
    """Milliseconds from nothing to an answer."""
    took = []
    for _ in range(count):
        begun = time.perf_counter()
        made = Template()
        await made.start()
        cell = await made.cell(code, ("f", "handler"), Limits())
        await call(cell)
        took.append((time.perf_counter() - begun) * 1000)
        cell.close()
        made.close()
        await asyncio.sleep(0.02)
    return took


async def rate(code: str, seconds: float) -> float:
    """Invocations a second where all of it has one core."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        async with template() as made:
            cell = await made.cell(code, ("f", "handler"), Limits(at_once=4))
            ends = time.perf_counter() + seconds
            done = 0

            async def keep_calling() -> None:
                nonlocal done
                while time.perf_counter() < ends and not cell.closed:
                    await call(cell)
                    done += 1

            begun = time.perf_counter()
            await asyncio.gather(*(keep_calling() for _ in range(4)))
            took = time.perf_counter() - begun
            cell.close()
            return done / took
    finally:
        os.sched_setaffinity(0, allowed)


async def memory(code: str, count: int) -> tuple[float, float]:
    """MiB of an armed fork: its own pages and tables; and what the machine has less for it."""
    async with template() as made:
        cell = await made.cell(code, ("f", "handler"), Limits(armed=count, processes=count + 8))
        await call(cell)
        await asyncio.sleep(0.5)
        own = [_own(pid) for pid in _children(cell.pid)]
        before = _available()
        cell.close()
        await asyncio.sleep(0.5)
        return sum(own) / max(1, len(own)), (_available() - before) / count


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _own(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in rollup[1:] + status if line.endswith("kB")}
    return (sizes["Private_Dirty"] + sizes["Private_Clean"] + sizes["VmPTE"]) / 1024


def _available() -> float:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1024


def bubblewrap(code: str, count: int) -> list[float]:
    """Milliseconds of each run."""
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--clearenv", "--ro-bind", "/usr", "/usr"]
    for link in ("/lib", "/lib64", "/bin"):
        if os.path.islink(link):
            command += ["--symlink", os.readlink(link), link]
    if not python.startswith("/usr"):
        command += ["--ro-bind", sys.base_prefix, sys.base_prefix]
    command += ["--ro-bind", code, "/code", python, "-I", "-S", "-B", "-c", PEER]
    took = []
    for _ in range(count):
        begun = time.perf_counter()
        said = subprocess.run(command, input=json.dumps(EVENT), capture_output=True, text=True, check=True)
        took.append((time.perf_counter() - begun) * 1000)
        if json.loads(said.stdout)["got"] != EVENT:
            raise RuntimeError("the peer gave another answer")
    return took


def main() -> int:
    args = arguments(__doc__ or "").parse_args()
    report = Report("invoke", quick=args.quick)
    few = args.quick
    with tempfile.TemporaryDirectory(prefix="gadfly-invoke-") as code:
        large = f"{code}/large"
        for folder, source in ((code, SOURCE), (large, LARGE)):
            Path(folder).mkdir(exist_ok=True)
            os.chmod(folder, 0o755)
            Path(folder, "f.py").write_text(source)
        took = {
            "fork per invocation": asyncio.run(forks(code, 100 if few else 2000)),
            "armed": asyncio.run(armed(code, 50 if few else 1000)),
            "new cell": asyncio.run(cells(code, 20 if few else 300)),
            "new cell, large modules": asyncio.run(cells(large, 10 if few else 100)),
            "cold": asyncio.run(cold(code, 5 if few else 50)),
        }
        if shutil.which("bwrap"):
            took["bubblewrap + python"] = bubblewrap(code, 10 if few else 100)
        else:
            report.say("bwrap is not installed (package bubblewrap): nothing to compare with")
        report.table(
            ("one after the other", "n", "p50 ms", "p99 ms"),
            [(name, len(all_), quantile(all_, 0.5), quantile(all_, 0.99)) for name, all_ in took.items()],
        )
        per_second = asyncio.run(rate(code, 1.0 if few else 10.0))
        own = away = None
        if os.geteuid() == 0:
            own, away = asyncio.run(memory(code, 10 if few else 50))
        else:
            report.say("what an armed fork has for itself is told to root only")
        report.table(
            ("", ""),
            [
                ("invocations a second on one core", per_second),
                ("MiB of an armed fork: own pages and tables", own),
                ("MiB that the machine has less for each", away),
            ],
        )
    fork, ready = took["fork per invocation"], took["armed"]
    report.at_most("fork per invocation, p50", 2.5, quantile(fork, 0.5), "ms")
    report.at_most("fork per invocation, p99", 6, quantile(fork, 0.99), "ms")
    report.at_most("armed, p50", 1, quantile(ready, 0.5), "ms")
    report.at_most("armed, p99", 2.5, quantile(ready, 0.99), "ms")
    report.at_most("new cell, p50", 12, quantile(took["new cell"], 0.5), "ms")
    report.at_most("cold, p50", 60, quantile(took["cold"], 0.5), "ms")
    report.at_least("fresh invocations a second a core", 400, per_second, "1/s")
    if own is not None:
        report.at_most("memory of an armed instance", 1, own, "MiB")
    if peer := took.get("bubblewrap + python"):
        report.peers["bubblewrap + python"] = {"p50 ms": quantile(peer, 0.5), "p99 ms": quantile(peer, 0.99)}
        times = quantile(peer, 0.5) / quantile(fork, 0.5)
        report.at_least("faster than bubblewrap + python", 4, times, "times")
    report.finish()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
