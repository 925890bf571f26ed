from __future__ import annotations

import json
import tomllib

import pytest

GOOD = """
[owner.ops]
contact = ["mailto:ops@example.org"]
[component.db]
owner = "ops"
probe.tcp = { address = "db.example.org:5432", every = "10s" }
"""
BAD = '[component.db]\nbeats = "15x"\ncolour = "red"\n'


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GADFLY_CONFIG", raising=False)


def test_a_good_one(gadfly, tmp_path):
    (tmp_path / "gadfly.toml").write_text(GOOD)
    code, out, _ = gadfly("config", "check")
    assert (code, out) == (0, "gadfly.toml: good; 1 components, 1 owners\n")


def test_jobs_are_counted_wherever_they_stand(gadfly, tmp_path):
    (tmp_path / "p.yml").write_text("scrape_configs: [{job_name: a}, {job_name: b}]")
    (tmp_path / "gadfly.toml").write_text(
        f"[scraping]\nfiles = ['{tmp_path}/p.yml']\n[scrape.c]\ntargets = ['x:1']\n"
    )
    code, out, _ = gadfly("config", "check")
    assert (code, out) == (0, "gadfly.toml: good; 0 components, 0 owners, 3 jobs\n")


def test_every_problem_of_a_bad_one_has_its_line(gadfly, tmp_path):
    (tmp_path / "x.toml").write_text(BAD)
    code, out, err = gadfly("config", "check", str(tmp_path / "x.toml"))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 2
    assert "x.toml:2: " in err
    assert "x.toml:3: " in err


def test_a_bad_one_as_json(gadfly, tmp_path):
    (tmp_path / "x.toml").write_text(BAD)
    code, out, _ = gadfly("config", "check", "--json", str(tmp_path / "x.toml"))
    found = json.loads(out)
    assert (code, found["ok"], len(found["problems"])) == (2, False, 2)


def test_warnings_count_only_when_asked_to(gadfly, tmp_path):
    (tmp_path / "x.toml").write_text("[component.db]\nbeats = '1s'\n")
    code, _, err = gadfly("config", "check", str(tmp_path / "x.toml"))
    assert code == 0
    assert "warning: " in err
    assert gadfly("config", "check", "--strict", str(tmp_path / "x.toml"))[0] == 1


def test_the_environment_may_name_it(gadfly, tmp_path, monkeypatch):
    (tmp_path / "other.toml").write_text(BAD)
    monkeypatch.setenv("GADFLY_CONFIG", str(tmp_path / "other.toml"))
    assert gadfly("config", "check")[0] == 2


def test_show_is_a_configuration_again(gadfly, tmp_path):
    (tmp_path / "gadfly.toml").write_text(GOOD)
    shown = tomllib.loads(gadfly("config", "show")[1])
    assert shown["component"]["db"]["probe"]["tcp"]["every"] == "10s"
    (tmp_path / "again.toml").write_text(gadfly("config", "show")[1])
    assert gadfly("config", "show", "again.toml")[1] == gadfly("config", "show")[1]


def test_show_as_json_has_every_default(gadfly, tmp_path):
    (tmp_path / "gadfly.toml").write_text(GOOD)
    assert json.loads(gadfly("config", "show", "--json")[1])["alerting"]["settle"] == "3s"


def test_the_running_node_s_configuration(node, gadfly):
    node.gives("config", {"node": {"name": "north"}})
    assert json.loads(gadfly("config", "show", "--running")[1]) == {"node": {"name": "north"}}
