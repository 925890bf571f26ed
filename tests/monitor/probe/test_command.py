"""Commands: exit codes, limits, and nothing left behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gadfly.config.probe import CommandProbe
from gadfly.monitor.probe import program
from gadfly.monitor.probe.command import OUTPUT, judge, probe
from gadfly.monitor.probe.context import COMMANDS
from gadfly.monitor.probe.program import MEMORY, SACRIFICE, THREADS
from gadfly.monitor.probe.result import Outcome

PASS, WARN, FAIL, UNKNOWN = Outcome.passing, Outcome.warn, Outcome.fail, Outcome.unknown


@pytest.mark.parametrize(
    ("code", "output", "outcome", "words"),
    [
        (0, "OK - all is well | time=3ms\nmore", PASS, "OK - all is well"),
        (1, "\n  WARNING\n", WARN, "WARNING"),
        (2, "CRITICAL\x1b[31m", FAIL, "CRITICAL [31m"),
        (3, "", UNKNOWN, "exit code 3, no output"),
        (4, "odd", FAIL, "exit code 4: odd"),
        (127, "", FAIL, "exit code 127"),
        (-9, "", FAIL, "killed by SIGKILL"),
        (-11, "x", FAIL, "killed by SIGSEGV: x"),
        (-200, "", FAIL, "exit code -200"),
    ],
)
def test_judge(code: int, output: str, outcome: Outcome, words: str) -> None:
    assert judge(code, output) == (outcome, words)


def python(code: str, **more: Any) -> CommandProbe:
    return CommandProbe(run=(sys.executable, "-S", "-c", code), **more)


async def test_a_program_runs_without_a_shell(context: Any) -> None:
    result = await probe(CommandProbe(run=("echo", "$HOME;", "*")), context)
    assert (result.outcome, result.reason) == (PASS, "$HOME; *")


async def test_exit_code_and_output(context: Any) -> None:
    result = await probe(python("import sys; print('CRIT'); sys.stderr.write('why'); sys.exit(2)"), context)
    assert result.outcome is FAIL
    assert set(result.output.split()) == {"CRIT", "why"}


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (("/nonexistent/check",), "check cannot be run: No such file"),
        ((), "cannot be run"),
        ((os.devnull,), "null cannot be run: Permission denied"),
        (("a\0b",), "cannot be run"),
    ],
)
async def test_what_cannot_be_run_is_not_the_targets_failure(
    context: Any, run: tuple[str, ...], words: str
) -> None:
    result = await probe(CommandProbe(run=run), context)
    assert result.outcome is UNKNOWN
    assert words in result.reason


async def test_its_environment_holds_no_secrets(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GADFLY_KEY", "secret")
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    result = await probe(python("import os; print(sorted(os.environ))"), context)
    assert "PATH" in result.output
    assert "GADFLY_KEY" not in result.output
    assert "SMTP_PASSWORD" not in result.output


async def test_output_is_bounded(context: Any) -> None:
    result = await probe(python("import sys; sys.stdout.write('x' * 3_000_000)"), context)
    assert result.outcome is PASS
    assert len(result.output) == OUTPUT


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("end", ["time.sleep(60)", "os._exit(0)"])
async def test_what_it_started_ends_with_it(context: Any, tmp_path: Path, end: str) -> None:
    """A plugin that hangs, and one that ends but leaves a child which holds the pipe."""
    told = tmp_path / "pid"
    code = f"""
import os, time
child = os.fork()
if child == 0:
    time.sleep(60)
    os._exit(0)
open({str(told)!r}, "w").write(str(child))
{end}
"""
    begin = time.monotonic()
    result = await probe(python(code, timeout=1.0), context)
    assert time.monotonic() - begin < 5
    if "sleep" in end:
        assert result.outcome is FAIL
        assert "did not end within 1 s and was killed" in result.reason
    else:
        assert result.outcome is PASS
    child = int(told.read_text())
    for _ in range(200):
        if not alive(child):
            break
        await asyncio.sleep(0.01)
    assert not alive(child)


async def test_cancelling_kills_it(context: Any, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.create_task(probe(python(code), context))
    for _ in range(500):
        if told.exists() and told.read_text():
            break
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(int(told.read_text()))


async def test_only_so_many_at_once(context: Any, tmp_path: Path) -> None:
    count = COMMANDS + 4
    code = f"""
import os, time
path = {str(tmp_path)!r}
name = os.path.join(path, str(os.getpid()))
open(name, "w").close()
time.sleep(0.1)
print(len(os.listdir(path)))
os.unlink(name)
"""
    results = await asyncio.gather(*(probe(python(code, timeout=30.0), context) for _ in range(count)))
    assert max(int(result.output) for result in results) <= COMMANDS
    assert not os.listdir(tmp_path)


RIGHTS = """
import os, shutil, subprocess, sys
os.umask(0)
shutil.copy(sys.argv[1], "id")
os.chown("id", 65534, 65534)
os.chmod("id", 0o4755)
print(subprocess.run(["./id", "-u"], capture_output=True, text=True).stdout)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a program of another user's")
@pytest.mark.parametrize(("setuid", "user"), [(False, "0"), (True, "65534")], ids=["no", "allowed"])
async def test_it_gains_no_rights_by_a_setuid_program(
    context: Any, tmp_path: Path, setuid: bool, user: str
) -> None:
    known = shutil.which("id")
    assert known is not None
    code = f"import os, sys; os.chdir({str(tmp_path)!r}); sys.argv = ['', {known!r}]\n{RIGHTS}"
    result = await probe(python(code, setuid=setuid, timeout=30.0), context)
    assert result.output.strip() == user


@pytest.mark.parametrize("setuid", [None, False, True])
async def test_a_program_with_rights_of_its_own_waits_until_its_table_says_whether(
    context: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setuid: bool | None
) -> None:
    known = shutil.which("true")
    assert known is not None
    own = Path(shutil.copy(known, tmp_path / "check_own"))
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=0))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert (await probe(CommandProbe(run=(str(own),), timeout=30.0), context)).outcome is PASS
    os.chmod(own, 0o4755)
    result = await probe(CommandProbe(run=(str(own),), setuid=setuid, timeout=30.0), context)
    if setuid is None:
        assert result.outcome is UNKNOWN
        assert result.reason == (
            "check_own cannot be run: it is setuid, and may gain no rights; "
            "setuid = true in its table lets it, false runs it without"
        )
    else:
        assert result.outcome is PASS


async def test_it_takes_no_more_memory_than_it_may_and_leaves_no_core(context: Any) -> None:
    code = f"""
import resource, time
while resource.getrlimit(resource.RLIMIT_DATA)[1] != {MEMORY}:  # set right behind its start
    time.sleep(0.001)
while open("/proc/self/oom_score_adj").read() != "{SACRIFICE}\\n":
    time.sleep(0.001)
print(resource.getrlimit(resource.RLIMIT_CORE))
try:
    bytearray({MEMORY})
except MemoryError:
    print("refused", flush=True)
    raise
"""
    result = await probe(python(code, timeout=30.0), context)
    assert result.output.split("\n")[:2] == ["(0, 0)", "refused"]
    assert result.reason.endswith("(a process of a probe may have 4 GiB of memory)")


async def test_one_that_nobody_waits_for_any_more_is_ended_when_it_has_started(
    context: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, on = threading.Event(), threading.Event()
    made: list[Any] = []
    real = program._start

    def slowly(*arguments: Any) -> Any:
        begun.set()
        on.wait(30)
        made.append(real(*arguments))
        return made[0]

    monkeypatch.setattr(program, "_start", slowly)
    task = asyncio.create_task(probe(python("import time; time.sleep(60)"), context))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    on.set()
    async with asyncio.timeout(30):
        while not made or made[0].returncode is None:  # noqa: ASYNC110  a process sets no Event
            await asyncio.sleep(0.005)
    assert made[0].returncode == -9


async def test_a_folder_that_hangs_holds_no_probe_longer_than_its_time(
    context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, calls = threading.Event(), []
    real = program._start

    def slowly(*arguments: Any) -> Any:
        calls.append(arguments)
        on.wait(30)
        return real(*arguments)

    monkeypatch.setattr(program, "_start", slowly)
    before = len(os.listdir("/proc/self/fd"))
    spec = CommandProbe(run=("sleep", "60"), timeout=0.2)
    results = await asyncio.gather(*(probe(spec, context) for _ in range(THREADS + 2)))
    assert {(one.outcome, one.reason) for one in results} == {
        (UNKNOWN, "sleep could not be started within 0.2 s; look at the disk that it is on")
    }
    assert len(os.listdir("/proc/self/fd")) <= before + THREADS  # what no thread came to is let go
    on.set()
    async with asyncio.timeout(30):
        while len(os.listdir("/proc/self/fd")) > before:  # noqa: ASYNC110  a descriptor sets no Event
            await asyncio.sleep(0.005)
    assert len(calls) == THREADS
