"""Which tier a machine has is found by building a cell; nothing falls back in silence."""

from __future__ import annotations

import asyncio
import ctypes
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gadfly.cli.root import run as command
from gadfly.functions.sandbox.doctor import examine
from gadfly.functions.sandbox.failure import SandboxError
from gadfly.functions.sandbox.supervisor import Answer, Limits, Template

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))
import cages

pytestmark = [pytest.mark.slow]
Called = Callable[..., list[Answer]]
ECHO = "def handler(event, context):\n    return event\n"


def test_tier_b_runs(called: Called) -> None:
    assert [answer.value for answer in called(ECHO, tier="B", events=[1, 2])] == [1, 2]


def test_tier_b_imports_what_stands_beside_the_handler(called: Called, tmp_path: Path) -> None:
    (tmp_path / "part").mkdir(mode=0o755)
    for name, text in {"beside.py": "one = 1\n", "part/__init__.py": "", "part/two.py": "two = 2\n"}.items():
        (tmp_path / name).write_text(text)
    source = """
        import beside
        from part.two import two
        def handler(event, context):
            return [beside.one, two, __name__]
        """
    assert called(source, tier="B")[0].value == [1, 2, "f"]


def test_scratch_is_refused_in_tier_b(called: Called) -> None:
    with pytest.raises(SandboxError, match="scratch is refused in tier B"):
        called(ECHO, Limits(scratch=1 << 20), tier="B")


def test_what_is_wrong_with_the_code_is_no_matter_of_tiers(called: Called) -> None:
    (answer,) = called("1 / 0\n")
    assert answer.error is not None
    assert answer.error["errorType"] == "ZeroDivisionError"


def in_a_namespace_that_allows_no_more(trial: Callable[[], Any]) -> Any:
    """What `trial` gives in a fork, which is an ordinary user whom the kernel refuses further namespaces."""
    reads, writes = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            assert ctypes.CDLL(None).unshare(0x10000000) == 0
            Path("/proc/sys/user/max_user_namespaces").write_text("0")
            said = json.dumps(trial())
        except BaseException as error:
            said = json.dumps({"failed": f"{type(error).__name__}: {error}"})
        os.write(writes, said.encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as file:
        said = file.read()
    os.waitpid(pid, 0)
    return json.loads(said)


def test_where_there_are_no_user_namespaces_it_is_b_and_that_is_said(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)
    (tmp_path / "f.py").write_text(ECHO)
    python = cages.python(by_others=True)
    warned: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            warned.append(record.getMessage())

    async def trial() -> dict[str, Any]:
        logging.getLogger("gadfly.functions.sandbox.supervisor").addHandler(Keep())
        template = Template(python)
        await template.start()
        try:
            cell = await template.cell(str(tmp_path), ("f", "handler"), Limits())
            cell.close()
            return {"tier": template.tier, "reasons": template.reasons, "warned": warned}
        finally:
            template.close()

    found = in_a_namespace_that_allows_no_more(lambda: asyncio.run(trial()))
    assert found.get("tier") == "B", found
    assert "namespaces" in found["reasons"]["A"]
    assert len(found["warned"]) == 1
    assert "tier B" in found["warned"][0]


def test_the_doctor_says_so_too() -> None:
    python = cages.python(by_others=True)

    def trial() -> dict[str, Any]:
        health = asyncio.run(examine(python))
        return {"tier": health.tier, "reasons": health.reasons, "names": [one.name for one in health.layers]}

    found = in_a_namespace_that_allows_no_more(trial)
    assert found.get("tier") == "B", found
    assert "A" in found["reasons"]
    assert "Landlock" in found["names"]
    assert not any("namespace" in name for name in found["names"])


def test_the_doctor_prints_each_layer_with_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    code = command(["fn", "doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["tier"], code) in (("A", 0), ("B", 1), ("C", 2), ("D", 2))
    assert told["runs"] is (code < 2)
    broken = [layer["name"] for layer in told["layers"] if layer["needed"] and not layer["holds"]]
    assert bool(broken) is (code == 2 and bool(told["layers"]))
    assert all(layer["evidence"] for layer in told["layers"])
