"""Owners: who stands in, until when, and what they can bear."""

from __future__ import annotations

import pytest

from gadfly import catalogue
from gadfly.errors import ConfigError

OWNERS = "[owner.a]\ncontact=['mailto:a@b']\n[owner.b]\ncontact=['mailto:b@b']\n[owner.c]\nowner='a'\n"
LEAVE = "to='b', until=2026-12-31T00:00:00Z, because='leave'"


def test_a_delegate_and_a_budget_are_read() -> None:
    config = catalogue.loads(
        OWNERS.replace("[owner.b]", f"delegate={{{LEAVE}}}\nload={{pages='3 a week'}}\n[owner.b]")
    )
    assert [one.to for one in config.owner["a"].delegate] == ["b"]
    assert (config.owner["a"].load.pages, config.owner["a"].load.night) == ("3 a week", "2 a week")
    assert catalogue.loads(catalogue.as_toml(config)) == config


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (f"delegate={{{LEAVE.replace('b', 'x', 1)}}}", 'there is no owner "x"'),
        (f"delegate={{{LEAVE.replace('b', 'a', 1)}}}", "an owner does not stand in for itself"),
        (
            f"delegate={{{LEAVE.replace('b', 'c', 1)}}}",
            '"c" has no contact, so it cannot stand in for anybody',
        ),
        (f"delegate={{{LEAVE.replace('leave', ' ')}}}", "will want to know why"),
        (f"delegate={{since=2027-01-01T00:00:00Z, {LEAVE}}}", "it ends before it starts"),
        ("delegate={to='b', because='leave'}", "`until` is missing"),
        ("load={pages='many'}", '"many" is not a rate'),
        ("load={components=-1}", "-1 is out of range"),
    ],
)
def test_what_cannot_be_is_named(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=r"owner\.a\.(delegate|load)") as caught:
        catalogue.loads(OWNERS.replace("[owner.b]", f"{setting}\n[owner.b]"))
    assert message in str(caught.value)
