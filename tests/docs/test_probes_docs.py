"""docs/probes.md shows every kind of probe, with settings that exist and load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gadfly import catalogue
from gadfly.config.probe import Probes
from gadfly.monitor.check import checks
from gadfly.monitor.probe import PROBERS
from gadfly.monitor.probe.context import Context

PAGE = (Path(__file__).parents[2] / "docs" / "probes.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("kind", PROBERS)
def test_each_kind_has_a_section_whose_example_declares_it(kind: str) -> None:
    block = re.search(r"```toml\n(.*?)```", SECTIONS[kind], re.DOTALL)
    assert block is not None
    [check] = checks(catalogue.loads(block[1], "docs/probes.md"))
    assert check.kind == kind


@pytest.mark.parametrize("kind", ["http", "tcp", "tls", "dns", "grpc"])
async def test_each_example_can_be_prepared(kind: str) -> None:
    """The expressions, paths and addresses in it are good ones too."""
    from gadfly.monitor.probe import dns, grpc, http, tcp, tls

    block = re.search(r"```toml\n(.*?)```", SECTIONS[kind], re.DOTALL)
    assert block is not None
    [check] = checks(catalogue.loads(block[1], "docs/probes.md"))
    make = {"http": http.Plan, "tcp": tcp.plan, "tls": tls.plan, "dns": dns.Plan, "grpc": grpc.plan}[kind]
    context = Context()
    assert context.plan(check.spec, make) is context.plan(check.spec, make)
    await context.close()


def test_no_section_is_about_nothing() -> None:
    assert set(SECTIONS) == set(Probes.__struct_fields__) == set(PROBERS)
