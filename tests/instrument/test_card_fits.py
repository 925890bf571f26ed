"""Whatever is told fits into one datagram, and the name and outcome stay."""

from __future__ import annotations

import json
import os
import socket

from hypothesis import given
from hypothesis import strategies as st

from gadfly.instrument.card import card, fit
from gadfly.telemetry.frame import PAYLOAD, Frame, Kind, component_id, decode, encode


def test_says_who_it_is_and_leaves_out_what_is_empty() -> None:
    made = card("x", kind="job", owner="payments", labels={"zone": "eu"}, started=12.34567)
    assert made.pop("host")
    assert made == {
        "name": "x",
        "kind": "job",
        "pid": os.getpid(),
        "owner": "payments",
        "labels": {"zone": "eu"},
        "started": 12.346,
    }


def test_the_host_is_the_machine_unless_another_is_named() -> None:
    assert card("x", kind="service", started=1.0)["host"] == socket.gethostname()
    assert card("x", kind="service", host="node7", started=1.0)["host"] == "node7"


def test_what_fits_is_not_touched() -> None:
    assert json.loads(fit({"name": "x", "needs": ["a"]})) == {"name": "x", "needs": ["a"]}


def test_output_loses_its_beginning() -> None:
    fields = {
        "name": "x",
        "owner": "me",
        "job": {"exit": 3, "output": "\n".join(f"line {n}" for n in range(900))},
    }
    told = json.loads(fit(fields))
    assert told["cut"] is True
    assert told["owner"] == "me"
    assert told["job"]["exit"] == 3
    assert told["job"]["output"].endswith("line 899")
    assert PAYLOAD - 10 <= len(fit(fields)) <= PAYLOAD


def test_then_the_least_telling_fields_go() -> None:
    told = json.loads(fit({"name": "x", "owner": "me", "labels": {"a": "x" * 2000}, "reason": "r" * 2000}))
    assert told == {"name": "x", "owner": "me", "cut": True}


@given(
    st.dictionaries(st.sampled_from(["owner", "group", "host", "version"]), st.text(max_size=1500)),
    st.text(max_size=2500),
    st.dictionaries(st.text(max_size=300), st.text(max_size=300), max_size=20),
)
def test_always_a_payload_that_a_receiver_takes(
    fields: dict[str, str], output: str, labels: dict[str, str]
) -> None:
    name = '"' * 200
    payload = fit({**fields, "name": name, "labels": labels, "job": {"exit": 0, "output": output}})
    assert json.loads(payload)["name"] == name
    frame = Frame(Kind.announce, component_id(name), payload=payload)
    assert decode(encode(frame), {}) == frame
