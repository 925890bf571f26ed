"""What must hold of pings, statsd and collectd; and that an id of a ping is never shown."""

from __future__ import annotations

import pytest

from gadfly import catalogue
from gadfly.catalogue import as_toml
from gadfly.errors import ConfigError
from gadfly.web import redact

ID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
JOB = f'[component.a]\nkind = "job"\nping = "{ID}"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[component.a]\nkind = "job"\nping = "short"', "an id is a UUID"),
        (f'[component.a]\nping = "{ID}"', "only a job has this"),
        (f'{JOB}[component.b]\nkind = "job"\nping = "{ID}"', '"a" has the same'),
        ('[ping]\nkeys = ["fqOOd6-F4MMNuCEnzTU01w"]', "does not belong into this file"),
        ("[ping]\nrate = 0", "ping.rate"),
        ("[ping]\ncreate = -1", "ping.create"),
        ('[statsd]\nlisten = ["8125"]', "is not an address"),
        ('[statsd]\nlisten = ["host.example:8125"]', "is no address"),
        ('[statsd]\nflush = "10ms"', "statsd.flush"),
        ('[collectd]\nlisten = ["0.0.0.0"]', "is not an address"),
        ('[collectd]\ninterfaces = ["a b"]', "interface"),
        ('[collectd.users]\nalice = ["secret"]', "a secret itself"),
        ('[collectd]\nlisten = ["0.0.0.0:25826"]\nsecurity = "sign"', "nobody could prove"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        catalogue.loads(text, "gadfly.toml")


def test_what_is_right_is_taken() -> None:
    found = catalogue.loads(
        f"""
        {JOB}
        [ping]
        keys = ["env:PING_KEY"]
        [statsd]
        listen = ["127.0.0.1:8125", "[::1]:8125"]
        [collectd]
        listen = ["239.192.74.66:25826", "[ff18::efc0:4a42]:25826"]
        security = "encrypt"
        users = {{ alice = ["env:NEW", "file:/old"] }}
        """,
        "gadfly.toml",
    )
    assert found.collectd.users["alice"] == ("env:NEW", "file:/old")
    assert ID not in as_toml(found)
    assert ID not in str(redact.configuration(found))
