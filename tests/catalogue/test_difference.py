from __future__ import annotations

import pytest

from gadfly import catalogue
from gadfly.catalogue.difference import ENTRIES, LISTS, SETTINGS
from gadfly.config import Config

OLD = """
[component.a]
probe.http = { url = "http://a", every = "15s" }
[component.b]
labels = { tier = "1" }
[[route]]
wait = "1s"
[receiver.r]
apprise = "slack://one"
"""


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("", "", []),
        ("[receiver.r]", "[[route]]\n[receiver.r]", ["route 2 added"]),
        ('[[route]]\nwait = "1s"', "", ["route 1 removed"]),
        ('wait = "1s"', 'wait = "2s"', ["route 1: wait 1s → 2s"]),
        ('every = "15s"', 'every = "5s"', ["component a: probe.http.every 15s → 5s"]),
        (
            ', every = "15s"',
            ', every = "15s", verify = false',
            ["component a: probe.http.verify true → false"],
        ),
        ("[component.b]", "[component.c]", ["component b removed", "component c added"]),
        ('tier = "1"', 'tier = "2"', ["component b: labels.tier 1 → 2"]),
        (
            'tier = "1"',
            'area = "x"',
            ["component b: labels.tier removed (was 1)", "component b: labels.area = x added"],
        ),
        ("slack://one", "slack://two", ["receiver r: an address changed in a part that is not shown"]),
        ("[component.a]", "[node]\nname = 'n'\n[component.a]", ["node: name nothing → n"]),
        ("[component.b]", "[scrape.s]\ntargets = ['x:1']\n[component.b]", ["scrape s added"]),
        ("[component.b]", "[scraping]\nat_once = 5\n[component.b]", ["scraping: at_once 4096 → 5"]),
        ("[component.b]", "[component.b]\nneeds = ['a']", ["component b: needs nothing → a"]),
        (
            "[component.b]",
            f"[component.b]\nbecause = '{'x' * 70}'",
            [f"component b: because nothing → {'x' * 59}…"],
        ),
    ],
)
def test_a_change_in_words(before: str, after: str, lines: list[str]) -> None:
    old, new = catalogue.loads(OLD), catalogue.loads(OLD.replace(before, after, 1))
    assert catalogue.difference(old, new) == lines


def test_several_probes_are_told_apart_by_name() -> None:
    text = "[component.a]\nprobe.icmp = [{name='x', address='a'}, {name='y', address='%s'}]"
    old, new = catalogue.loads(text % "b"), catalogue.loads(text % "c")
    assert catalogue.difference(old, new) == ["component a: probe.icmp[y].address b → c"]


def test_every_part_that_may_change_is_compared() -> None:
    stays = {"series", "remote"}  # a reload that changes them is refused
    assert {*SETTINGS, *ENTRIES, *LISTS} == set(Config.__struct_fields__) - stays
