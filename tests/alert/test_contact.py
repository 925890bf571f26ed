import pytest

from gadfly.alert.contact import shown
from gadfly.alert.escalate import chain
from gadfly.config import Owner


@pytest.mark.parametrize(
    ("given", "fit"),
    [
        ("mailto:ops@example.org", "mailto:ops@example.org"),
        ("receiver:chat", "receiver:chat"),
        ("chat", "chat"),
        ("https://hooks.example.org/T0/s3cret?x=s3cret#s3cret", "https://hooks.example.org/…"),
        ("https://hooks.example.org?s3cret", "https://hooks.example.org/…"),
        ("https://user:s3cret@hooks.example.org:8443/", "https://hooks.example.org:8443"),
        ("http://[::1]:9/s3cret", "http://[::1]:9/…"),
        ("https://[bad/s3cret", "…"),
        ("https:s3cret", "…"),
        ("https://host:99999999/s3cret", "…"),
        ("exec:/usr/bin/page --key s3cret", "exec:/usr/bin/page"),
        ("exec:", "exec:"),
        ("slack://s3cret/s3cret", "slack:…"),
        ("slack:s3cret", "slack:…"),
        ("", ""),
    ],
)
def test_without_what_may_be_secret(given: str, fit: str) -> None:
    assert shown(given) == fit
    assert shown(fit) == fit


def test_a_step_is_labelled_so() -> None:
    owners = {"ops": Owner(contact=("https://u:s3cret@chat.example.org:8443/s3cret",))}
    assert [step.label for step in chain(owners, "ops")] == ["https://chat.example.org:8443/…"]
