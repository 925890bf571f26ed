"""Real servers as targets: nginx, Redis, PostgreSQL and two name servers, well and then dead."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gadfly.config.probe import (
    DnsProbe,
    HttpProbe,
    TcpProbe,
    TlsProbe,
)
from gadfly.monitor.probe import PROBERS
from gadfly.monitor.probe.result import Outcome

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def needs(program: str) -> str:
    """The program's path; without it the test is skipped, which CI does not permit."""
    path = shutil.which(program) or next(
        iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"))), None
    )
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@contextlib.contextmanager
def running(*command: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **options
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


async def until(context: Any, spec: Any, outcome: Outcome = Outcome.passing, seconds: float = 20.0) -> Any:
    """Ask until the outcome is this, and return the result."""
    kind = type(spec).__name__.removesuffix("Probe").lower()
    deadline = context.now() + seconds
    while True:
        result = await PROBERS[kind](spec, context)
        if result.outcome is outcome or context.now() > deadline:
            assert result.outcome is outcome, result.reason
            return result
        await asyncio.sleep(0.05)


async def test_nginx(context: Any, authority: Any, tmp_path: Path) -> None:
    cert, key = authority.issue(9.5)
    http, https = free_port(), free_port()
    (tmp_path / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {tmp_path}/pid; error_log {tmp_path}/error.log;
{"user root;" if os.getuid() == 0 else ""}
events {{ }}
http {{
  access_log off; ssl_certificate {cert}; ssl_certificate_key {key};
  client_body_temp_path {tmp_path}/b; proxy_temp_path {tmp_path}/p; fastcgi_temp_path {tmp_path}/f;
  uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;
  server {{
    listen 127.0.0.1:{http}; listen 127.0.0.1:{https} ssl;
    location / {{ return 200 "all is well"; }}
    location /readyz {{ default_type application/health+json;
      return 503 '{{"status":"fail","checks":{{"db":[{{"status":"fail","output":"refused"}}]}}}}'; }}
    location /old {{ return 301 /new; }}
  }}
}}
""")
    url, secure = f"http://127.0.0.1:{http}", f"https://127.0.0.1:{https}"
    with running(needs("nginx"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")):
        await until(context, HttpProbe(url=url, contains="all is well"))
        result = await until(context, HttpProbe(url=f"{url}/readyz"), Outcome.fail)
        assert result.reason == "GET /readyz answered 503: db is fail (refused)"
        result = await until(context, HttpProbe(url=f"{url}/old"))
        assert result.reason == "GET /new answered 200"
        await until(context, HttpProbe(url=url, method="HEAD"))
        for more in ({}, {"keep_alive": True}, {"resume": True}):
            spec = HttpProbe(url=secure, ca=authority.file, **more)
            for _ in range(3):
                result = await until(context, spec)
            assert ("tls" in result.phases) is ("keep_alive" not in more)
        result = await until(
            context, HttpProbe(url=secure, ca=authority.file, certificate="> 14d"), Outcome.warn
        )
        assert result.reason == "certificate ends in 9 days"
        await until(context, TlsProbe(address=f"127.0.0.1:{https}", ca=authority.file), Outcome.warn)
    result = await until(context, HttpProbe(url=url), Outcome.fail)
    assert result.refused


async def test_redis(context: Any, tmp_path: Path) -> None:
    port = free_port()
    spec = TcpProbe(address=f"127.0.0.1:{port}", send="PING\\r\\n", expect="^\\+PONG")
    with running(
        needs("redis-server"),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ):
        result = await until(context, spec)
        assert result.output == "+PONG\r\n"
    assert (await until(context, spec, Outcome.fail)).refused


def make_cluster(data: str, user: dict[str, Any]) -> None:
    command = [needs("initdb"), "-D", data, "--no-sync", "-A", "trust"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **user)


async def test_postgresql(context: Any) -> None:
    postgres = needs("postgres")
    user = {"user": "postgres", "group": "postgres", "extra_groups": ()} if os.getuid() == 0 else {}
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data"
        if user:
            shutil.chown(folder, "postgres", "postgres")
        make_cluster(data, user)
        # The first packet of a client that wants TLS; the server says S or N.
        spec = TcpProbe(
            address=f"127.0.0.1:{port}", send="\\x00\\x00\\x00\\x08\\x04\\xd2\\x16\\x2f", expect="^[SN]$"
        )
        with running(
            postgres, "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "", "-F", cwd=folder, **user
        ):
            await until(context, spec)
        assert (await until(context, spec, Outcome.fail)).refused


async def ask_a_name_server(context: Any, port: int) -> None:
    server = f"127.0.0.1:{port}"
    for protocol in ("udp", "tcp"):
        spec = DnsProbe(name_server=server, query="a.test", expect="^192\\.0\\.2\\.7$", protocol=protocol)
        result = await until(context, spec)
        assert result.reason == "A a.test is 192.0.2.7"
    await until(context, DnsProbe(name_server=server, query="nobody.test", code="NXDOMAIN"))
    result = await until(context, DnsProbe(name_server=server, query="nobody.test"), Outcome.fail)
    assert result.reason == "A nobody.test answered NXDOMAIN"


async def test_dnsmasq(context: Any, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.7 a.test\n")
    port = free_port()
    with running(
        needs("dnsmasq"), "-k", "-C", "/dev/null", f"--port={port}", "--listen-address=127.0.0.1",
        "--bind-interfaces", "--no-resolv", "--no-hosts", f"--addn-hosts={hosts}", "--local=/test/",
        "--user=root", "--pid-file=",
    ):  # fmt: skip
        await ask_a_name_server(context, port)
    result = await until(context, DnsProbe(name_server=f"127.0.0.1:{port}", query="a.test"), Outcome.fail)
    assert result.refused


async def test_unbound(context: Any, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "unbound.conf").write_text(f"""
server:
  interface: 127.0.0.1
  port: {port}
  username: ""
  chroot: ""
  directory: "{tmp_path}"
  pidfile: ""
  use-syslog: no
  local-zone: "test." static
  local-data: "a.test. A 192.0.2.7"
remote-control:
  control-enable: no
""")
    with running(needs("unbound"), "-d", "-c", str(tmp_path / "unbound.conf")):
        await ask_a_name_server(context, port)
