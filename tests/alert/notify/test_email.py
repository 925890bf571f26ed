"""Mail to a real SMTP server, and what it looks like."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller

from gadfly.alert.notify.destination import Context, Destination
from gadfly.alert.notify.email import compose, send
from gadfly.config.alerting import Mail
from gadfly.errors import NotifyError


class Box:
    def __init__(self) -> None:
        self.got: list[Any] = []
        self.answers: dict[str, str] = {}
        self.slow: dict[str, float] = {}

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        await asyncio.sleep(self.slow.get("mail", 0))
        envelope.mail_from = address
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope) -> str:
        await asyncio.sleep(self.slow.get("quit", 0))
        return "221 Bye"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        await asyncio.sleep(self.slow.get("rcpt", 0))
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope) -> str:
        self.got.append(
            (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default))
        )
        await asyncio.sleep(self.slow.get("data", 0))
        return self.answers.get("data", "250 OK")


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test knows what another sent."""
    monkeypatch.setattr("gadfly.alert.notify.email._have", {})


def at(box: Box) -> Context:
    return Context(mail=Mail(server=f"127.0.0.1:{box.port}", sender="gadfly@north.example"), node="north")


def to(address: str = "ann@example.org") -> Destination:
    return Destination(kind="email", name="ops", email=address, timeout=5.0)


@pytest.mark.slow
async def test_a_conversation_arrives(notification, box: Box) -> None:
    await send(notification, to(), at(box))
    later = msgspec.structs.replace(
        notification, key="k2", kind="resolved", status="resolved", subject="Recovered: shop"
    )
    await send(later, to("ann@example.org, bob@example.org"), at(box))
    (first_to, first), (second_to, second) = box.got
    assert first["Subject"] == notification.subject
    assert (first_to, second_to) == (["ann@example.org"], ["ann@example.org", "bob@example.org"])
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert first.get_body(("plain",)).get_content().replace("\r\n", "\n") == notification.text
    assert 'href="http://127.0.0.1:7171/"' in first.get_body(("html",)).get_content()
    assert first["Auto-Submitted"] == "auto-generated"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "answer", "permanent"),
    [
        ("ann@example.org", "550 no such person", True),
        ("ann@example.org", "451 greylisted", False),
        ("data", "554 spam", True),
        ("data", "452 full", False),
    ],
)
async def test_what_the_server_says(notification, box: Box, who: str, answer: str, permanent: bool) -> None:
    box.answers[who] = answer
    with pytest.raises(NotifyError, match=answer[:3]) as caught:
        await send(notification, to(), at(box))
    assert caught.value.permanent is permanent


@pytest.mark.slow
async def test_one_of_several_refused_is_told_and_not_sent_again_to_the_others(
    notification, box: Box
) -> None:
    box.answers["bob@example.org"] = "550 no such person"
    with pytest.raises(NotifyError, match=r"bob@example\.org") as caught:
        await send(notification, to("ann@example.org, bob@example.org"), at(box))
    assert caught.value.permanent
    assert [who for who, _ in box.got] == [["ann@example.org"]]


@pytest.mark.slow
async def test_one_of_several_refused_for_now_is_tried_again_alone(notification, box: Box) -> None:
    both = to("ann@example.org, bob@example.org")
    box.answers["bob@example.org"] = "451 greylisted"
    for _ in range(2):
        with pytest.raises(NotifyError, match=r"bob@example\.org: 451") as caught:
            await send(notification, both, at(box))
        assert not caught.value.permanent
    box.answers.clear()
    await send(notification, both, at(box))
    assert [who for who, _ in box.got] == [["ann@example.org"], ["bob@example.org"]]
    # Told to all: what is kept of it is forgotten.
    await send(notification, both, at(box))
    assert [who for who, _ in box.got][2:] == [["ann@example.org", "bob@example.org"]]


@pytest.mark.slow
async def test_what_is_kept_of_refusals_is_bounded(notification, box: Box, monkeypatch) -> None:
    monkeypatch.setattr("gadfly.alert.notify.email.KEPT", 1)
    both = to("ann@example.org, bob@example.org")
    box.answers["bob@example.org"] = "451 greylisted"
    for key in ("k1", "k2"):
        with pytest.raises(NotifyError):
            await send(msgspec.structs.replace(notification, key=key), both, at(box))
    box.answers.clear()
    for key in ("k1", "k2"):
        await send(msgspec.structs.replace(notification, key=key), both, at(box))
    assert [len(who) for who, _ in box.got] == [1, 1, 2, 1]


@pytest.mark.slow
async def test_a_server_that_is_slow_at_every_step_never_gets_a_mail_that_was_given_up(
    notification, box: Box
) -> None:
    box.slow = {"mail": 0.4, "rcpt": 0.4}
    hasty = msgspec.structs.replace(to(), timeout=0.6)
    begun = time.monotonic()
    with pytest.raises(NotifyError, match=r"did not finish within 0\.6 s") as caught:
        await send(notification, hasty, at(box))
    assert time.monotonic() - begun < 5
    assert not caught.value.permanent
    await asyncio.sleep(1.5)
    assert box.got == []


@pytest.mark.slow
@pytest.mark.parametrize("step", ["data", "quit"])
async def test_a_server_that_has_the_mail_may_take_its_time(notification, box: Box, step: str) -> None:
    box.slow = {step: 1.5}
    await send(notification, msgspec.structs.replace(to(), timeout=1.0), at(box))
    assert len(box.got) == 1


@pytest.mark.slow
@pytest.mark.parametrize("drop", [b"2", b"220-still here\r\n"])
async def test_an_answer_in_drops_ends_at_the_deadline(notification, drop: bytes) -> None:
    ended = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            try:
                for _ in range(400):
                    connection.sendall(drop)
                    time.sleep(0.05)
            except OSError:
                ended.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        context = Context(mail=Mail(server=f"127.0.0.1:{server.getsockname()[1]}"), node="north")
        begun = time.monotonic()
        with pytest.raises(NotifyError, match=r"did not finish within 0\.5 s"):
            await send(notification, msgspec.structs.replace(to(), timeout=0.5), context)
        assert time.monotonic() - begun < 5
        await asyncio.to_thread(thread.join, 30)
    assert ended.is_set()


async def test_no_server_is_tried_again(notification) -> None:
    context = Context(mail=Mail(server="127.0.0.1:1"), node="north")
    with pytest.raises(NotifyError, match="did not take it") as caught:
        await send(notification, to(), context)
    assert not caught.value.permanent


@pytest.mark.parametrize("address", ["", "nobody", "a@b\nBcc: evil@example.org", "a@b\r\nX: y", "@", "a@"])
async def test_an_address_that_is_none_is_permanent(notification, context, address: str) -> None:
    with pytest.raises(NotifyError, match="not a mail address") as caught:
        await send(notification, to(address), context)
    assert caught.value.permanent


def test_markup_in_names_is_text(notification) -> None:
    evil = msgspec.structs.replace(notification, text="<script>alert(1)</script>\n", node="north\r\nX: y")
    letter = compose(evil, "ann@example.org", "g@example.org")
    assert "<script>" not in letter.get_body(("html",)).get_content()
    assert letter["X"] is None
