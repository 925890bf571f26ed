"""Which locks hold is judged from what a cell saw and what the kernel says of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from gadfly.functions.sandbox import layers

NAMES = ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup")
CELL: dict[str, Any] = {
    "spaces": {name: f"{name}:[2]" for name in NAMES},
    "landlock": 7,
    "mdwe": True,
    "pid": 1,
    "user": 65534,
    "host": "cell",
    "limits": {"as": 1 << 28, "cpu": 60, "fsize": 1, "nofile": 64, "nproc": 32, "core": 0},
    "tried": {
        "look up /etc": "ENOENT",
        "read /etc/passwd": "EACCES",
        "list /": "EACCES",
        "write /tmp/x": "EROFS",
        "open a socket": "EPERM",
        "signal itself": "EPERM",
        "change the mode of a file": "EPERM",
        "run a program": "EPERM",
    },
}
KERNEL = dict.fromkeys(("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"), "0000000000000000")
KERNEL |= {"NoNewPrivs": "1", "Seccomp": "2", "Uid": "66000\t66000\t66000\t66000"}
OURS = {name: f"{name}:[1]" for name in NAMES}


def broken(tier: str, change: Callable[[dict[str, Any], dict[str, str]], object]) -> list[str]:
    """Names of the layers that do not hold after a change of what was seen."""
    cell, kernel = copy.deepcopy(CELL), dict(KERNEL)
    change(cell, kernel)
    found = layers.judge(tier, layers.Seen(cell, kernel, OURS))
    return [layer.name for layer in found if not layer.holds]


@pytest.mark.parametrize("tier", ["A", "B"])
def test_all_hold_where_all_is_as_it_should_be(tier: str) -> None:
    assert broken(tier, lambda cell, kernel: None) == []


@pytest.mark.parametrize(
    ("tier", "change", "name"),
    [
        *(
            pytest.param(
                "A", lambda c, k, one=one: c["spaces"].update({one: OURS[one]}), "namespace of", id=one
            )
            for one in NAMES
        ),
        pytest.param("A", lambda c, k: c["tried"].update({"look up /etc": "done"}), "file system", id="root"),
        pytest.param(
            "A", lambda c, k: c["tried"].update({"write /tmp/x": "done"}), "file system", id="writes"
        ),
        pytest.param("A", lambda c, k: c["tried"].update({"list /": "done"}), "Landlock", id="landlock"),
        pytest.param(
            "B", lambda c, k: c["tried"].update({"read /etc/passwd": "done"}), "Landlock", id="landlock-B"
        ),
        pytest.param("A", lambda c, k: c.update(landlock=0), "Landlock", id="no-landlock"),
        pytest.param("B", lambda c, k: k.update(Uid="0 0 0 0"), "user", id="root-user"),
        pytest.param("A", lambda c, k: k.update(CapEff="0000000000000400"), "no cap", id="capability"),
        pytest.param("A", lambda c, k: k.pop("CapPrm"), "no cap", id="capabilities-unknown"),
        pytest.param("A", lambda c, k: k.update(NoNewPrivs="0"), "no new", id="privileges"),
        pytest.param("A", lambda c, k: k.update(Seccomp="0"), "filter", id="no-filter"),
        pytest.param(
            "A", lambda c, k: c["tried"].update({"run a program": "done"}), "filter", id="filter-lets"
        ),
        pytest.param(
            "A", lambda c, k: c["tried"].update({"open a socket": "EACCES"}), "filter", id="another-refuses"
        ),
        pytest.param("A", lambda c, k: c["limits"].update({"nproc": -1}), "limits", id="no-limit"),
        pytest.param("A", lambda c, k: c["limits"].update({"core": -1}), "limits", id="core"),
        pytest.param("A", lambda c, k: c.update(mdwe=False), "memory is", id="mdwe"),
    ],
)
def test_the_one_that_does_not_hold_is_named(tier: str, change: Any, name: str) -> None:
    (found,) = broken(tier, change)
    assert found.startswith(name)


def test_only_the_kernels_lock_on_memory_may_be_missing() -> None:
    found = layers.judge("A", layers.Seen(CELL, KERNEL, OURS))
    assert [layer.name for layer in found if not layer.needed] == ["memory is written or run, never both"]


@pytest.mark.parametrize(("layer", "tier"), [("filter", "D"), ("Landlock", "C"), ("limits", "C"), ("", "C")])
def test_less_than_b_is_c_or_d(layer: str, tier: str) -> None:
    assert layers.of_what_failed(layer) == tier
