"""Deliveries: taken once they are on disk, known when they come again, and refused with the reason."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from gadfly.clock import VirtualClock
from gadfly.errors import LimitError, Refused
from gadfly.functions import queue as queues
from gadfly.functions.function import ASYNC, SYNC, Function
from gadfly.functions.queue import Outcome, Queue, Work
from gadfly.functions.trigger.event import Reply, Request
from gadfly.functions.trigger.receive import Receiver
from gadfly.store.sqlite import Database

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def function(name: str, *on: str) -> Function:
    return Function(name=name, path="/f.py", module="f", handler="h", owner="o", purpose="p", on=on)


def delivery(body: bytes, clock: VirtualClock, name: str = "msg_1") -> Request:
    at = str(int(clock.wall()))
    signed = hmac.new(b"0123456789abcdef0123456789abcdef", f"{name}.{at}.".encode() + body, hashlib.sha256)
    headers = [
        ("Webhook-Id", name),
        ("Webhook-Timestamp", at),
        ("Webhook-Signature", "v1," + base64.b64encode(signed.digest()).decode()),
        ("Content-Type", "application/json"),
    ]
    return Request("POST", "/fn/f", "", headers, body, "127.0.0.1")


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def queue(tmp_path: Path, clock: VirtualClock):
    store = Database(tmp_path / "gadfly.db")
    queue = Queue(store, clock)
    await queue.open()
    yield queue
    store.close()


@pytest.fixture
async def receiver(queue: Queue, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    monkeypatch.setenv("HOOK", SECRET)
    receiver = Receiver(queue, clock)
    receiver.declare(
        [
            function("f", "webhook: standard env:HOOK"),
            function("g", "webhook: standard answered env:HOOK"),
            function("closed", "webhook: standard env:NOT_THERE"),
            function("other", "schedule: 0 * * * *"),
            function("both", "webhook: github env:HOOK", "webhook: standard env:HOOK"),
        ]
    )
    return receiver


def said(found: Reply | Work) -> tuple[int, dict[str, object]]:
    assert isinstance(found, Reply)
    return found.status, json.loads(found.body)


async def test_a_delivery_is_taken_once(receiver: Receiver, queue: Queue, clock: VirtualClock) -> None:
    sent = delivery(b'{"a": 1}', clock)
    assert said(await receiver.take("f", sent)) == (202, {"id": 1, "known": False})
    assert said(await receiver.take("f", sent)) == (200, {"id": 1, "known": True})
    (work,) = await queue.claim({"f": 9})
    assert json.loads(work.event)["body"] == '{"a": 1}'
    await queue.end(work, Outcome(ended="ok"))
    await clock.advance(100)
    assert said(await receiver.take("f", sent))[0] == 200, "it is known also when it is done"
    await clock.advance(300)
    assert said(await receiver.take("f", sent))[0] == 401, "and then too old"


async def test_a_function_may_have_two_senders(receiver: Receiver, queue: Queue, clock: VirtualClock) -> None:
    sent = delivery(b"{}", clock)
    signed = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()
    other = sent._replace(headers=[("X-Hub-Signature-256", f"sha256={signed}")])
    assert said(await receiver.take("both", sent))[0] == 202
    assert said(await receiver.take("both", other))[0] == 202
    assert said(await receiver.take("both", sent._replace(headers=[])))[0] == 401
    assert {one.called for one in await queue.recent()} == {"webhook: github", "webhook: standard"}


async def test_a_long_body_is_taken_as_well(receiver: Receiver, queue: Queue, clock: VirtualClock) -> None:
    assert said(await receiver.take("f", delivery(b'"' + b"x" * 200_000 + b'"', clock)))[0] == 202
    assert len(await queue.event(1)) > 200_000


async def test_a_sender_that_waits_has_its_call_at_once(
    receiver: Receiver, queue: Queue, clock: VirtualClock
) -> None:
    sent = delivery(b"{}", clock)
    work = await receiver.take("g", sent)
    assert isinstance(work, Work)
    assert work.allowed == 1
    assert said(await receiver.take("g", sent)) == (200, {"id": work.id, "known": True})


async def test_what_is_not_taken(
    receiver: Receiver, queue: Queue, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = delivery(b"{}", clock)
    for name, request, status in (
        ("nobody", sent, 404),
        ("other", sent, 404),
        ("closed", sent, 503),
        ("f", sent._replace(method="GET"), 405),
        ("f", sent._replace(body=b"x" * (ASYNC + 1)), 413),
        ("f", sent._replace(body=b"{ }"), 401),
    ):
        found = said(await receiver.take(name, request))
        assert found[0] == status, name
        assert found[1]["error"]
    assert await queue.recent() == []
    monkeypatch.setattr(queues, "WAITING", 0)
    assert said(await receiver.take("f", sent))[0] == 429


def test_how_much_is_read(receiver: Receiver) -> None:
    standard = {"webhook-id", "webhook-timestamp", "webhook-signature", "content-type"}
    assert receiver.limit("f", standard) == ASYNC
    assert receiver.limit("g", {"x-hub-signature-256", *standard}) == SYNC
    for name, headers, status in (
        ("nobody", standard, 404),
        ("f", {"content-type"}, 401),
        ("f", standard - {"webhook-id"}, 401),
        ("f", {"x-hub-signature-256"}, 401),
    ):
        with pytest.raises(Refused) as refused:
            receiver.limit(name, headers)
        assert refused.value.status == status
    assert "NOT_THERE" in receiver.trouble["closed"]


async def test_who_waits_for_the_answer_is_told_where_there_is_no_room(
    receiver: Receiver, queue: Queue, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def room() -> None:
        raise LimitError("200 calls run or wait for a place already: try again later.")

    monkeypatch.setattr(receiver, "_room", room)
    assert said(await receiver.take("g", delivery(b"{}", clock)))[0] == 429
    assert await queue.recent() == []
    assert said(await receiver.take("f", delivery(b"{}", clock)))[0] == 202
