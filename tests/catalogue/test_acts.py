"""What actions may reach, and how long their outcome may be waited for, is checked at load."""

from __future__ import annotations

import pytest

from gadfly.catalogue import loads
from gadfly.errors import ConfigError

AUTOMATION = """
[owner.ops]
contact = ["mailto:ops@example.org"]

[automation.restart]
owner = "ops"
purpose = "What hangs is started again."
on = 'component.stalled for 1m, group = "workers"'
run = "systemd:restart worker@{component}"
limits = { at_once = 1, per_hour = 6, tries_per_target = 2 }
expect = "component alive within EXPECT"
undo = "irreversible"
level = "approve"
expires = 2027-03-31
review = 2027-01-15
"""


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ('hosts = ["http://deploy.example.org"]', "is not a host"),
        ('takes = "2h"', "out of range"),
    ],
)
def test_what_actions_may_reach(gate: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        loads(f"[gate]\n{gate}\n")
    assert loads('[gate]\nhosts = ["deploy.example.org:8443", "10.2.0.0/16"]\n').gate.hosts


def test_an_outcome_is_measured_while_the_act_lasts() -> None:
    assert loads(AUTOMATION.replace("EXPECT", "10m"))
    with pytest.raises(ConfigError, match=r"wait less, or raise gate\.authority"):
        loads(AUTOMATION.replace("EXPECT", "15m"))
    assert loads(AUTOMATION.replace("EXPECT", "15m") + '\n[gate]\nauthority = "1h"\n')
