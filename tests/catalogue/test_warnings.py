from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from gadfly import catalogue


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "[component.a]\nbeats='1s'\n[component.b]\nbeats='1s'\nowner='o'\n[owner.o]\ncontact=['mailto:a@b']",
            "1 of 2 components without an owner, so that an alert names nobody: a",
        ),
        ("[component.a]", "1 of 1 component with neither beats nor a probe nor a schedule"),
        (
            "[component.a]\nneeds=['b']",
            "1 need not declared, so only heartbeats tell of them: b (needed by a)",
        ),
        ("[component.a]\nhost='h'\n[component.h]", "1 host not declared as a component of kind host: h"),
        ("[owner.a]", "1 of 1 owner cannot be reached: a"),
        ("[owner.a]\nowner='b'\n[owner.b]", "2 of 2 owners cannot be reached: a, b"),
        ("[component.a]", "nobody is told anything: there is neither an owner with a contact nor a route"),
        ("[receiver.r]\nemail='a@b'", "1 receiver never used: r"),
        ("[node]\npreset='lan'", "heartbeats are not authenticated: anybody on the network may send them"),
        (
            "[component.a]\nprobe.tls={address='a:1', ca='/not/there'}",
            "1 file named by `ca` not found on this machine: /not/there",
        ),
    ],
)
def test_each_concern(text: str, warning: str) -> None:
    found = catalogue.warnings(catalogue.loads(text))
    assert any(line.startswith(warning) for line in found), found


def test_a_probe_whose_program_has_rights_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "check"
    program.write_bytes(b"")
    program.chmod(0o4755)
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=0))
    text = f"[component.a]\nprobe.command.run=['{program}']\n"
    wanted = "1 component with a command probe whose program has rights of its own"
    assert any(line.startswith(wanted) for line in catalogue.warnings(catalogue.loads(text)))
    decided = catalogue.loads(f"{text}probe.command.setuid=false")
    assert not any(line.startswith(wanted) for line in catalogue.warnings(decided))


def test_the_first_few_names_are_enough() -> None:
    found = catalogue.warnings(catalogue.loads("\n".join(f"[component.c{n}]\nbeats='1s'" for n in range(12))))
    assert found[0].endswith(": c0, c1, c2, c3, c4 and 7 more")
    assert found[0].startswith("12 of 12 components without an owner")


def test_the_owner_of_the_host_answers_too() -> None:
    text = "[owner.o]\ncontact=['mailto:a@b']\n[component.h]\nkind='host'\nowner='o'\nbeats='1s'\n"
    assert catalogue.warnings(catalogue.loads(text + "[component.a]\nhost='h'\nbeats='1s'")) == []


def test_local_without_anything_has_no_warning() -> None:
    assert catalogue.warnings(catalogue.load(None)) == []
