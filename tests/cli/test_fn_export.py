"""`gadfly fn export aws`: a folder to deploy, and its exit codes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from gadfly.cli import main

SOON = (dt.datetime.now(dt.UTC) + dt.timedelta(days=90)).date().isoformat()
CONFIG = """\
[owner.platform]
contact = ["mailto:platform@example.org"]
[function.tidy]
file = "tidy.py"
owner = "platform"
purpose = "Deletes exports that nobody fetched for a month."
on = "schedule: 15 3 * * * Europe/Berlin"
grants = [{grants}]
review = {review}
"""


def export(place: Path, grants: str, name: str = "tidy") -> int:
    (place / "tidy.py").write_text("def handler(event, context):\n    return 1\n")
    (place / "gadfly.toml").write_text(CONFIG.replace("{grants}", grants).replace("{review}", SOON))
    return main(
        ["fn", "export", "aws", name, "--to", str(place / "out"), "--config", str(place / "gadfly.toml")]
    )


def test_a_template_and_the_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(tmp_path, '"secret:use files", "http:DELETE https://files.example.org/exports/*"') == 0
    told = capsys.readouterr()
    assert "template.yaml and 2 files" in told.out
    assert "otherwise than here: overlap = skip" in told.err
    template = yaml.safe_load((tmp_path / "out/template.yaml").read_text())
    assert template["Resources"]["Function"]["Properties"]["Handler"] == "tidy.handler"
    assert sorted(one.name for one in (tmp_path / "out/code").iterdir()) == ["gadfly_fn.py", "tidy.py"]
    assert (tmp_path / "out/code/tidy.py").read_text() == (tmp_path / "tidy.py").read_text()
    assert export(tmp_path, "") == 2
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("grants", "name", "code", "words"),
    [
        ('"alert:silence group=web"', "tidy", 3, "goes through the gate of the node"),
        ("", "other", 2, "declares no function 'other'"),
    ],
    ids=["no counterpart", "no such function"],
)
def test_what_cannot_go(
    tmp_path: Path, grants: str, name: str, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(tmp_path, grants, name) == code
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
