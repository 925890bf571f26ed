"""Which locks of a cell hold, and how one knows. Pure: from what the cell saw and what the kernel says of it.

Tiers: A all layers. B no user namespaces: Landlock, the filter and limits; functions run, without scratch.
C Landlock is missing, D the filter is missing: functions are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Layer(NamedTuple):
    """One lock: `needed` where the tier is none without it."""

    name: str
    holds: bool
    evidence: str
    needed: bool = True


class Seen(NamedTuple):
    """`cell`: what its first process told; `kernel`: its /proc/PID/status; `ours`: the node's namespaces."""

    cell: Mapping[str, Any]
    kernel: Mapping[str, str]
    ours: Mapping[str, str]


_SPACES = {
    "user": "users",
    "pid": "processes",
    "mnt": "mounts",
    "net": "network",
    "ipc": "messages and shared memory",
    "uts": "host name",
    "cgroup": "cgroups",
}
_TRIED_OF_FILTER = (
    "open a socket",
    "run a program",
    "signal itself",
    "change the mode of a file",
)


def judge(tier: str, seen: Seen) -> list[Layer]:
    """The layers of a cell that came up in tier A or B."""
    spaces = [_space(name, words, seen) for name, words in _SPACES.items()] if tier == "A" else []
    return [*spaces, *(layer(seen) for layer in (_FILES_A if tier == "A" else _FILES_B)), *_always(seen)]


def of_what_failed(layer: str) -> str:
    """The tier of a machine where not even B comes up, because of this layer."""
    return "D" if layer == "filter" else "C"


def _space(name: str, words: str, seen: Seen) -> Layer:
    its, ours = seen.cell["spaces"][name], seen.ours[name]
    evidence = f"{its}, the node's is {ours}"
    if name == "pid":
        evidence += f"; there it is process {seen.cell['pid']}"
    if name == "user":
        outside = seen.kernel.get("Uid", "").split()
        evidence += f"; user {seen.cell['user']} is {outside[0] if outside else 'unknown'} outside"
    return Layer(f"namespace of {words}", its != ours, evidence)


def _tried(seen: Seen, *names: str) -> str:
    return ", ".join(f"{name}: {seen.cell['tried'][name]}" for name in names)


def _root(seen: Seen) -> Layer:
    tried = seen.cell["tried"]
    return Layer(
        "file system of its own",
        tried["look up /etc"] == "ENOENT" and tried["write /tmp/x"] != "done",
        _tried(seen, "look up /etc", "write /tmp/x"),
    )


def _landlock(attempt: str) -> Callable[[Seen], Layer]:
    def layer(seen: Seen) -> Layer:
        version = seen.cell["landlock"]
        return Layer(
            "Landlock",
            version >= 1 and seen.cell["tried"][attempt] == "EACCES",
            f"version {version}; {_tried(seen, attempt)}",
        )

    return layer


def _user(seen: Seen) -> Layer:
    outside = seen.kernel.get("Uid", "").split()
    return Layer(
        "user",
        bool(outside) and "0" not in outside,
        f"it is {'/'.join(outside)}; processes are counted with all of that user's",
    )


_FILES_A = (_root, _landlock("list /"))
_FILES_B = (_user, _landlock("read /etc/passwd"))


def _always(seen: Seen) -> list[Layer]:
    kernel = seen.kernel
    limits = seen.cell["limits"]
    sets = {name: kernel.get(name, "") for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")}
    bounded = ("as", "cpu", "fsize", "nofile", "nproc")
    return [
        Layer(
            "no capabilities",
            all(value.strip("0") == "" and value for value in sets.values()),
            " ".join(
                f"{name} {value}" for name, value in {**sets, "CapBnd": kernel.get("CapBnd", "")}.items()
            ),
        ),
        Layer(
            "no new privileges",
            kernel.get("NoNewPrivs") == "1",
            f"NoNewPrivs {kernel.get('NoNewPrivs', 'unknown')}",
        ),
        Layer(
            "filter of calls",
            kernel.get("Seccomp") == "2"
            and all(seen.cell["tried"][one] == "EPERM" for one in _TRIED_OF_FILTER),
            f"Seccomp {kernel.get('Seccomp', 'unknown')}; {_tried(seen, *_TRIED_OF_FILTER)}",
        ),
        Layer(
            "memory is written or run, never both",
            bool(seen.cell["mdwe"]),
            "the kernel's own lock"
            if seen.cell["mdwe"]
            else "this kernel has no such lock; the filter refuses it",
            needed=False,
        ),
        Layer(
            "limits of a process",
            all(0 < limits[one] < 1 << 40 for one in bounded) and limits["core"] == 0,
            ", ".join(f"{name} {value}" for name, value in limits.items()),
        ),
    ]
