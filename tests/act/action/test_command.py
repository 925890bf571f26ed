"""A command: words before values, no shell, no option or folder by value, an end in time, no secret told."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gadfly.act.action import command
from gadfly.act.action.effect import Edge, State

Make = Callable[..., Edge]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "full path"),
        ("restart {component}", "full path"),
        ("/bin/{component}", "full path"),
        ("{component}", "full path"),
        ("/bin/true 'open", "split"),
        ("/bin/true {nobody}", "no field"),
        ("/bin/true env.TOKEN=hunter2", "is a secret"),
        ("/bin/true " + "x " * 70, "at most 64"),
        ("/bin/sh -c {component}", "as part of a program"),
        ("/bin/bash -xec 'restart {component}'", "as part of a program"),
        ("/usr/bin/python3.11 -c{component}", "as part of a program"),
        ("/usr/bin/perl -w -e 'x({label.a})'", "as part of a program"),
        ("/usr/bin/node --eval={component}", "as part of a program"),
        ("/usr/bin/env sh -c {component}", "as part of a program"),
        ("/usr/bin/env {component}", "name a program"),
        ("/usr/bin/env -i A=b {component} x", "name a program"),
        ("/usr/bin/env -S '{component} x'", "name a program"),
        ("/usr/bin/env LD_PRELOAD=/tmp/{component}.so x", "decides what is run"),
        ("/usr/bin/sudo /bin/x{component}", "name a program"),
        ("/bin/true env.LD_PRELOAD=file:/x", "decides what is run"),
        ("/bin/true env.LD_LIBRARY_PATH=file:/x", "decides what is run"),
        ("/bin/true env.PATH=env:X", "decides what is run"),
    ],
)
def test_what_does_not_load(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        command.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "/bin/sh -c 'restart \"$1\"' sh {component}",
        "/usr/local/bin/restart -c {component}",
        "/usr/bin/env A={component} /usr/local/bin/restart {component}",
        "/usr/bin/sudo -n /usr/local/bin/restart {component}",
        "/bin/bash /opt/restart {component}",
    ],
)
def test_a_value_beside_a_program_is_no_program(text: str) -> None:
    command.check(text)


def test_a_secret_written_out_is_not_repeated() -> None:
    with pytest.raises(ValueError) as caught:
        command.check("/bin/true env.TOKEN=hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["a b", "a;reboot", "$(reboot)", "`x`", "a'b", 'a"b', "a|b", "*", "{group}", "ä"]
)
def test_a_value_stays_one_word(name: str, values: dict[str, str], edge: Make) -> None:
    values["component"] = name
    assert command.parse("/bin/x --name={component} {component}").filled(values) == [
        "/bin/x",
        f"--name={name}",
        name,
    ]
    assert shlex.split(command.describe("/bin/x {component}", values, edge()))[1:] == ["/bin/x", name]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("/bin/x {component}", "-rf", "would be an option"),
        ("/bin/x {component}", "--help", "would be an option"),
        ("/bin/x /srv/{component}/data", "../../etc", "out of its folder"),
        ("/bin/x /srv/{component}", "..", "out of its folder"),
        ("/bin/x {component}", "..", "out of its folder"),
        ("/bin/x {component}", "", "no value"),
    ],
)
def test_what_a_value_may_not_do(text: str, name: str, said: str, values: dict[str, str], edge: Make) -> None:
    values["component"] = name
    with pytest.raises(ValueError, match=said):
        command.describe(text, values, edge())


async def test_runs_it_and_tells_how_it_ended(values: dict[str, str], edge: Make, tmp_path: Path) -> None:
    file = tmp_path / "said"
    script = f"echo $0 $GADFLY_FENCE $GADFLY_COMPONENT >{file}; echo done; exit $1"
    text = f"/bin/sh -c '{script}' {{component}} {{label.code}}"
    effect = await command.do(text, {**values, "label.code": "0"}, edge())
    assert (effect.state, effect.ok, effect.words, effect.output) == (
        State.finished,
        True,
        "sh ended with 0",
        "done",
    )
    assert file.read_text() == "worker-3 17 worker-3\n"
    effect = await command.do(text, {**values, "label.code": "7"}, edge())
    assert (effect.state, effect.ok, effect.words) == (State.finished, False, "sh ended with 7")


async def test_what_cannot_be_run_did_nothing(values: dict[str, str], edge: Make) -> None:
    effect = await command.do("/no/such/program {component}", values, edge())
    assert effect.state is State.unstarted
    assert "cannot be run: No such file" in effect.words
    effect = await command.do("/bin/true", values, edge(commands=False))
    assert (effect.state, effect.words) == (
        State.unstarted,
        "programs are not run here: gate.commands is false",
    )


async def test_a_secret_is_in_the_environment_and_nowhere_else(
    values: dict[str, str], edge: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2-and-more\n")
    monkeypatch.setenv("OTHER_SECRET", "of the node")
    shown = tmp_path / "cmdline"
    text = (
        f'/bin/sh -c \'tr "\\0" " " </proc/$$/cmdline >{shown}; echo $TOKEN $OTHER_SECRET; test -n "$TOKEN"\''
        f" env.TOKEN=file:{file}"
    )
    effect = await command.do(text, values, edge())
    assert effect.ok
    assert effect.output == "..."
    assert "hunter2" not in shown.read_text()
    assert "hunter2" not in command.describe(text, values, edge())
    effect = await command.do("/bin/true env.TOKEN=env:NOT_THERE", values, edge())
    assert effect.state is State.unstarted
    assert "NOT_THERE" in effect.words


async def test_past_its_time_it_is_ended_with_all_it_started_and_unknown(
    values: dict[str, str], edge: Make, tmp_path: Path
) -> None:
    file = tmp_path / "pid"
    text = f"/bin/sh -c 'sleep 60 & echo $! >{file}; wait'"
    began = time.monotonic()
    effect = await command.do(text, values, edge(time=0.3))
    assert time.monotonic() - began < 4
    assert (effect.state, effect.words) == (State.unknown, "sh did not end within 0.3 s and was killed")
    await _gone(int(file.read_text()))


async def test_what_it_started_and_left_running_stays(
    values: dict[str, str], edge: Make, tmp_path: Path
) -> None:
    file = tmp_path / "pid"
    effect = await command.do(f"/bin/sh -c 'sleep 60 & echo $! >{file}'", values, edge())
    assert effect.ok
    left = int(_read(file))
    assert _runs(left)
    os.kill(left, 9)


async def test_one_that_a_signal_ended_is_unknown(values: dict[str, str], edge: Make) -> None:
    effect = await command.do("/bin/sh -c 'kill -9 $$'", values, edge())
    assert (effect.state, effect.words) == (State.unknown, "sh was killed by signal 9")


async def test_cancelled_it_ends_what_it_began(values: dict[str, str], edge: Make, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    doing = asyncio.ensure_future(
        command.do(f"/bin/sh -c 'echo $$ >{file}; sleep 60'", values, edge(time=30))
    )
    for _ in range(500):
        if _read(file):
            break
        await asyncio.sleep(0.01)
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    await _gone(int(file.read_text()))


async def test_one_that_will_not_end_is_over_within_a_second(
    values: dict[str, str], edge: Make, tmp_path: Path
) -> None:
    file = tmp_path / "pid"
    text = f"/bin/sh -c 'trap \"\" TERM; echo $$ >{file}; while :; do sleep 0.1; done'"
    doing = asyncio.ensure_future(command.do(text, values, edge(time=30)))
    for _ in range(500):
        if _read(file):
            break
        await asyncio.sleep(0.01)
    began = time.monotonic()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert time.monotonic() - began < 1.0
    await _gone(int(_read(file)))


async def test_a_flood_of_output_is_read_and_not_kept(values: dict[str, str], edge: Make) -> None:
    text = f"{sys.executable} -c 'print(\"x\" * 3_000_000)'"
    effect = await command.do(text, values, edge())
    assert effect.ok
    assert 0 < len(effect.output) <= 2000


def _read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def _runs(pid: int) -> bool:
    """Killed processes vanish when their parent has read that; a zombie is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def _gone(pid: int) -> None:
    for _ in range(200):
        if not _runs(pid):
            return
        await asyncio.sleep(0.01)
    os.kill(pid, 9)
    pytest.fail(f"{pid} still runs")
