"""Every configuration on our pages loads, and every session prints what the page shows."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from gadfly import catalogue

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def _load(name: str) -> ModuleType:
    """A file beside this one: the tests' folders are no packages."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


blocks = _load("blocks")
session = _load("session")

ALL = [block for page in blocks.pages() for block in blocks.blocks(page)]
SESSIONS = sorted({block.page for block in ALL if block.language == "console"})

# These only look, so they may be asked again until what happened has got around.
LOOKS = re.compile(r"gadfly (status|alerts|incidents|outbox|query|logs|silence list)|cat |ls |curl ")
SECONDS = 30.0


@pytest.mark.parametrize("block", [b for b in ALL if b.language == "toml"], ids=str)
def test_a_configuration_loads(block) -> None:  # type: ignore[no-untyped-def]
    catalogue.loads(block.text, str(block))


@pytest.mark.parametrize("block", [b for b in ALL if b.language == "sh"], ids=str)
def test_a_make_target_exists(block) -> None:  # type: ignore[no-untyped-def]
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^(?:\$ )?make ([a-z]+)", block.text, re.MULTILINE)) <= targets


def test_each_block_says_its_language() -> None:
    assert [str(block) for block in ALL if not block.language] == []


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (("a … c",), "a  b   c\n", True),
        (("a … c",), "a\nc\n", False),
        (("a", "…", "c"), "a\nb\nb\nc\n", True),
        (("a", "…"), "a\n", True),
        (("a",), "a\nb\n", False),
        (("a",), "", False),
        (("1 (2)",), "1 (2)\n", True),
    ],
)
def test_what_is_shown_is_compared(shown: tuple[str, ...], printed: str, same: bool) -> None:
    assert blocks.matches(shown, printed) is same


@pytest.mark.first
@pytest.mark.slow
@pytest.mark.netns
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", SESSIONS)
def test_a_session_prints_what_is_shown(page: str, tmp_path: Path) -> None:
    if not session.possible():
        pytest.skip("needs root and network namespaces")
    with session.Session(tmp_path) as shell:
        for block in blocks.blocks(ROOT / page):
            if block.title:
                (shell.folder / block.title).parent.mkdir(parents=True, exist_ok=True)
                (shell.folder / block.title).write_text(block.text)
            if block.language == "console":
                for step in blocks.steps(block.text):
                    _try(shell, block, step)


def _try(shell, block, step) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + SECONDS
    while True:
        printed, code = shell.run(step.command, SECONDS)
        good = blocks.matches(step.shown, printed) if step.shown else code == 0
        if good:
            return
        if not LOOKS.match(step.command) or time.monotonic() > deadline:
            shown = "\n".join(step.shown)
            pytest.fail(
                f"{block}: $ {step.command}\nshown:\n{shown}\nprinted (exit code {code}):\n{printed}",
                pytrace=False,
            )
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.netns
def test_a_session_ends_all_it_started(tmp_path: Path) -> None:
    if not session.possible():
        pytest.skip("needs root and network namespaces")
    with session.Session(tmp_path) as shell:
        shell.run("sleep 4711 &", 10)
        assert shell.run("echo one; exit_code() { return 3; }; exit_code", 10) == ("one\n", 3)
    found = subprocess.run(["ps", "ax", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 4711" not in found
