"""A host's jobs, out of a copy of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gadfly.functions.survey.host import Host


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "etc/crontab": "5 4 * * * root /opt/a.py\n",
        "etc/cron.d/b": "5 5 * * * app /opt/b.sh\n",
        "etc/cron.d/c.dpkg-old": "5 5 * * * app /opt/left-over.sh\n",
        "etc/cron.daily/d": "#!/bin/sh\nrm /tmp/x\n",
        "etc/cron.daily/not-executable": "#!/bin/sh\n",
        "var/spool/cron/crontabs/ann": "@weekly /opt/a.py\n",
        "opt/a.py": "#!/usr/bin/python3\nimport json\n",
        "etc/timezone": "Europe/Berlin\n",
        "usr/lib/systemd/system/e.timer": "[Timer]\nOnCalendar=daily\n",
        "usr/lib/systemd/system/e.service": "[Service]\nExecStart=/opt/e\n",
        "etc/systemd/system/e.service.d/user.conf": "[Service]\nUser=app\n",
        "usr/lib/systemd/system/idle.timer": "[Timer]\nOnCalendar=daily\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "etc/cron.daily/d").chmod(0o755)
    wants = tmp_path / "etc/systemd/system/timers.target.wants"
    wants.mkdir(parents=True)
    (wants / "e.timer").symlink_to("/usr/lib/systemd/system/e.timer")
    return tmp_path


def test_every_kind_of_job_once(root: Path) -> None:
    found, unread = Host(root).jobs()
    assert [(one.name, one.source, one.user, one.schedule) for one in found] == [
        ("a", "/etc/crontab:1", "root", "5 4 * * * Europe/Berlin"),
        ("b", "/etc/cron.d/b:1", "app", "5 5 * * * Europe/Berlin"),
        ("a-2", "/var/spool/cron/crontabs/ann:1", "ann", "0 0 * * 0 Europe/Berlin"),
        ("d", "/etc/cron.daily/d", "root", "25 6 * * * Europe/Berlin"),
        ("e", "/usr/lib/systemd/system/e.timer", "app", "0 0 * * * Europe/Berlin"),
    ]
    assert unread == []


def test_the_script_of_a_command(root: Path) -> None:
    host = Host(root)
    assert host.script("/usr/bin/python3 /opt/a.py --x").startswith("#!/usr/bin/python3")
    assert host.script("/opt/absent.sh") == ""
    assert host.script("echo 'a") == ""


def test_a_machine_without_jobs(tmp_path: Path) -> None:
    assert Host(tmp_path).jobs() == ([], [])
