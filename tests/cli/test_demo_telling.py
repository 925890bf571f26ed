from __future__ import annotations

import json

import pytest

from gadfly.cli.demo.catalogue import TEMPLATE, free_ports
from gadfly.cli.demo.events import Event, read
from gadfly.cli.demo.telling import Breakage, attribute, heading, line, note, stamp, summary


def plain(text: str, colour: str) -> str:
    return text


def event(at: float, what: str, component: str = "checkout", words: str = "") -> Event:
    return Event(at, component, what, words)


def test_an_event_belongs_to_the_last_breakage_of_its_component():
    first, other, second = (
        Breakage("checkout", "a", 10.0),
        Breakage("search", "b", 20.0),
        Breakage("checkout", "c", 30.0),
    )
    all_ = [first, other, second]
    assert attribute(event(15, "down"), all_) is first
    assert attribute(event(25, "down"), all_) is first
    assert attribute(event(31, "down"), all_) is second
    assert attribute(event(5, "down"), all_) is None
    assert attribute(event(99, "down", "mailer"), all_) is None


def test_what_an_event_says_about_a_breakage():
    broken = Breakage("checkout", "killed", 10.0)
    for one in (event(10.5, "healthy"), event(11, "down"), event(11.1, "told"), event(12, "gray")):
        note(one, broken)
    assert (broken.known, broken.verdict, broken.told, broken.well) == (11, "down", 11.1, None)
    broken.mended = 13.0
    for one in (event(13.5, "unknown"), event(14, "healthy"), event(15, "healthy"), event(17, "told well")):
        note(one, broken)
    assert broken.well == 14
    assert broken.closed


def test_recoveries_and_deeds_are_told_too():
    assert line(event(14.0, "told well"), 10.0, 80, plain) == "    +4.00 s  told       checkout is well again"
    assert line(event(11.0, "deed", words="started again"), 10.0, 80, plain) == "    +1.00 s  started again"


def test_a_line_fits_the_terminal():
    for what in ("down", "told"):
        long = line(event(11.0, what, words="its port refused the enquiry " * 8), 10.0, 80, plain)
        assert all(len(one) <= 80 for one in long.splitlines())
        assert (long.count("refused") == 8) == (what == "down")
        assert long.endswith("…") == (what == "told")
    assert (
        line(event(10.61, "down", words="refused"), 10.0, 80, plain)
        == "    +0.61 s  down       checkout — refused"
    )


def test_figures_stand_under_each_other():
    assert {len(stamp(seconds)) for seconds in (0, 0.5, 9.99, 10, 99.9)} == {11}
    assert len(heading(1, "A service is killed", "kill -KILL", 80, plain)) == 80


def test_the_summary_fits_and_counts_false_alarms():
    done = Breakage(
        "checkout", "killed", 10.0, known=10.61, verdict="down", told=10.64, mended=12.0, well=13.0
    )
    out = summary([done, Breakage("report", "cron is off", 20.0)], 0, plain)
    assert all(len(text) <= 80 for text in out)
    assert out[1].split() == ["checkout", "killed", "down", "0.61", "s", "0.64", "s", "1.00", "s"]
    assert out[2].split()[-4:] == ["unseen", "–", "–", "–"]
    assert "no false alarm" in out[-1]
    assert "2 false alarms" in summary([done], 2, plain)[-1]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b'{"alerts": 3}', b"\xff"])
def test_a_message_that_is_none_is_told_as_such(body):
    assert [e.what for e in read(body, 1.0)] == ["told"]


def test_a_message_names_its_components():
    alerts = [
        {"status": "firing", "labels": {"component": "a"}, "annotations": {"summary": "a is down"}},
        {"status": "resolved", "labels": {"component": "b"}, "annotations": {}},
    ]
    assert read(json.dumps({"version": "4", "alerts": alerts}).encode(), 7.0) == [
        Event(7.0, "a", "told", "a is down"),
        Event(7.0, "b", "told well", ""),
    ]


def test_the_demo_s_configuration_is_good():
    from gadfly.catalogue import loads
    from gadfly.catalogue.warn import warnings

    names = ("page", "hook", "beats", "checkout", "payments")
    text = TEMPLATE.format(**dict(zip(names, free_ports(5), strict=True)), state="/nowhere")
    assert list(warnings(loads(text))) == []
