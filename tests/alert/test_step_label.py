"""What names a step of an escalation to people holds no secret."""

from __future__ import annotations

from gadfly.alert.escalate import chain
from gadfly.config.owner import Owner


def test_a_step_is_labelled_so() -> None:
    owners = {"ops": Owner(contact=("https://u:s3cret@chat.example.org:8443/s3cret",))}
    assert [step.label for step in chain(owners, "ops")] == ["https://chat.example.org:8443/…"]
