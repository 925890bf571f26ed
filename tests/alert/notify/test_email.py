"""Mail to a real SMTP server, and what it looks like."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller

from gadfly.alert.notify.destination import Context, Destination
from gadfly.alert.notify.email import compose, send
from gadfly.config import Mail
from gadfly.errors import NotifyError


class Box:
    def __init__(self) -> None:
        self.got: list[Any] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope) -> str:
        self.got.append(
            (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default))
        )
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
