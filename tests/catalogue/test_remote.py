"""What must hold of `[remote]`."""

from __future__ import annotations

import pytest

from gadfly import catalogue
from gadfly.errors import ConfigError
from gadfly.web.redact import configuration


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('write = "metrics:8428"', "is not a URL"),
        ('read = "http://user:secret@metrics:8428"', "a password does not belong into an address"),
        ('kind = "influx"', "kind"),
        ('token = "s3cret"', "a secret itself does not belong"),
        ('user = "a"\npassword = "s3cret"', "a secret itself does not belong"),
        ('user = "a"', "belong together"),
        ('user = "a"\npassword = "env:P"\ntoken = "env:T"', "one of them only"),
        ('headers = { Authorization = "Bearer x" }', "a secret itself does not belong"),
        ('headers = { "a b" = "x" }', "is not the name of a header"),
        ("spool_mb = 1", "spool_mb"),
        ("samples = 0", "samples"),
        ('timeout = "0s"', "timeout"),
    ],
)
def test_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        catalogue.loads(f"[remote]\n{text}\n", "gadfly.toml")


def test_what_is_right_and_what_of_it_is_shown() -> None:
    found = catalogue.loads(
        """
        [remote]
        write = "http://metrics:8428/api/v1/write?key=s3cret"
        read = "http://metrics:8428"
        kind = "victoriametrics"
        user = "anna"
        password = "env:PASSWORD"
        headers = { X-Scope-OrgID = "team-s3cret" }
        """,
        "gadfly.toml",
    )
    assert found.remote.kind == "victoriametrics"
    shown = configuration(found)["remote"]
    assert "s3cret" not in str(shown)
    assert (shown["read"], shown["password"], shown["token"]) == ("http://metrics:8428", "…", "")
