"""Commands: real processes, no shell, an end in time."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import msgspec
import pytest

from gadfly.alert.notify.command import send
from gadfly.alert.notify.destination import Destination
from gadfly.errors import NotifyError


def to(*command: str, timeout: float = 20.0) -> Destination:
    return Destination(kind="command", name="page", command=command, timeout=timeout)


def python(code: str, *args: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *args)


async def test_it_gets_the_json_on_standard_input(notification, context, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("GADFLY_KEY", "secret")
    out = tmp_path / "out"
    code = (
        "import os,sys; open(sys.argv[1],'w').write(sys.stdin.read() + '\\n' + ' '.join(sorted(os.environ)))"
    )
    await send(notification, to(*python(code, str(out))), context)
    body, names = out.read_text().split("\n")
    assert json.loads(body)["incident"] == "i7"
    assert "GADFLY_INCIDENT" in names.split()
    assert "GADFLY_KEY" not in names.split()


async def test_one_that_does_not_read_is_fine(notification, context) -> None:
    big = msgspec.structs.replace(notification, text="x" * 1_000_000)
    await send(big, to(*python("pass")), context)


async def test_its_exit_code_and_last_words_are_told(notification, context) -> None:
    code = "import sys; sys.stderr.write('y' * 100_000 + 'no paper'); sys.exit(3)"
    with pytest.raises(NotifyError, match="ended with 3") as caught:
        await send(notification, to(*python(code)), context)
    assert str(caught.value).endswith("no paper")
    assert len(str(caught.value)) < 1000
    assert not caught.value.permanent


@pytest.mark.parametrize("command", [("/nowhere/at/all",), ("/etc/passwd",), (), ("a\0b",)])
async def test_what_cannot_be_run_is_permanent(notification, context, command: tuple[str, ...]) -> None:
    with pytest.raises(NotifyError) as caught:
        await send(notification, to(*command), context)
    assert caught.value.permanent


async def test_commands_can_be_switched_off(notification, context) -> None:
    with pytest.raises(NotifyError, match=r"alerting\.exec") as caught:
        await send(notification, to("/bin/true"), msgspec.structs.replace(context, allow_commands=False))
    assert caught.value.permanent


async def test_past_its_time_it_is_killed_with_all_it_started(notification, context, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = (
        "import subprocess,sys,time; p=subprocess.Popen(['sleep','60']);"
        "open(sys.argv[1],'w').write(str(p.pid)); time.sleep(60)"
    )
    with pytest.raises(NotifyError, match="did not end within"):
        await send(notification, to(*python(code, str(pid)), timeout=2.0), context)
    for _ in range(200):
        if _gone(pid):
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail("the child lives on")


def _gone(pid: Path) -> bool:
    child = Path(f"/proc/{pid.read_text()}/stat")
    return not child.exists() or child.read_text().split(")")[1].split()[0] == "Z"
