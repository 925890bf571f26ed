import pytest

from gadfly.alert.escalate import chain
from gadfly.alert.notify.destination import of
from gadfly.config import Config
from gadfly.config.alerting import Receiver
from gadfly.config.owner import Owner
from gadfly.errors import NotifyError

CONFIG = Config(
    owner={
        "ops": Owner(
            contact=(
                "mailto:ops%40x@example.org?subject=x",
                "https://chat.example/secret",
                "exec:/bin/page 'on call'",
                "receiver:wall",
                "tgram://token/chat",
            )
        )
    },
    receiver={
        "wall": Receiver(webhook="env:HOOK", headers={"Authorization": "env:AUTH", "X": "plain"}),
        "mail": Receiver(email="a@example.org"),
        "run": Receiver(command=("/bin/page", "x")),
        "chat": Receiver(apprise="file:/nowhere/at/all"),
        "none": Receiver(),
    },
)


def test_every_kind_of_contact(monkeypatch) -> None:
    monkeypatch.setenv("HOOK", "https://wall.example/token")
    monkeypatch.setenv("AUTH", "Bearer x")
    steps = chain(CONFIG.owner, "ops")
    found = [of(CONFIG, step.contact) for step in steps]
    assert [one.kind for one in found] == ["email", "webhook", "command", "webhook", "apprise"]
    assert found[0].email == "ops@x@example.org"
    assert found[1].url == "https://chat.example/secret"
    assert found[2].command == ("/bin/page", "on call")
    assert (found[3].url, found[3].headers) == (
        "https://wall.example/token",
        {"Authorization": "Bearer x", "X": "plain"},
    )
    assert found[4].url == "tgram://token/chat"
    # What is stored and shown holds no secret.
    assert not [
        step
        for step in steps
        if "secret" in step.contact + step.label or "token" in step.contact + step.label
    ]


@pytest.mark.parametrize(("name", "kind"), [("mail", "email"), ("run", "command")])
def test_every_kind_of_receiver(name: str, kind: str) -> None:
    assert of(CONFIG, f"receiver:{name}").kind == kind


@pytest.mark.parametrize(
    ("reference", "permanent"),
    [
        ("receiver:gone", True),
        ("receiver:none", True),
        ("owner:ops#000000000000", True),
        ("owner:gone#000000000000", True),
        ("receiver:chat", False),  # the secret may be put in place while the letter waits
        ("receiver:wall", False),
    ],
)
def test_what_leads_nowhere(reference: str, permanent: bool) -> None:
    with pytest.raises(NotifyError) as caught:
        of(CONFIG, reference)
    assert caught.value.permanent is permanent
