"""Messages of syslog: both RFCs' own examples, and what real senders make of them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.telemetry.syslog import Message, parse

NOW = dt.datetime(2026, 11, 22, 20, 0, tzinfo=dt.UTC).timestamp()


def at(text: str) -> float:
    return dt.datetime.fromisoformat(text).astimezone().timestamp()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed",
            Message(
                4, 2, at("2003-10-11T22:14:15.003Z"), "mymachine.example.com", "su", "'su root' failed",
                {"msgid": "ID47"},
            ),
        ),
        (
            b"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time",
            Message(
                20, 5, at("2003-08-24T05:14:15.000003-07:00"), "192.0.2.1", "myproc", "%% It's time",
                {"pid": "8710"},
            ),
        ),
        (
            b'<165>1 2003-10-11T22:14:15Z h evnt - - [a@1 x="1" y="q\\"l\\]\\\\"][b z=""] text',
            Message(20, 5, at("2003-10-11T22:14:15Z"), "h", "evnt", "text",
                    {"a@1.x": "1", "a@1.y": 'q"l]\\', "b.z": ""}),
        ),
        (b'<13>1 - - - - - [a@1 x="1"]', Message(1, 5, None, "", "", "", {"a@1.x": "1"})),
        (b"<165>1 - - - - - -", Message(20, 5, None, "", "", "", {})),
        (
            b"<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
            Message(4, 2, at("2026-10-11T22:14:15"), "mymachine", "su", "'su root' failed", {}),
        ),
        (
            b"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
            Message(1, 5, at("2026-02-05T17:32:18"), "10.0.0.99", "", "Use the BFG!", {}),
        ),
        (b"Use the BFG!", Message(1, 5, None, "", "", "Use the BFG!", {})),
        (
            b"<13>Nov 22 19:00:00 sshd[123]: no host is named",
            Message(1, 5, at("2026-11-22T19:00:00"), "", "sshd", "no host is named", {"pid": "123"}),
        ),
        (
            b"<30>2026-11-22T10:11:12.123456+01:00 host1 systemd[1]: Started x.",
            Message(3, 6, at("2026-11-22T10:11:12.123456+01:00"), "host1", "systemd", "Started x.",
                    {"pid": "1"}),
        ),
        (
            b"<189>46: *Mar  1 18:46:11.123: %SYS-5-CONFIG_I: Configured",
            Message(23, 5, at("2026-03-01T18:46:11.123"), "", "", "%SYS-5-CONFIG_I: Configured", {}),
        ),
        (
            b"<189>46: router1: *Mar  1 18:46:11.123 UTC: %SYS-5-CONFIG_I: Configured",
            Message(23, 5, at("2026-03-01T18:46:11.123Z"), "router1", "", "%SYS-5-CONFIG_I: Configured", {}),
        ),
        (
            b"<13>Nov 22 2026 19:00:00 fw1 : %ASA-6-302013: Built",
            Message(1, 5, at("2026-11-22T19:00:00"), "fw1", "", ": %ASA-6-302013: Built", {}),
        ),
        (
            b"<78>Nov 22 19:00:01 h CRON[77]: (root) CMD (x)",
            Message(9, 6, at("2026-11-22T19:00:01"), "h", "CRON", "(root) CMD (x)", {"pid": "77"}),
        ),
        (b"<6>kernel: [1.2] usb", Message(0, 6, None, "", "kernel", "[1.2] usb", {})),
        (b"<999>foo bar", Message(1, 5, None, "", "", "foo bar", {})),
        (b"<34>", Message(4, 2, None, "", "", "", {})),
        (b"", Message(1, 5, None, "", "", "", {})),
        (b"<13>a: caf\xe9 latin", Message(1, 5, None, "", "a", "café latin", {})),
        (b"<13>a: caf\xc3\xa9\r\n\0", Message(1, 5, None, "", "a", "café", {})),
        (b"<13>\xef\xbb\xbfb: with a mark", Message(1, 5, None, "", "b", "with a mark", {})),
        # Damaged structured data, or a time that is none: the line is whole, as text.
        (b'<13>1 - h a - - [x="1" text', Message(1, 5, None, "", "", '1 - h a - - [x="1" text', {})),
        (b"<13>1 soon h a - - - text", Message(1, 5, None, "", "", "1 soon h a - - - text", {})),
        (b"<13>Feb 30 10:00:00 h a: b", Message(1, 5, None, "h", "a", "b", {})),
        (b"<13>1 9999-99-99T00:00Z h a - -", Message(1, 5, None, "", "", "1 9999-99-99T00:00Z h a - -", {})),
    ],
)  # fmt: skip
def test_a_message_is_read(data: bytes, expected: Message) -> None:
    assert parse(data, NOW) == expected


@pytest.mark.parametrize(
    ("now", "said", "year"),
    [
        ("2027-01-01T00:00:10", b"<13>Dec 31 23:59:59 h a: b", 2026),
        ("2026-12-31T23:59:50", b"<13>Jan  1 00:00:05 h a: b", 2027),  # its clock is ahead
        ("2026-11-22T12:00:00", b"<13>Nov 25 12:00:00 h a: b", 2025),
        ("2027-06-01T12:00:00", b"<13>Feb 29 12:00:00 h a: b", 2024),
    ],
)
def test_the_year_that_is_not_said_is_the_last_that_fits(now: str, said: bytes, year: int) -> None:
    found = parse(said, at(now)).at
    assert found is not None
    assert dt.datetime.fromtimestamp(found).astimezone().year == year


def test_a_leap_second_is_a_time() -> None:
    assert parse(b"<13>1 2016-12-31T23:59:60Z h a - - - t", NOW).at == at("2016-12-31T23:59:59Z")


@given(
    st.binary(max_size=300),
    st.sampled_from((b"", b"<13>", b"<13>1 ", b"<13>Oct 11 22:14:15 ", b"<1>1 - - - - - [")),
)
def test_whatever_comes_is_a_line(data: bytes, before: bytes) -> None:
    found = parse(before + data, NOW)
    assert 0 <= found.severity <= 7
    assert 0 <= found.facility <= 23
    assert len(found.text) <= len(before + data)
    assert len(found.fields) <= 66


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_the_text_of_rfc_5424_comes_through(text: str) -> None:
    assert parse(b"<13>1 - host unit - - - >%b<" % text.encode(), NOW).text == f">{text}<"
