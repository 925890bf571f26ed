"""Each step of laying privileges down says whether it held. That it holds is seen in test_hearing.py."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.monitor import confine


class Kernel:
    """Says yes or no to every call, and remembers them."""

    def __init__(self, answer: int) -> None:
        self.answer = answer
        self.calls: list[tuple[Any, ...]] = []

    def prctl(self, *arguments: Any) -> int:
        self.calls.append(("prctl", *arguments))
        return self.answer

    def syscall(self, *arguments: Any) -> int:
        self.calls.append(("syscall", *arguments))
        return self.answer


class System:
    """What confine asks of `os` and `resource`."""

    RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_NOFILE = range(3)

    def __init__(self, user: int, permitted: bool) -> None:
        self.user, self.permitted = user, permitted
        self.limits: dict[int, tuple[int, int]] = {}

    def _change(self) -> None:
        if not self.permitted:
            raise PermissionError

    def geteuid(self) -> int:
        return self.user

    def setgroups(self, groups: list[int]) -> None:
        self._change()

    def setresgid(self, *ids: int) -> None:
        self._change()

    def setresuid(self, *ids: int) -> None:
        self.user = ids[1]

    def setrlimit(self, which: int, limit: tuple[int, int]) -> None:
        self._change()
        self.limits[which] = limit

    def listdir(self, path: str) -> list[str]:
        return [str(number) for number in range(100)]

    def close(self, number: int) -> None:
        raise OSError


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Any:
    def begin(*, user: int = 0, permitted: bool = True, kernel: int = 0) -> tuple[System, Kernel]:
        system, libc = System(user, permitted), Kernel(kernel)
        monkeypatch.setattr(confine, "os", system)
        monkeypatch.setattr(confine, "resource", system)
        monkeypatch.setattr(confine, "_libc", libc)
        return system, libc

    return begin


def test_root_becomes_nobody_without_anything(play: Any) -> None:
    system, libc = play()
    assert all(confine.lay_down().values())
    assert system.user == confine.NOBODY
    assert system.limits == {0: (0, 0), 1: (0, 0), 2: (132, 132)}
    assert ("prctl", 38, 1, 0, 0, 0) in libc.calls  # no_new_privs
    assert {call[2] for call in libc.calls if call[:2] == ("prctl", 24)} == set(range(64))


def test_others_stay_who_they_are(play: Any) -> None:
    system, _ = play(user=1000)
    assert confine.lay_down()["confined_user"]
    assert system.user == 1000


@pytest.mark.parametrize(
    ("how", "held"),
    [
        (
            {"permitted": False},
            {
                "confined_capabilities",
                "confined_new_privileges",
                "confined_files",
                "confined_calls",
            },
        ),
        ({"user": 1000, "kernel": -1}, {"confined_user"}),
    ],
)
def test_what_did_not_hold_is_said(play: Any, how: dict[str, Any], held: set[str]) -> None:
    play(**how)
    assert {name for name, is_so in confine.lay_down().items() if is_so} == held


def test_an_unknown_machine_has_fewer_ways(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    play()
    monkeypatch.setattr(confine, "_CAPSET", 0)
    monkeypatch.setattr(confine, "_LANDLOCK_CREATE", 0)
    monkeypatch.setattr(confine, "_MACHINE", "vax")
    held = confine.lay_down()
    assert not held["confined_capabilities"]
    assert not held["confined_files"]
    assert not held["confined_calls"]
