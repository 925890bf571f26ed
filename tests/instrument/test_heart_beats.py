"""A heart on loopback: what it sends, answers and says at the end."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from gadfly import Heart
from gadfly.telemetry.frame import Frame, Kind, card, component_id, encode, key_id

IDENTITY = component_id("checkout")


def enquire(receiver: Any, secret: bytes | None = None, nonce: int = 42) -> None:
    receiver.socket.sendto(encode(Frame(Kind.enquiry, IDENTITY, sequence=nonce), secret), receiver.sender)


def test_announce_beats_and_goodbye(receiver: Any) -> None:
    with Heart("checkout", 0.02, owner="payments", needs=["db"], labels={"a": "b"}, to=receiver.to) as heart:
        frames = [receiver.next() for _ in range(4)]
        assert heart.running
        assert heart.trouble == ""
        assert heart.incarnation == frames[0].incarnation
    frames += receiver.rest()
    assert [frame.kind for frame in frames[:4]] == [Kind.announce, Kind.beat, Kind.beat, Kind.beat]
    told = card(frames[0])
    assert (told["name"], told["owner"], told["needs"], told["labels"]) == (
        "checkout",
        "payments",
        ["db"],
        {"a": "b"},
    )
    goodbyes = [frame for frame in frames if frame.kind is Kind.goodbye]
    assert len(goodbyes) == 3
    assert len(set(goodbyes)) == 1, "copies against loss"
    assert frames[-1].kind is Kind.goodbye
    assert not heart.running
    assert heart.trouble == "not beating"


def test_keeps_its_pace(receiver: Any) -> None:
    with Heart("checkout", 0.05, to=receiver.to) as heart:
        first = receiver.next()
        last = receiver.until(lambda frame: frame.sequence == 21)
        assert heart.beats >= 20  # the last is counted when it is on its way
    took = (last.sent - first.sent) / 1e9
    assert abs(took - 20 * 0.05) < 0.75, "a busy machine delays, but it does not add up"


def test_a_new_incarnation_at_every_start(receiver: Any) -> None:
    heart = Heart("checkout", to=receiver.to)
    seen = []
    for _ in range(2):
        heart.start()
        heart.start()
        frame = receiver.until_kind(Kind.announce)
        seen.append((frame.incarnation, frame.sequence))
        heart.stop()
        heart.stop()
    assert seen[0][0] < seen[1][0]
    assert [sequence for _, sequence in seen] == [1, 1]


def test_ipv6(receiver6: Any) -> None:
    with Heart("checkout", to=receiver6.to):
        assert receiver6.next().kind is Kind.announce


def test_by_name(receiver: Any) -> None:
    port = receiver.socket.getsockname()[1]
    with Heart("checkout", 5.0, to=f"localhost:{port}") as heart:
        if heart.trouble or not _arrives(receiver):  # a machine where localhost is ::1 first
            pytest.skip("localhost is not 127.0.0.1 here")


def _arrives(receiver: Any) -> bool:
    try:
        return receiver.next(2.0).kind is Kind.announce
    except TimeoutError:
        return False


def test_enquiry_is_answered_from_the_beating_socket(receiver: Any) -> None:
    with Heart("checkout", 5.0, to=receiver.to):
        receiver.next()
        sender = receiver.sender
        enquire(receiver)
        reply = receiver.until_kind(Kind.reply)
        assert receiver.sender == sender
        assert card(reply)["nonce"] == 42


def test_with_a_key_only_signed_enquiries_are_answered(
    receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GADFLY_KEY", "secret")
    receiver.keys = {key_id(b"secret"): b"secret"}
    with Heart("checkout", 5.0, to=receiver.to):
        receiver.next()
        enquire(receiver, nonce=1)
        enquire(receiver, b"wrong", nonce=2)
        enquire(receiver, b"secret", nonce=3)
        assert card(receiver.until_kind(Kind.reply))["nonce"] == 3


def test_replies_are_limited(receiver: Any) -> None:
    with Heart("checkout", 30.0, to=receiver.to):
        receiver.next()
        for nonce in range(200):
            enquire(receiver, nonce=nonce)
        asked = time.monotonic()
        receiver.until(lambda frame: frame.sequence == 21)
        time.sleep(0.2)
        assert len(receiver.rest()) <= 25 * (time.monotonic() - asked) + 1


def test_status_and_reason_are_told_at_once(receiver: Any) -> None:
    with Heart("checkout", 30.0, to=receiver.to) as heart:
        assert receiver.next().status == 0
        heart.status = "warn"
        assert receiver.next().status == 1
        heart.reason = "the queue is long"
        frame = receiver.next()
        assert (frame.status, card(frame)["reason"]) == (1, "the queue is long")
        heart.say("pass")
        assert receiver.next().status == 0
        heart.announce(version="1.2")
        assert card(receiver.next())["version"] == "1.2"
    assert (heart.status, heart.reason) == ("pass", "")


def test_finish_tells_the_outcome(receiver: Any) -> None:
    heart = Heart("checkout", to=receiver.to).start()
    heart.finish("fail", "disk full")
    goodbye = receiver.until_kind(Kind.goodbye)
    assert goodbye.status == 2


def test_check_is_called(receiver: Any) -> None:
    answers: list[object] = [("warn", "slow")]
    with Heart("checkout", 0.05, to=receiver.to, check=lambda: answers[0]):  # type: ignore[arg-type,return-value]
        frame = receiver.until(lambda frame: frame.status == 1)
        assert card(frame)["reason"] == "slow"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "is no name"),
        ({"name": "x" * 201}, "is no name"),
        ({"every": 0.0}, "at least 0.01 seconds"),
        ({"every": float("nan")}, "at least 0.01 seconds"),
        ({"progress": 0.0}, "more than 0"),
        ({"loop": -1.0}, "more than 0"),
        ({"to": "host:x"}, "x is not a port"),
        ({"needs": "postgres"}, "a list of names"),
        ({"host": " node7"}, "no name of a component"),
    ],
)
def test_wrong_arguments_are_named_at_once(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Heart(**{"name": "checkout", **arguments})  # type: ignore[arg-type]


def test_a_wrong_status_or_field_is_named_where_it_is_said() -> None:
    heart = Heart("checkout")
    with pytest.raises(ValueError, match="'ok' is not one of pass, warn"):
        heart.status = "ok"
    with pytest.raises(ValueError, match="'ok' is not one of"):
        heart.finish("ok")
    with pytest.raises(TypeError):
        heart.announce(made=object())


def test_multicast_on_loopback(receiver: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
        node.bind(("239.192.71.70", 0))
        port = node.getsockname()[1]
        member = socket.inet_aton("239.192.71.70") + socket.inet_aton("127.0.0.1")
        node.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        receiver.socket.close()
        receiver.socket = node
        with Heart("checkout", 5.0, to=f"239.192.71.70:{port}%lo"):
            assert receiver.next().kind is Kind.announce
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
                asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
                asker.settimeout(5.0)
                asker.sendto(encode(Frame(Kind.enquiry, IDENTITY, sequence=7)), ("239.192.71.70", port + 1))
                assert asker.recvfrom(2000)[0][3] == Kind.reply
