"""A branch of the cgroup tree is used where it was given to this node, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gadfly.functions.sandbox import cgroup
from gadfly.functions.sandbox.supervisor import Limits

USER = os.geteuid() or 12_345


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The service's folder, as systemd leaves it with Delegate= and DelegateSubgroup=."""
    above = tmp_path / "gadfly.service"
    (above / "node").mkdir(parents=True)
    (above / "cgroup.controllers").write_text("cpu memory pids\n")
    (above / "cgroup.procs").write_text("")
    (above / "cgroup.subtree_control").write_text("")
    if os.geteuid() == 0:
        os.chown(above, USER, -1)
    return tmp_path


def find(tree: Path, own: str = "0::/gadfly.service/node\n", user: int = USER) -> cgroup.Branch:
    mounts = f"30 23 0:26 / {tree} rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
    return cgroup.find(own, mounts, user)


def test_what_is_ours_is_divided(tree: Path) -> None:
    found = find(tree)
    assert found.folder == tree / "gadfly.service"
    assert (found.folder / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
    assert "memory, pids, cpu" in found.words


def test_processes_in_the_branch_itself_are_in_the_way(tree: Path) -> None:
    (tree / "gadfly.service/cgroup.procs").write_text("17\n")
    found = find(tree)
    assert found.folder is None
    assert "DelegateSubgroup=node" in found.words


def test_what_is_not_ours_is_left_alone(tree: Path) -> None:
    found = find(tree, user=0)
    assert found.folder is None
    assert "Delegate=yes" in found.words
    assert (tree / "gadfly.service/cgroup.subtree_control").read_text() == ""


def test_without_the_controllers_nothing_is_bounded(tree: Path) -> None:
    (tree / "gadfly.service/cgroup.controllers").write_text("cpu hugetlb\n")
    found = find(tree)
    assert found.folder is None
    assert "memory, pids" in found.words


@pytest.mark.parametrize(
    ("own", "words"),
    [
        pytest.param("4:memory:/x\n0::/\n", "root cgroup", id="root"),
        pytest.param("4:memory:/x\n", "not mounted", id="version-1"),
        pytest.param("0::/elsewhere/node\n", "No such file", id="gone"),
    ],
)
def test_why_there_is_none(tree: Path, own: str, words: str) -> None:
    found = find(tree, own)
    assert found.folder is None
    assert words in found.words


def test_a_cell_gets_its_limits(tree: Path) -> None:
    branch = tree / "gadfly.service"
    limits = Limits(memory=100, at_once=3, processes=7, armed=2)
    assert cgroup.settings(limits) == {
        "memory.max": "400",
        "memory.swap.max": "0",
        "pids.max": "9",
        "cpu.max": "300000 100000",
    }
    made = cgroup.Cgroup.make(branch, limits)
    assert (made.folder / "memory.max").read_text() == "400"
    assert (made.folder / "pids.max").read_text() == "9"
    assert not (made.folder / "cpu.max").exists()  # only where the kernel has put it
    made.close()
    assert (made.folder / "cgroup.kill").read_text() == "1"
