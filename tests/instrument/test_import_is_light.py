"""Importing the client loads nothing that costs; by names, because a time depends on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    *(
        "asyncio",
        "concurrent.futures",
        "dataclasses",
        "email",
        "enum",
        "hashlib",
        "http",
        "inspect",
        "ipaddress",
    ),
    *(
        "json",
        "logging",
        "pathlib",
        "re",
        "select",
        "socket",
        "ssl",
        "subprocess",
        "threading",
        "typing",
        "urllib",
    ),
    *("numpy", "msgspec", "click", "rich", "starlette", "h11"),
)


@pytest.mark.parametrize(
    "statement", ["import gadfly", "import gadfly.instrument", "from gadfly import Heart"]
)
def test_nothing_heavy_is_imported(statement: str) -> None:
    program = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    # -S, because what the environment's .pth files import is not ours
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    run = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    loaded = set(run.stdout.split())
    assert "gadfly" in loaded
    assert not loaded & set(HEAVY)
    assert len(loaded) <= 20, loaded


def test_no_thread_unless_asked() -> None:
    program = (
        "import threading, gadfly.instrument as i\n"
        "[getattr(i, name) for name in i.__all__]\n"
        "heart = i.Heart('x')\n"
        "assert threading.active_count() == 1\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_unknown_names_are_refused() -> None:
    import gadfly
    from gadfly import instrument

    for module in (gadfly, instrument):
        with pytest.raises(AttributeError, match="nonesuch"):
            module.nonesuch  # noqa: B018
        for name in module.__all__:
            assert getattr(module, name) is not None
