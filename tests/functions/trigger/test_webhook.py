"""Deliveries: taken when a secret signed them about now; nothing else is."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import ConfigError
from gadfly.functions.trigger.webhook import WINDOW, Accepted, Denied, key, verify

NOW = 1_800_000_000.0
SECRET = b"0123456789abcdef0123456789abcdef"
BODY = b'{"action": "opened"}'


def github(body: bytes = BODY, secret: bytes = SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()}


def standard(
    name: str = "msg_1", at: float = NOW, body: bytes = BODY, secret: bytes = SECRET
) -> dict[str, str]:
    signed = hmac.new(secret, f"{name}.{int(at)}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }


def test_the_example_of_github() -> None:
    """The pair that GitHub's documentation gives to test with."""
    sent = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
    found = verify("github", [b"It's a Secret to Everybody"], sent, b"Hello, World!", NOW)
    assert isinstance(found, Accepted)


def test_what_a_delivery_is_known_by_is_not_what_opens() -> None:
    found = verify("github", [SECRET], github(), BODY, NOW)
    assert isinstance(found, Accepted)
    given = github()["x-hub-signature-256"].removeprefix("sha256=")
    assert found.key == f"sha256:{hashlib.sha256(given.encode()).hexdigest()}"
    assert given not in found.key


def test_the_example_of_standard_webhooks() -> None:
    """The pair of the specification's own tests."""
    secret = key("standard", b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    sent = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert verify("standard", [secret], sent, b'{"test": 2432232314}', 1614265330) == Accepted(
        "msg_p5jXN8AQM9LWM0D4loKWxJek"
    )


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, BODY, 401),
        (github(), BODY + b" ", 401),
        (github(secret=b"another"), BODY, 401),
        ({"x-hub-signature": "sha1=" + "0" * 40}, BODY, 401),
        ({"x-hub-signature-256": "sha256="}, BODY, 401),
        ({"x-hub-signature-256": "sha256=" + "\u00e4" * 64}, BODY, 401),
    ],
    ids=["none", "body", "secret", "sha1", "empty", "letters"],
)
def test_what_github_did_not_sign(headers: dict[str, str], body: bytes, status: int) -> None:
    found = verify("github", [SECRET], headers, body, NOW)
    assert isinstance(found, Denied)
    assert found.status == status


def test_what_github_does_not_sign_makes_no_other_delivery() -> None:
    one = verify("github", [SECRET], {**github(), "x-github-delivery": "1"}, BODY, NOW)
    other = verify("github", [SECRET], {**github(), "x-github-delivery": "2"}, BODY, NOW)
    assert one == other


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({**standard(), "webhook-id": "msg_2"}, 401),
        ({**standard(), "webhook-timestamp": str(int(NOW) + 1)}, 401),
        ({**standard(), "webhook-timestamp": "now"}, 400),
        ({**standard(), "webhook-timestamp": "\u0664"}, 400),
        ({**standard(), "webhook-id": "x" * 257}, 400),
        ({**standard(), "webhook-signature": "v2," + standard()["webhook-signature"][3:]}, 401),
        ({**standard(), "webhook-signature": "v1,"}, 401),
        (standard(at=NOW - WINDOW - 1), 401),
        (standard(at=NOW + WINDOW + 1), 401),
    ],
    ids=["none", "id", "time", "word", "digit", "long", "version", "empty", "old", "new"],
)
def test_what_standard_webhooks_refuses(headers: dict[str, str], status: int) -> None:
    found = verify("standard", [SECRET], headers, BODY, NOW)
    assert isinstance(found, Denied)
    assert found.status == status


@pytest.mark.parametrize(
    ("signed", "shifted", "body"),
    [
        (standard(f"evt.{int(NOW)}", NOW - 90), ("evt", NOW), f"{int(NOW - 90)}.".encode() + BODY),
        (standard("evt", NOW - 90, b"1800000000.{}"), (f"evt.{int(NOW - 90)}", NOW), b"{}"),
        (standard("evt", NOW, b"1800000000.{}"), ("evt", NOW), b"1800000000.{}"),
    ],
    ids=["id into time", "time into id", "as it was"],
)
def test_a_signature_opens_for_nothing_that_comes_apart_otherwise(
    signed: dict[str, str], shifted: tuple[str, float], body: bytes
) -> None:
    name, at = shifted
    sent = {**signed, "webhook-id": name, "webhook-timestamp": str(int(at))}
    found = verify("standard", [SECRET], sent, body, NOW)
    assert isinstance(found, Denied)
    assert found.status == 400


@pytest.mark.parametrize("age", [-WINDOW, 0.0, WINDOW])
def test_within_the_window(age: float) -> None:
    assert verify("standard", [SECRET], standard(at=NOW - age), BODY, NOW) == Accepted("msg_1")


def test_any_of_the_secrets_and_any_of_the_signatures() -> None:
    old = b"another secret, of the year before"
    sent = standard(secret=old)
    sent["webhook-signature"] = "v1a,AAAA v1,AAAA " + sent["webhook-signature"]
    assert verify("standard", [SECRET, old], sent, BODY, NOW) == Accepted("msg_1")
    assert verify("github", [SECRET, old], github(secret=old), BODY, NOW) == verify(
        "github", [old], github(secret=old), BODY, NOW
    )


@pytest.mark.parametrize("secret", [b"whsec_", b"whsec_AAAA", b"not base64 at all!", b"A" * 400])
def test_what_is_no_secret_says_so_without_it(secret: bytes) -> None:
    with pytest.raises(ConfigError) as error:
        key("standard", secret)
    assert secret.decode() not in str(error.value) or secret == b"whsec_"


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "x-hub-signature-256"]),
        st.text(max_size=90),
    ),
    st.binary(max_size=50),
)
def test_whatever_is_sent_is_denied(headers: dict[str, str], body: bytes) -> None:
    assert isinstance(verify("github", [SECRET], headers, body, NOW), Denied)
    assert isinstance(verify("standard", [SECRET], headers, body, NOW), Denied)
