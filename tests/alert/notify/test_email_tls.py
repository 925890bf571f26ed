"""Mail to a real SMTP server that wants TLS and a login."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gadfly.alert.notify.destination import Context, Destination
from gadfly.alert.notify.email import send
from gadfly.config.alerting import Mail
from gadfly.errors import NotifyError

pytestmark = pytest.mark.slow
TO = Destination(kind="email", name="ops", email="ann@example.org", timeout=5.0)


class Box:
    """Takes mail from whoever logged in as `node` with `right`, over TLS."""

    def __init__(self) -> None:
        self.got: list[tuple[bool, bool]] = []
        self.logins: list[tuple[bytes, bytes]] = []

    def login(self, server, session, envelope, mechanism, data) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=(data.login, data.password) == (b"node", b"right"), handled=False)

    async def handle_DATA(self, server, session, envelope) -> str:
        self.got.append((server.transport.get_extra_info("ssl_object") is not None, session.authenticated))
        return "250 OK"


class OverTls(Controller):
    """TLS from the first byte; its own first connection, which only looks whether it is up, as well."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port), timeout=5) as plain:
            trusting = ssl.create_default_context(cafile=self.certificate)
            with trusting.wrap_socket(plain, server_hostname=self.hostname) as tls:
                tls.recv(1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("mail") / "mail.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def serve(box: Box, certificate: Path) -> Iterator[Callable[[str], str]]:
    """A function that starts a server with `tls` as in mail.tls and returns its address."""
    running: list[Controller] = []

    def start(tls: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        settings = {"authenticator": box.login}
        if tls == "tls":
            # It knows of TLS only as STARTTLS and would offer no login on a connection that is TLS already.
            settings |= {"ssl_context": context, "auth_require_tls": False}
        elif tls == "starttls":
            settings |= {"tls_context": context, "require_starttls": True, "auth_required": True}
        controller = (OverTls if tls == "tls" else Controller)(
            box, hostname="127.0.0.1", port=port, **settings
        )
        controller.certificate = certificate
        controller.start()
        running.append(controller)
        return f"127.0.0.1:{port}"

    yield start
    for controller in running:
        controller.stop()


def context(server: str, tls: str, password: str = "right") -> Context:
    return Context(
        mail=Mail(server=server, tls=tls, user="node", password=f"env:MAIL_{password.upper()}"), node="north"
    )


@pytest.fixture(autouse=True)
def passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_RIGHT", "right")
    monkeypatch.setenv("MAIL_WRONG", "wrong-secret")


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts our certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_login_over_tls(notification, box: Box, serve, tls: str) -> None:
    await send(notification, TO, context(serve(tls), tls))
    assert box.got == [(True, True)]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_wrong_password_is_told_without_it(notification, box: Box, serve, tls: str) -> None:
    with pytest.raises(NotifyError, match="refused the login") as caught:
        await send(notification, TO, context(serve(tls), tls, "wrong"))
    assert not caught.value.permanent
    assert "wrong-secret" not in str(caught.value)
    assert box.got == []
    assert (b"node", b"wrong-secret") in box.logins


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_nobody_vouches_for_gets_no_password(notification, box: Box, serve, tls: str) -> None:
    with pytest.raises(NotifyError, match="certificate verify failed") as caught:
        await send(notification, TO, context(serve(tls), tls))
    assert not caught.value.permanent
    assert (box.got, box.logins) == ([], [])


@pytest.mark.usefixtures("trusted")
async def test_a_server_without_starttls_gets_no_password(notification, box: Box, serve) -> None:
    with pytest.raises(NotifyError, match="did not take it"):
        await send(notification, TO, context(serve("none"), "starttls"))
    assert (box.got, box.logins) == ([], [])
