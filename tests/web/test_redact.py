"""Addresses as they may be shown."""

from __future__ import annotations

import msgspec
import pytest

from gadfly.config import Config, Mail
from gadfly.web import redact


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("mailto:ops@example.org", "mailto:ops@example.org"),
        ("receiver:chat", "receiver:chat"),
        ("chat", "chat"),
        ("https://hooks.example.org/T0/s3cret?x=s3cret#s3cret", "https://hooks.example.org/…"),
        ("https://user:s3cret@hooks.example.org:8443/", "https://hooks.example.org:8443"),
        ("http://[::1]:9/s3cret", "http://[::1]:9/…"),
        ("https://[bad/s3cret", "…"),
        ("https:s3cret", "…"),
        ("https://host:99999999/s3cret", "…"),
        ("exec:/usr/bin/page --key s3cret", "exec:/usr/bin/page"),
        ("exec:", "exec:"),
        ("slack://s3cret/s3cret", "slack:…"),
        ("", ""),
    ],
)
def test_contact(given: str, shown: str) -> None:
    assert redact.contact(given) == shown


def test_the_whole_configuration_is_plain_and_without_secrets() -> None:
    config = Config(mail=Mail(password="file:/run/s3cret"))
    tree = redact.configuration(config)
    assert b"s3cret" not in msgspec.json.encode(tree)
    assert tree["alerting"]["settle"] == 3.0
