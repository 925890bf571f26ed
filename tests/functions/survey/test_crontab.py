"""Crontabs as Debian's cron reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.functions.survey.crontab import parse

SYSTEM = """\
SHELL=/bin/sh
CRON_TZ=Europe/Berlin
# m h dom mon dow user command
17 * * * * root cd / && run-parts --report /etc/cron.hourly

# Tells the status page that we are open.
*/5 6-20 * * mon-fri www\tcurl -fsS https://status.example.org/open?a=1 > /dev/null
@daily app nice -n 10 timeout 60 /usr/bin/python3 /opt/rates.py --day today%input of it
@reboot root /opt/start.sh
0 2 * * * app gadfly exec --to 127.0.0.1:9 nightly -- /opt/backup.sh 100\\%
0 2 * * broken
"""


def test_a_system_crontab() -> None:
    found = list(parse(SYSTEM, "/etc/crontab"))
    assert [(one.name, one.user, one.schedule) for one in found] == [
        ("status-open", "www", "*/5 6-20 * * mon-fri Europe/Berlin"),
        ("rates", "app", "0 0 * * * Europe/Berlin"),
        ("start", "root", ""),
        ("nightly", "app", "0 2 * * * Europe/Berlin"),
    ]
    assert found[0].about == "Tells the status page that we are open."
    assert found[0].source == "/etc/crontab:7"
    assert found[1].command.endswith("--day today")
    assert found[2].when == "@reboot"
    assert found[3].command == "/opt/backup.sh 100%"
    assert found[3].about == ""


def test_a_users_crontab_names_no_user() -> None:
    (found,) = parse("0 3 * * 0 /home/ann/bin/weekly-report.sh -v\n", "x", user="ann")
    assert (found.name, found.user, found.command) == (
        "weekly-report",
        "ann",
        "/home/ann/bin/weekly-report.sh -v",
    )


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("test -x /usr/sbin/anacron || /usr/bin/other-job", "other-job"),
        ("flock -n /tmp/lock /opt/sync_people.py", "sync-people"),
        ("LANG=C exec /opt/a.sh", "a"),
        ("cd /srv/app && ./manage.py clear", "manage"),
        ('unfinished "quote', "unfinished"),
    ],
)
def test_what_tells_what_it_does(command: str, name: str) -> None:
    (found,) = parse(f"0 3 * * * {command}\n", "x", user="ann")
    assert found.name == name


@given(st.text(max_size=300), st.sampled_from(["", "ann"]))
def test_any_text_is_read(text: str, user: str) -> None:
    for one in parse(text, "x", user):
        assert one.name
        assert one.command
