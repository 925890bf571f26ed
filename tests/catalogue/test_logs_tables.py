"""Tables of logs that could not work, or for which nobody answers, do not load."""

from __future__ import annotations

import pytest

from gadfly import catalogue
from gadfly.errors import ConfigError

OWNER = '[owner.ops]\ncontact = ["exec:/bin/true"]\n'
GOOD = """
[log_rule.oom]
match = "Out of memory"
alert = true
owner = "ops"
because = "a process was killed, and users saw it"
review = 2027-05-01
"""


def test_good_ones_load() -> None:
    config = catalogue.loads(
        OWNER + GOOD + '[log_rule.seen]\nmatch = "x"\n[logs]\nsyslog_udp = ["127.0.0.1:5514"]\nkeep = "3d"\n'
        '[log_file.app]\npath = ["/var/log/*.log"]\n[log_rule.many]\nmatch = "y"\nmore_than = "5 in 10m"\n'
        'owner = "ops"\nbecause = "so many are too many"\nreview = 2027-05-01\n'
    )
    assert config.logs.keep == 3 * 86_400
    assert set(config.log_rule) == {"oom", "seen", "many"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[log_rule.r]\nmatch = "("', "missing )"),
        ('[log_rule.r]\nmatch = ""', "every line"),
        ('[log_rule.r]\nmatch = "x*"', "every line"),
        (GOOD.replace('owner = "ops"\n', ""), "without an owner"),
        (GOOD.replace('"ops"', '"oops"'), 'there is no owner "oops"'),
        (GOOD.replace("review = 2027-05-01", ""), "looked at again"),
        (GOOD.replace("a process was killed, and users saw it", "x"), "must say why"),
        (GOOD.replace("alert = true", 'more_than = "many"'), "5 in 10m"),
        (GOOD.replace("alert = true", 'more_than = "5 in 10"'), "not a duration"),
        (GOOD.replace("alert = true", 'more_than = "0 in 10m"'), "lines in"),
        (GOOD + 'more_than = "5 in 10m"', "`alert` or `more_than`"),
        (GOOD + 'quiet = "1s"', "out of range"),
        (GOOD + 'severity = "bad"', "severity"),
        ("[log_file.a]\npath = []", "no path"),
        ('[log_file.a]\npath = ["app.log"]', "begins with /"),
        ('[log_file."a\\nb"]\npath = ["/a"]', "printable"),
        ('[logs]\nsyslog_udp = ["5514"]', "host:port"),
        ("[logs]\nrate = 0", "out of range"),
        ('[logs]\njournal_units = ["--all"]', "no name of a unit"),
        ('[logs]\nkeep = "1m"', "out of range"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=None) as raised:
        catalogue.loads(OWNER + text)
    assert words in str(raised.value)
