"""Every entry can be said in one sentence, also one of a version that does not exist yet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.ledger.entry import KINDS, Entry
from gadfly.ledger.sentence import LONGEST, sentence
from gadfly.ledger.wording import principal


def said(kind: str, who: str = "node", about: tuple[str, ...] = (), **body: Any) -> str:
    return sentence(Entry(kind=kind, who=who, about=about, body=body, at=0.0), {"~ab12": "anna@example.org"})


SAID: list[tuple[str, str]] = [
    (
        said("flip", component="shop", before="healthy", after="down", reason="its process ended"),
        "shop went from healthy to down: its process ended.",
    ),
    (
        said("flip", count=12_000, sample=list("abcdefgh"), before="healthy", after="down", reason="lost"),
        "12,000 components (a, b, c, d, e, …) went from healthy to down: lost.",
    ),
    (
        said("alert", event="opened", incident="i3", component="shop", verdict="down", reason="no beat"),
        "An alert opened in incident i3: shop is down, no beat.",
    ),
    (
        said("alert", event="opened", incident="i3", count=2, sample=["a", "b"], verdicts={"down": 2}),
        "An alert opened in incident i3: 2 components (a, b) are not well: down 2.",
    ),
    (
        said("alert", event="ended", incident="i3", component="shop"),
        "The alert of shop ended in incident i3.",
    ),
    (said("alert", event="closed", incident="i3", alerts=1), "Incident i3 is over; it had 1 alert."),
    (said("alert", event="closed", incident="i3", alerts=4), "Incident i3 is over; it had 4 alerts."),
    (
        said("alert", event="merged", incident="i3", into="i2"),
        "Incident i3 turned out to be the beginning of i2.",
    ),
    (
        said("notification", event="sent", what="firing", to="mailto:~ab12", incident="i3", alerts=2),
        "Told mailto:anna@example.org, about incident i3: that it fires (2 alerts).",
    ),
    (
        said(
            "notification", event="dead", what="resolved", to="receiver:x", incident="i3", tries=5, error="no"
        ),
        "Could not tell receiver:x, about incident i3: that it is over; given up after 5 attempts: no.",
    ),
    (
        said("notification", event="sent", what="notice", to="exec:x", subject="May x act on w1?", alerts=0),
        "Told exec:x: “May x act on w1?”.",
    ),
    (
        said("notification", event="dead", what="notice", to="exec:x", incident="i0", tries=1, error="no"),
        "Could not tell exec:x: a notice; given up after 1 attempt: no.",
    ),
    (
        said("notification", "person:boss", event="retried", what="notice", to="exec:x", subject="s"),
        "Person boss had a message that was given up tried again, to exec:x: “s”.",
    ),
    (
        said("acknowledgement", "program:deploy", incident="i3", note="on it", alerts=2),
        "Program deploy took incident i3 on (2 alerts): “on it”.",
    ),
    (
        said(
            "silence",
            "program:deploy",
            event="added",
            match={"host": "db1"},
            ends="E",
            reason="move",
            silence="4",
        ),
        "Program deploy silenced host=db1 until E: move (silence 4).",
    ),
    (
        said("silence", "program:deploy", event="ended", match={"host": "db1"}, silence="4"),
        "Program deploy ended silence 4 of host=db1.",
    ),
    (
        said("configuration", "program:deploy", changes=1, lines=["component web added"]),
        "Program deploy had the configuration read again, with 1 change: component web added.",
    ),
    (
        said("configuration", changes=0, lines=[]),
        "The node had the configuration read again; nothing had changed.",
    ),
    (
        said("token", "person:boss", ("token:deploy",), event="made", scopes=["ack"], expires="never"),
        "Person boss made the token deploy, which may ack, until never.",
    ),
    (said("token", "person:boss", ("token:deploy",), event="ended"), "Person boss ended the token deploy."),
    (
        said("token", "person:boss", ("component:web",), event="used", did="forget"),
        "Person boss had web forgotten.",
    ),
    (
        said("node", about=("node:north",), event="started", version="1", before="started"),
        "The node north started, gadfly 1; it had not been stopped: it crashed or was killed.",
    ),
    (said("node", about=("node:north",), event="stopped"), "The node north stopped."),
    (
        said(
            "decision",
            allowed=False,
            action="systemd:restart",
            count=1,
            targets=["w1"],
            refusals=[["grant", "no grant covers it"]],
        ),
        "The gate refused systemd:restart on 1 (w1): no grant covers it.",
    ),
    (
        said(
            "intent",
            "automation:restart",
            ("intent:7",),
            action="systemd:restart",
            count=1,
            targets=["w1"],
            trigger="stalled",
            expect="alive within 30 s",
            approved=["person:~ab12"],
        ),
        "Automation restart is about to do systemd:restart on 1 (w1), because stalled; expected: alive "
        "within 30 s, approved by person anna@example.org (intent 7).",
    ),
    (
        said("outcome", about=("intent:7",), state="verified", reason="it beats"),
        "The node found intent 7 verified: it beats.",
    ),
    (
        said("stop", "person:boss", ("stop:1",), what="stopped", scope="everything", because="enough"),
        "Person boss stopped every automation: enough.",
    ),
    (
        said("stop", "person:boss", ("stop:1",), what="lifted", scope="owner", name="ops", because="fine"),
        "Person boss let go on owner ops: fine.",
    ),
    (
        said(
            "approval",
            "person:boss",
            ("automation:x", "owner:ops", "component:w1"),
            what="approved",
            request=7,
            asked_by="person:anna",
            until="noon",
            note="go",
        ),
        "Person boss approved x on w1 (plan 7), asked for by person anna, until noon: go.",
    ),
    (
        said("approval", "person:boss", ("owner:ops",), what="consented", action="restart"),
        "Person boss consented to restart, for owner ops.",
    ),
    (
        said("approval", "person:boss", ("owner:ops",), what="withdrew", action="restart", because="over"),
        "Person boss withdrew the consent to restart, for owner ops: over.",
    ),
    (
        said(
            "approval",
            "node",
            ("automation:x", "component:w1"),
            what="lapsed",
            request=7,
            asked_by="automation:x",
            note="nobody answered in time",
        ),
        "What waited lapsed: x on w1 (plan 7): nobody answered in time.",
    ),
    (
        said("breakglass", "person:boss", what="taken", because="fire", ends="noon"),
        "Person boss broke the glass, until noon: fire.",
    ),
    (
        said("breakglass", "person:boss", what="acted", action="restart", because="fire"),
        "Person boss acted under the broken glass: restart: fire.",
    ),
    (
        said("freeze", "person:boss", what="ordered", on="group = 'a'", until="noon", because="sale"),
        "Person boss: freeze ordered on group = 'a', everything, until noon: sale.",
    ),
    (
        said("unexplained", count=2, effects=[{"what": "a was restarted"}, {"what": "b was stopped"}]),
        "2 effects that no intent explains: a was restarted, b was stopped.",
    ),
    (
        said("notification", "automation:x", ("owner:ops",), what="announced", action="delete", due="noon"),
        "Automation x announced to owner ops: delete is due noon.",
    ),
    (
        said("node", "person:boss", what="clock", before="B", after="A", because="ntp"),
        "Person boss said that the clock had been wrong, from B to A: ntp.",
    ),
    (
        said("autonomy", about=("automation:x",), what="lowered", to="suggest", because="it failed"),
        "The node: level lowered to suggest, automation x: it failed.",
    ),
    (said("proof", denied=["a", "b"], failed={}), "Guards were tried, and all 2 denied what they must."),
    (
        said("proof", denied=["a"], failed={"b": "lets it through"}),
        "Guards were tried; 1 denied what they must, and these failed: b lets it through.",
    ),
    (
        said("unexplained", about=("component:w1",), words="it was restarted."),
        "Something that no intent explains, component w1: it was restarted.",
    ),
    (
        said("question", "node", ("owner:ops",), text="Why?"),
        "The node: question about owner:ops (text: Why?).",
    ),
]


@pytest.mark.parametrize(("words", "expected"), SAID)
def test_an_entry_is_a_sentence(words: str, expected: str) -> None:
    assert words == expected


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("node", "The node"),
        ("program:deploy", "Program deploy"),
        ("token:deploy", "deploy"),
        ("person:~ab12", "Person anna@example.org"),
        ("person:~ffff0000ffff", "somebody (~ffff0000)"),
        ("automation:x", "Automation x"),
        ("nobody", "Nobody"),
    ],
)
def test_a_principal_as_people_say_it(who: str, words: str) -> None:
    assert principal(who, {"~ab12": "anna@example.org"}) == words


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_keys = st.sampled_from(
    [
        "event",
        "what",
        "component",
        "count",
        "sample",
        "match",
        "reason",
        "refusals",
        "lines",
        "changes",
        "denied",
    ]
) | st.text(max_size=8)


@given(
    st.sampled_from(sorted(KINDS)),
    st.text(max_size=20),
    st.lists(st.text(max_size=20), max_size=4),
    st.dictionaries(_keys, _values, max_size=6),
)
def test_whatever_stands_in_it(kind: str, who: str, about: list[str], body: dict[str, Any]) -> None:
    words = sentence(Entry(kind=kind, who=who, about=tuple(about), body=body, at=0.0))
    assert words
    assert len(words) <= LONGEST


def test_nothing_is_left_out_of_what_is_not_understood() -> None:
    assert said("alert", event="postponed", till="noon") == "The node: alert (event: postponed; till: noon)."
