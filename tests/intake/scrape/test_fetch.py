"""One GET: kept connections, packing, limits, redirects; against a server on loopback."""

import asyncio
import datetime as dt
import gzip
import random
import ssl
import threading
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gadfly.intake import fetch
from gadfly.intake.fetch import Line, TooLarge, Trust, trust
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.request import parse
from gadfly.monitor.probe.response import ResponseError
from gadfly.telemetry.gunzip import gunzip


class Server:
    """Answers each request by `answer(path)`; remembers requests by connection."""

    def __init__(self):
        self.connections = []
        self.answer = lambda path: reply(b"a 1\n")

    async def serve(self, reader, writer):
        own = []
        self.connections.append(own)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                own.append(head)
                answer = self.answer(head.split()[1])
                if answer is None:
                    await asyncio.sleep(60)
                writer.write(answer)
                if b"Connection: close" in answer:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


def reply(body, status="200 OK", *headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture
async def server():
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()


@pytest.fixture
async def get(server):
    context, line = Context(), Line()

    async def asked(path="/metrics", *, limit=1000, redirects=0, seconds=5.0, headers=None):
        return await line.get(
            context,
            parse(f"http://127.0.0.1:{server.port}{path}"),
            headers or {"Authorization": "Bearer hush"},
            None,
            deadline=context.now() + seconds,
            limit=limit,
            redirects=redirects,
        )

    yield asked
    line.close()
    await context.close()


async def test_the_connection_is_kept_and_made_anew_when_it_was_closed(server, get):
    for _ in range(2):
        assert (await get()).body == b"a 1\n"
    server.answer = lambda path: reply(b"b 1\n", "200 OK", "Connection: close")
    assert (await get()).body == b"b 1\n"
    assert (await get()).body == b"b 1\n"
    assert [len(one) for one in server.connections] == [3, 1]


async def test_what_was_packed_is_unpacked(server, get):
    packed = gzip.compress(b"a 1\n") + gzip.compress(b"b 1\n")
    server.answer = lambda path: reply(packed, "200 OK", "Content-Encoding: gzip")
    assert (await get()).body == b"a 1\nb 1\n"


async def test_what_is_packed_and_large_is_unpacked_in_a_thread(server, get, monkeypatch):
    threads = []

    def unpacking(data, limit):
        threads.append(threading.current_thread() is not threading.main_thread())
        return gunzip(data, limit)

    monkeypatch.setattr(fetch, "gunzip", unpacking)
    body = random.Random(1).randbytes(2 * fetch.PACKED)
    for content in (body, b"a 1\n"):
        packed = gzip.compress(content)
        server.answer = lambda path, packed=packed: reply(packed, "200 OK", "Content-Encoding: gzip")
        assert (await get(limit=100_000)).body == content
    assert threads == [True, False]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (gzip.compress(b"x" * 5000), TooLarge),
        (gzip.compress(b"x" * 10)[:-4], ResponseError),
        (b"no gzip", ResponseError),
        (b"", ResponseError),
        (gzip.compress(b"x" * 600) * 2, TooLarge),
    ],
    ids=["large", "cut", "other", "empty", "of two parts"],  # what is packed tells the time of day
)
async def test_a_packed_body_is_bounded_and_whole(server, get, body, error):
    server.answer = lambda path: reply(body, "200 OK", "Content-Encoding: gzip")
    with pytest.raises(error):
        await get(limit=1000)


async def test_a_longer_body_is_not_read(server, get):
    server.answer = lambda path: reply(b"x" * 1001)
    with pytest.raises(TooLarge):
        await get(limit=1000)


async def test_an_unknown_packing_is_refused(server, get):
    server.answer = lambda path: reply(b"x", "200 OK", "Content-Encoding: br")
    with pytest.raises(ResponseError, match="not asked for"):
        await get()


async def test_redirects_are_followed_so_often(server, get):
    server.answer = lambda path: (
        reply(b"here") if path == "/3" else reply(b"", "302 Found", f"Location: /{int(path[1:]) + 1}")
    )
    assert (await get("/1", redirects=2)).body == b"here"
    assert (await get("/1", redirects=0)).status == 302
    with pytest.raises(ResponseError, match="more than 1 times"):
        await get("/1", redirects=1)
    assert all("hush" in head for one in server.connections for head in one)


async def test_another_origin_gets_no_credentials(server, get):
    other = Server()
    listening = await asyncio.start_server(other.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.answer = lambda path: reply(b"", "302 Found", f"Location: http://127.0.0.1:{port}/x")
    assert (await get(redirects=1)).body == b"a 1\n"
    assert "hush" not in other.connections[0][0]
    listening.close()


@pytest.mark.parametrize("location", ["ftp://x/", "http://h:0x/", "file:///etc/passwd"])
async def test_a_redirect_elsewhere_is_refused(server, get, location):
    server.answer = lambda path: reply(b"", "302 Found", f"Location: {location}")
    with pytest.raises(ResponseError, match="does not go"):
        await get(redirects=3)


async def test_who_does_not_answer_in_time_is_given_up(server, get):
    server.answer = lambda path: None
    with pytest.raises(TimeoutError):
        await get(seconds=0.1)


async def test_what_is_no_http_is_said(server, get):
    server.answer = lambda path: b"hello\r\nConnection: close\r\n\r\n"
    with pytest.raises(ResponseError):
        await get()


async def test_nobody_there_is_said():
    context = Context()
    with pytest.raises(OSError, match="refused"):
        await Line().get(
            context, parse("http://127.0.0.1:1/"), {}, None, deadline=context.now() + 1, limit=10
        )
    await context.close()


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(1), now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "both.pem"
    path.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return str(path)


async def test_tls_is_spoken_and_checked(server, certificate):
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=ours)
    place = parse(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/metrics")
    context, line = Context(), Line()
    for trusted, good in (
        (Trust(trust(True, certificate, certificate, ""), ""), True),
        (Trust(trust(False, "", "", ""), ""), True),
        (Trust(trust(True, certificate, "", ""), "other.example"), False),
        (None, False),
    ):
        asked = line.get(context, place, {}, trusted, deadline=context.now() + 5, limit=99)
        if good:
            assert (await asked).body == b"a 1\n"
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                await asked
        line.close()
    await context.close()
    listening.close()


def test_a_file_of_certificates_that_is_none_is_said(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    for ca in ("/nowhere.pem", str(tmp_path / "ca.pem")):
        with pytest.raises(OSError):
            trust(True, ca, "", "")
