"""What a job needs, whether it is fit to become a function, and the draft of one."""

from __future__ import annotations

import ast
import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.catalogue import load
from gadfly.functions.function import understand
from gadfly.functions.survey.draft import draft
from gadfly.functions.survey.job import Job
from gadfly.functions.survey.needs import Needs, read
from gadfly.functions.survey.verdict import judge

JOB = Job(
    name="rates", source="/etc/crontab:3", schedule="0 3 * * * UTC", when="0 3 * * *", user="app", command="x"
)
PYTHON = """#!/usr/bin/env python3
import json, urllib.request
with urllib.request.urlopen("https://rates.example.org/daily?a=b") as answer:
    print(json.load(answer))
"""


@pytest.mark.parametrize(
    ("command", "script", "needs"),
    [
        ("curl -fsS https://a.example/x >/dev/null 2>&1", "", {"calls": [("GET", "https://a.example/x")]}),
        (
            "curl -X PUT -d a=b 'https://a.example/x'",
            "",
            {"calls": [("PUT", "https://a.example/x")], "sends": ["a body"]},
        ),
        (
            "curl --json '{}' https://a.example/x | jq .a",
            "",
            {"calls": [("POST", "https://a.example/x")], "sends": ["a body"]},
        ),
        ("wget -q --spider https://a.example/x", "", {"calls": [("HEAD", "https://a.example/x")]}),
        (
            "curl -T /var/a https://a.example/x",
            "",
            {"calls": [("PUT", "https://a.example/x")], "files": ["sends /var/a"]},
        ),
        (
            "curl -o /var/a https://a.example/x",
            "",
            {"calls": [("GET", "https://a.example/x")], "files": ["> /var/a"]},
        ),
        ("systemctl restart nginx; echo done", "", {"privileged": ["systemctl"]}),
        ("if true; then /usr/sbin/ntpdate x; fi", "", {"privileged": ["ntpdate"]}),
        ("echo $(pg_dump a | gzip) > /var/b", "", {"network": ["pg_dump"], "files": ["gzip", "> /var/b"]}),
        ("rsync -a /a b:/c && /opt/own-tool --x", "", {"network": ["rsync"], "programs": ["own-tool"]}),
        ("echo 'rm -rf /' > /dev/null", "", {}),
        (
            "/opt/a.sh",
            "#!/bin/sh\nsay() {\n  echo hi\n}\ncase $1 in\n  rm) say ;;\nesac\ncat <<END\nmount "
            "x\nEND\nsay\n",
            {},
        ),
        (
            "/opt/a.py",
            PYTHON,
            {"language": "python", "calls": [("GET", "https://rates.example.org/daily?a=b")]},
        ),
        (
            "python3 /opt/a.py",
            "import subprocess, smtplib, pandas\nopen('/var/a', 'w')\nimport os\nos.system('x')\n",
            {
                "language": "python",
                "programs": ["subprocess", "os.system"],
                "network": ["smtplib"],
                "modules": ["pandas"],
                "files": ["> /var/a"],
            },
        ),
        (
            "/opt/a.py",
            "#!/usr/bin/python3\nimport requests\nrequests.post('https://a.example/x', "
            "json=open('/a').read())\n",
            {"language": "python", "calls": [("POST", "https://a.example/x")], "sends": ["json"]},
        ),
        (
            "/opt/a.py",
            "#!/usr/bin/python2\nprint 'x'\n",
            {"language": "python", "programs": ["python that this version cannot read"]},
        ),
        ("/opt/a.pl", "#!/usr/bin/perl\nuse x;\n", {"language": "perl", "programs": ["perl"]}),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_it_needs(command: str, script: str, needs: dict[str, Any]) -> None:
    assert read(command, script) == Needs(**needs)


@pytest.mark.parametrize(
    ("job", "needs", "fit", "reason"),
    [
        ({}, {"language": "python", "calls": [("GET", "https://a.example/x?b=c")]}, "fit", "only computes"),
        ({"seconds": 4.0}, {"language": "python"}, "fit", "it ran 4 s"),
        ({}, {}, "rewrite", "written in shell"),
        ({"user": "root"}, {"language": "python"}, "fit", "as root"),
        ({}, {"language": "python", "modules": ["pandas"]}, "rewrite", "pandas"),
        ({"schedule": "", "when": "daily, weekly"}, {"language": "python"}, "rewrite", "daily, weekly"),
        ({}, {"language": "python", "calls": [("GET", "https://a.example/$DAY")]}, "rewrite", "by hand"),
        ({"seconds": 400.0}, {"language": "python"}, "no", "400 s"),
        ({"when": "@reboot", "schedule": ""}, {"language": "python"}, "no", "machine starts"),
        ({"command": ""}, {}, "no", "not written"),
        ({"schedule": "61 * * * *"}, {"language": "python"}, "no", "schedule is none"),
        ({}, {"privileged": ["mount"]}, "no", "rights over the machine: mount"),
        ({}, {"files": ["> /var/a"]}, "no", "files of this machine"),
        ({}, {"network": ["ssh"]}, "no", "something else than HTTP: ssh"),
        ({}, {"programs": [f"p{n}" for n in range(9)]}, "no", "and 3 more"),
        ({}, {"language": "python", "calls": [("GET", "http://a.example/x")]}, "no", "begins with https"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_the_verdict(job: dict[str, Any], needs: dict[str, Any], fit: str, reason: str) -> None:
    found = judge(msgspec.structs.replace(JOB, **job), Needs(**needs))
    assert found.fit == fit
    assert any(reason in one for one in found.reasons)


@pytest.mark.parametrize("about", ["", 'Says "hello" to \u202ethe\x07 rates page \\ twice.'])
def test_a_draft_loads_and_its_code_is_python(about: str, tmp_path: Path) -> None:
    needs = Needs(calls=[("POST", "https://a.example/x?b=c"), ("GET", "https://a.example/$DAY")])
    job = msgspec.structs.replace(JOB, about=about, seconds=50.0, command="curl\nhttps://a.example/x")
    made = draft(job, needs, judge(job, needs), "platform", dt.date(2026, 5, 1))
    (tmp_path / "gadfly.toml").write_text(
        f'[owner.platform]\ncontact = ["mailto:a@example.org"]\n{made.table}'
    )
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions/rates.py").write_text(made.code)
    function = understand("rates", load(tmp_path / "gadfly.toml").function["rates"])
    assert [str(one) for one in function.grants] == ["http:POST https://a.example/x"]
    assert function.on == ("schedule: 0 3 * * * UTC",)
    assert function.limits.seconds == 150.0
    assert function.review == dt.date(2026, 10, 30)
    assert 'gadfly_fn.http("POST", "https://a.example/x?b=c")' in made.code
    ast.parse(made.code)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_command_and_script_is_read(command: str, script: str) -> None:
    job = msgspec.structs.replace(JOB, command=command)
    needs = read(command, script)
    made = draft(job, needs, judge(job, needs), "o", dt.date(2026, 5, 1))
    tomllib.loads(made.table)
    ast.parse(made.code)
