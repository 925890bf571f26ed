"""`gadfly fn survey`: the jobs of a host with a verdict each, and drafts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gadfly.catalogue import load
from gadfly.cli import main
from gadfly.functions.survey import host


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "host"
    (root / "etc").mkdir(parents=True)
    (root / "opt").mkdir()
    (root / "etc/crontab").write_text(
        "# Takes the day's rates over from the bank.\n"
        "0 3 * * * app gadfly exec take-rates -- /opt/rates.py\n"
        "5 3 * * * app curl https://a.example/x\n"
        "0 4 * * * root systemctl restart nginx\n"
    )
    (root / "opt/rates.py").write_text(
        "#!/usr/bin/python3\nimport urllib.request\nurllib.request.urlopen('https://rates.example.org/day')\n"
    )
    return root


def test_verdicts_and_drafts(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = tmp_path / "out"
    words = ["fn", "survey", "--root", str(root), "--no-node"]
    assert main([*words, "--to", str(to)]) == 0
    out = capsys.readouterr().out
    assert "fit      take-rates  (/etc/crontab:2, 0 3 * * *)" in out
    assert "+ http:GET https://rates.example.org/day" in out
    assert "no       systemctl" in out
    assert out.endswith("3 jobs: 1 fit, 1 to rewrite, 1 not\n")
    assert sorted(one.name for one in to.glob("*.toml")) == ["a-x.toml", "take-rates.toml"]
    (to / "owner.toml").write_text('[owner.platform]\ncontact = ["mailto:a@example.org"]\n')
    assert load(to).function["take-rates"].purpose == "Takes the day's rates over from the bank."
    assert main([*words, "--to", str(to)]) == 2


def test_the_node_says_how_long_jobs_ran(root: Path, node: Any, capsys: pytest.CaptureFixture[str]) -> None:
    node.answers["GET", "components"] = 200, {"components": [{"name": "take-rates"}, {"name": "elsewhere"}]}
    node.answers["GET", "components/take-rates/story"] = 200, {"job": {"schedule": "", "seconds": 412.0}}
    node.answers["GET", "components/elsewhere/story"] = 200, {"job": None}
    assert main(["fn", "survey", "--root", str(root), "--json"]) == 0
    jobs = {one["name"]: one for one in json.loads(capsys.readouterr().out)["jobs"]}
    assert jobs["take-rates"]["fit"] == "no"
    assert any("412 s" in one for one in jobs["take-rates"]["reasons"])
    assert jobs["elsewhere"]["fit"] == "no"


def test_no_node_is_no_error(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fn", "survey", "--root", str(root), "--node", "http://127.0.0.1:9"]) == 0
    assert "no node was asked" in capsys.readouterr().out


def test_a_draft_holds_no_credential_and_is_for_its_owner_alone(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "etc/crontab").write_text(
        '0 1 * * * u curl -sH "Authorization: Bearer SEKRET" https://h.example/b\n'
        '0 1 * * * u curl -u me:SEKRET -d \'{"k": "SEKRET"}\' https://h.example/c\n'
        '0 1 * * * u API_KEY=SEKRET curl "https://h.example/d?token=SEKRET&page=2"\n'
    )
    to = tmp_path / "out"
    assert main(["fn", "survey", "--root", str(root), "--no-node", "--to", str(to)]) == 0
    out = capsys.readouterr().out
    assert "it sends a credential: keep it as the secret h-b" in out
    assert "it sends the header Authorization, which a draft leaves out" in out
    assert "it sends who it is, a body, which" in out
    drafts = [*to.glob("*.toml"), *(to / "functions").iterdir()]
    assert len(drafts) == 6
    for one in drafts:
        assert one.stat().st_mode & 0o777 == 0o600
        assert "SEKRET" not in one.read_text()
    assert "page=2" in (to / "functions/h_d.py").read_text()
    assert "token={secret:h-d}" in (to / "functions/h_d.py").read_text()
    (to / "owner.toml").write_text('[owner.platform]\ncontact = ["mailto:a@example.org"]\n')
    assert "secret:use h-b" in load(to).function["h-b"].grants


def test_jobs_and_lines_beyond_what_is_looked_at_are_named(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(host, "JOBS", 2)
    assert main(["fn", "survey", "--root", str(root), "--no-node"]) == 0
    out = capsys.readouterr().out
    assert "not read: /etc/crontab:4 and all behind it: more than 2 jobs" in out
    assert "2 jobs:" in out
    monkeypatch.setattr(host, "FILE", 60)
    assert main(["fn", "survey", "--root", str(root), "--no-node"]) == 0
    assert "/etc/crontab: only its first 60 bytes" in capsys.readouterr().out
