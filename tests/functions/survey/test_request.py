"""Commands are shown without what they send."""

from __future__ import annotations

import shlex

import pytest

from gadfly.functions.survey.request import request, struck


@pytest.mark.parametrize(
    ("command", "sends", "credential"),
    [
        ('curl -H "Authorization: Bearer SEKRET" https://h.example/b', ("the header Authorization",), True),
        ('curl -sSH"X-Key: SEKRET x" https://h.example/', ("the header X-Key",), True),
        ('curl -H "Accept: text/plain" https://h.example/', ("the header Accept",), False),
        ("curl -u me:SEKRET https://h.example/b", ("who it is",), True),
        ('curl "https://h.example/a?token=SEKRET&page=2"', ("a credential in the address",), True),
        ('curl -d \'{"a": "SEKRET"}\' https://h.example/', ("a body",), False),
        (
            'wget --header="Cookie: SEKRET" --post-data "SEKRET" http://h.example/ -O -',
            ("the header Cookie", "a body"),
            True,
        ),
        ("curl https://h.example/", (), False),
    ],
    ids=["bearer", "joined", "plain", "user", "parameter", "body", "wget", "nothing"],
)
def test_what_a_request_sends(command: str, sends: tuple[str, ...], credential: bool) -> None:
    found = request(shlex.split(command))
    assert (found.sends, found.credential) == (sends, credential)
    assert "SEKRET" not in struck(command)


@pytest.mark.parametrize(
    "command",
    [
        "curl https://u:SEKRET@h/x",
        "API_KEY=SEKRET /opt/x --password=SEKRET --token SEKRET",
        "x TOKEN='SEKRET a'",
    ],
)
def test_what_is_struck(command: str) -> None:
    assert "SEKRET" not in struck(command)
