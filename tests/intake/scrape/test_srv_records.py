"""Targets that a real DNS server names in SRV records, on loopback: asked, changed, gone."""

import contextlib
import shutil
import socket
import subprocess
import time

import dns.resolver
import pytest

from gadfly.intake.discovery import ask

pytestmark = pytest.mark.slow


def records(*targets):
    """dnsmasq's words for them; each (host, port, priority, weight)."""
    return [f"--srv-host=_metrics._tcp.shop.test,{','.join(map(str, target))}" for target in targets]


@contextlib.contextmanager
def dnsmasq(port, *more):
    program = shutil.which("dnsmasq", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("dnsmasq is not here")
    words = ["-k", "-C", "/dev/null", "--bind-interfaces", "--no-resolv", "--no-hosts", "--local=/test/"]
    words += [f"--port={port}", "--listen-address=127.0.0.1", "--user=root", "--pid-file=", *more]
    process = subprocess.Popen([program, *words], stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.01)
        yield
    finally:
        process.kill()
        process.wait()


def found():
    return sorted(one["__address__"] for one in ask("_metrics._tcp.shop.test", "SRV", 0))


@pytest.fixture
def port(monkeypatch):
    """Of the server that the system's resolver would be."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    return port


def test_targets_come_and_go_as_the_server_says(port):
    with dnsmasq(port, *records(("h1.shop.test", 9100, 0, 10), ("h2.shop.test", 9200, 5, 0))):
        assert found() == ["h1.shop.test:9100", "h2.shop.test:9200"]
        (one,) = [one for one in ask("_metrics._tcp.shop.test", "SRV", 0) if "h2" in one["__address__"]]
        assert one == {
            "__address__": "h2.shop.test:9200",
            "__meta_dns_name": "_metrics._tcp.shop.test",
            "__meta_dns_srv_record_target": "h2.shop.test.",
            "__meta_dns_srv_record_port": "9200",
        }
        with pytest.raises(ValueError, match=r"_nobody\._tcp\.shop\.test"):
            ask("_nobody._tcp.shop.test", "SRV", 0)
    many = [(f"h{number}.a-long-name-of-a-rack.shop.test", 9000 + number, 0, 0) for number in range(100)]
    with dnsmasq(port, *records(*many)):  # more than a datagram holds: the rest comes by TCP
        assert found() == sorted(f"{host}:{at}" for host, at, _, _ in many)
    with dnsmasq(port), pytest.raises(ValueError, match="does not exist"):
        found()
