"""Units by systemctl. There is no systemd where tests run: a program of that name stands in front of PATH and
writes down what it was called with. What a real manager does with the call is not shown here."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.act.action import systemd
from gadfly.act.action.effect import Edge, State

Make = Callable[..., Edge]


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the stand-in writes its arguments to; it ends with the number in the file `exit`."""
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/calls\n'
        f'echo "bus=$DBUS_SESSION_BUS_ADDRESS"\nexit $(cat {tmp_path}/exit 2>/dev/null || echo 0)\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/somewhere")
    return tmp_path / "calls"


def _words(calls: Path) -> list[str]:
    return calls.read_text().splitlines()


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("worker-3", "worker\\x2d3"),
        ("a.b_c:d", "a.b_c:d"),
        (".hidden", "\\x2ehidden"),
        ("a/b", "a-b"),
        ("a b", "a\\x20b"),
        ("*", "\\x2a"),
        ("ä", "\\xc3\\xa4"),
        ("a\\b", "a\\x5cb"),
    ],
)
def test_a_value_is_escaped_as_systemd_escape_does(name: str, escaped: str) -> None:
    assert systemd.escape(name) == escaped


@given(st.text(min_size=1, max_size=40))
def test_no_value_becomes_a_pattern_an_option_or_a_second_unit(name: str) -> None:
    escaped = systemd.escape(name)
    assert not set(escaped) & set("*?[]/ \n;")
    assert escaped.isascii()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a verb and a unit"),
        ("mask a.service", "not done to units"),
        ("enable a.service", "not done to units"),
        ("restart", "one unit is named"),
        ("restart a b", "one unit is named"),
        ("restart *", "cannot be part"),
        ("restart --now", "would be an option"),
        ("restart a;reboot", "cannot be part"),
        ("restart a@{nobody}", "no field"),
    ],
)
def test_what_does_not_load(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        systemd.check(text)


async def test_calls_systemctl_with_one_verb_and_one_unit(
    calls: Path, values: dict[str, str], edge: Make
) -> None:
    text = "restart orders-worker@{component}"
    values["component"] = "w 3"
    effect = await systemd.do(text, values, edge())
    assert (effect.state, effect.ok) == (State.finished, True)
    assert effect.output == "bus="
    assert _words(calls) == [
        "--no-ask-password",
        "--no-pager",
        "restart",
        "--",
        "orders-worker@w\\x203",
    ]
    assert systemd.describe(text, values, edge()) == "systemctl restart orders-worker@w\\x203"


async def test_the_users_own_manager(calls: Path, values: dict[str, str], edge: Make) -> None:
    effect = await systemd.do("stop {component}.service scope=user", values, edge())
    assert effect.output == "bus=unix:path=/somewhere"
    assert _words(calls)[0] == "--user"
    assert systemd.describe("stop a scope=user", values, edge()) == "systemctl --user stop a"


@pytest.mark.parametrize(
    ("code", "state", "words"),
    [
        (1, State.finished, "systemctl ended with 1"),
        (5, State.unstarted, "a.service: there is no such unit"),
        (4, State.unstarted, "a.service: the unit may not be touched by this user"),
    ],
)
async def test_how_it_ended(
    calls: Path, values: dict[str, str], edge: Make, code: int, state: State, words: str
) -> None:
    (calls.parent / "exit").write_text(str(code))
    effect = await systemd.do("restart a.service", values, edge())
    assert (effect.state, effect.ok, effect.words) == (state, False, words)


async def test_without_systemctl_nothing_is_done(
    values: dict[str, str], edge: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    effect = await systemd.do("restart a.service", values, edge())
    assert effect.state is State.unstarted
    assert "no systemctl" in effect.words
    effect = await systemd.do("restart a.service", values, edge(commands=False))
    assert "gate.commands" in effect.words


def test_a_unit_that_would_be_too_long(values: dict[str, str], edge: Make) -> None:
    values["component"] = "-" * 100
    with pytest.raises(ValueError, match="at most 255"):
        systemd.describe("restart {component}", values, edge())
