"""The configuration as it may be shown."""

from __future__ import annotations

import msgspec

from gadfly.config import Config, Mail
from gadfly.web import redact


def test_the_whole_configuration_is_plain_and_without_secrets() -> None:
    config = Config(mail=Mail(password="file:/run/s3cret"))
    tree = redact.configuration(config)
    assert b"s3cret" not in msgspec.json.encode(tree)
    assert tree["alerting"]["settle"] == 3.0
