"""Probes per CPU second beside blackbox_exporter, and what a thousand hanging targets cost.

    .venv/bin/python bench/probes.py [--quick]

nginx (http and https) and dnsmasq on loopback are the targets. blackbox_exporter answers /probe requests
over kept connections from a process of its own; gadfly runs its real scheduler in a process of its own. Of
both only the prober's CPU (user and system, from /proc) is counted, so that the ratio holds on a busy machine.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import ipaddress
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gadfly.clock import SystemClock
from gadfly.config import Config
from gadfly.config.probe import (
    DnsProbe,
    HttpProbe,
    Probe,
    TcpProbe,
)
from gadfly.monitor.check import Check
from gadfly.monitor.schedule import Prober

TARGETS = [f"127.0.0.{number}" for number in range(2, 34)]
HANGING = [f"127.1.0.{number}" for number in range(1, 41)]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def cpu(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss() -> float:
    """Resident megabytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6


# --- the targets and the peer -----------------------------------------------------------------------------


def certificates(folder: Path) -> None:
    """A CA and a certificate for all targets: ca.pem, cert.pem, key.pem."""
    now = dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench CA")])
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(ca_key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    cert = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")]))
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(2)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=60))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(target)) for target in TARGETS]),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(port: int, host: str) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def start_all(folder: Path) -> tuple[list[subprocess.Popen[bytes]], dict[str, int]]:
    ports = {name: free_port() for name in ("http", "https", "dns", "blackbox", "hang")}
    certificates(folder)
    listens = " ".join(
        f"listen {target}:{ports['http']}; listen {target}:{ports['https']} ssl;" for target in TARGETS
    )
    (folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
  ssl_session_cache shared:s:10m; ssl_session_tickets on;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ {listens}
    location / {{ default_type text/plain; return 200 "ok: all is well\\n"; }} }}
}}
""")
    (folder / "blackbox.yml").write_text(f"""
modules:
  http: {{prober: http, timeout: 5s, http: {{preferred_ip_protocol: ip4}}}}
  https:
    prober: http
    timeout: 5s
    http: {{preferred_ip_protocol: ip4, tls_config: {{ca_file: {folder}/ca.pem}}}}
  tcp: {{prober: tcp, timeout: 5s, tcp: {{preferred_ip_protocol: ip4}}}}
  dns:
    prober: dns
    timeout: 5s
    dns: {{preferred_ip_protocol: ip4, query_name: a.test, query_type: A}}
""")
    processes = [
        start("nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")),
        start(
            "dnsmasq", "-k", "-C", "/dev/null", f"--port={ports['dns']}", "--no-resolv", "--no-hosts",
            "--address=/a.test/127.0.0.1", "--bind-interfaces", *(f"--listen-address={target}" for target in TARGETS), "--user=root", "--pid-file=", "--cache-size=0",
        ),
        start(
            "prometheus-blackbox-exporter", f"--config.file={folder}/blackbox.yml",
            f"--web.listen-address=127.0.0.1:{ports['blackbox']}", "--log.level=error",
        ),
        start(sys.executable, __file__, "--hang", str(ports["hang"])),
    ]  # fmt: skip
    for name, port in ports.items():
        wait_for(port, {"blackbox": "127.0.0.1", "hang": HANGING[-1]}.get(name, TARGETS[-1]))
    return processes, ports


async def hang(port: int) -> None:
    """Accepts, reads and never answers, until the other side closes."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            pass
        writer.close()

    async with await asyncio.start_server(hold, HANGING, port, backlog=1024) as server:
        await server.serve_forever()


def target_of(kind: str, ports: dict[str, int], host: str) -> str:
    return {
        "http": f"http://{host}:{ports['http']}/",
        "https": f"https://{host}:{ports['https']}/",
        "tcp": f"{host}:{ports['http']}",
        "dns": f"{host}:{ports['dns']}",
    }[kind]


# --- blackbox_exporter, driven over kept connections -------------------------------------------------------


async def drive(kind: str, ports: dict[str, int], seconds: float) -> dict[str, float]:
    """Ask /probe by 16 kept connections; count what succeeded."""
    done = failed = 0
    stop = time.monotonic() + seconds

    async def one(number: int) -> None:
        nonlocal done, failed
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["blackbox"])
        turn = number
        while time.monotonic() < stop:
            turn += 1
            target = target_of(kind, ports, TARGETS[turn % len(TARGETS)])
            writer.write(f"GET /probe?module={kind}&target={target} HTTP/1.1\r\nHost: b\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(row[15:]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")),
                -1,
            )
            if length >= 0:
                body = await reader.readexactly(length)
            else:
                body = b""
                while size := int(await reader.readuntil(b"\r\n"), 16):
                    body += (await reader.readexactly(size + 2))[:-2]
                await reader.readexactly(2)
            if b"\nprobe_success 1" in body:
                done += 1
            else:
                failed += 1
        writer.close()

    await asyncio.gather(*(one(number) for number in range(16)))
    return {"done": done, "failed": failed}


def blackbox(pid: int, kind: str, ports: dict[str, int], seconds: float) -> float:
    """Successful probes per CPU second of the peer."""
    if seconds > 1:
        child({"do": "drive", "kind": kind, "ports": ports, "seconds": 2.0})
    before = cpu(pid)
    told = child({"do": "drive", "kind": kind, "ports": ports, "seconds": seconds})
    if told["failed"]:
        print(f"  blackbox_exporter: {told['failed']} {kind} probes failed", file=sys.stderr)
    return float(told["done"] / (cpu(pid) - before))


# --- gadfly, through its scheduler -------------------------------------------------------------------------


def spec_of(kind: str, ports: dict[str, int], folder: str, host: str, every: float) -> Probe:
    target = target_of(kind.partition("+")[0], ports, host)
    if kind == "tcp":
        return TcpProbe(address=target, every=every)
    if kind == "dns":
        return DnsProbe(name_server=target, query="a.test", every=every)
    if kind == "http":
        return HttpProbe(url=target, every=every)
    return HttpProbe(
        url=target, every=every, ca=f"{folder}/ca.pem", resume="resume" in kind, keep_alive="keep" in kind
    )


def checks_of(kind: str, ports: dict[str, int], folder: str, count: int, every: float) -> list[Check]:
    registered = "http" if kind.startswith("http") else kind
    return [
        Check(
            f"c{number}", registered, "", spec_of(kind, ports, folder, TARGETS[number % len(TARGETS)], every)
        )
        for number in range(count)
    ]


async def schedule(kind: str, ports: dict[str, int], folder: str, count: int, every: float, seconds: float):
    """Run the scheduler on ``count`` checks; per CPU second and the share of a core."""
    bad: list[str] = []
    prober = Prober(
        Config(), SystemClock(), lambda check, result: bad.append(result.reason) if result.outcome else None
    )
    prober.replace(checks_of(kind, ports, folder, count, every))
    running = asyncio.create_task(prober.run())
    # The first enquiries are spread over a while and, with sessions, are full handshakes.
    await asyncio.sleep(min(every, max(2.0, count / 1000)) + (every if "+" in kind else 0.2))
    cpu_before, asked_before, wall = time.process_time(), prober.counters()["passing"], time.monotonic()
    await asyncio.sleep(seconds)
    used, took = time.process_time() - cpu_before, time.monotonic() - wall
    asked = prober.counters()["passing"] - asked_before
    await prober.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return {
        "per_cpu": asked / used,
        "core": used / took,
        "rate": asked / took,
        "bad": len(bad),
        "why": bad[:1],
    }


async def hanging(ports: dict[str, int], folder: str, seconds: float, count: int) -> dict[str, Any]:
    """200 good checks a second, and after a while ``count`` targets beside them that accept and say nothing."""
    took: list[float] = []
    late: list[float] = []
    due: dict[str, tuple[int, float]] = {}

    def take(check: Check, result: Any) -> None:
        if check.component.startswith("hang"):
            return
        now = time.monotonic()
        took.append(result.seconds)
        turns, before = due.get(check.component, (0, now))
        if turns > 2:
            # Its turns come every second, moved by jitter of up to 5 %; only the first come irregularly.
            late.append(now - before - 1.05)
        due[check.component] = (turns + 1, now)

    prober = Prober(Config(), SystemClock(), take)
    good = checks_of("http", ports, folder, 200, 1.0)
    prober.replace(good)
    running = asyncio.create_task(prober.run())
    await asyncio.sleep(max(2.0, seconds / 4))
    memory = most = rss()
    late.clear()
    took.clear()
    silent = [
        Check(f"hang{number}", "http", "", HttpProbe(
            url=f"http://{HANGING[number % 40]}:{ports['hang']}/", every=5.0, timeout=5.0))
        for number in range(count)
    ]  # fmt: skip
    prober.replace([*good, *silent])
    flight = 0
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        await asyncio.sleep(0.2)
        most = max(most, rss())
        flight = max(flight, prober.counters()["asking"])
    await prober.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    def p99(values: list[float]) -> float:
        ordered = sorted(values)
        return ordered[int(len(ordered) * 0.99)] if ordered else float("nan")

    return {
        "megabytes": most - memory, "flight": flight, "p99": p99(took), "late_p99": p99(late),
        "good": len(took) / seconds,
    }  # fmt: skip


# --- the run -----------------------------------------------------------------------------------------------


def child(task: dict[str, Any]) -> dict[str, Any]:
    """Do a task in a process of its own, so that its CPU and memory are its own."""
    ran = subprocess.run(
        [sys.executable, __file__, "--task", json.dumps(task)],
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def do(task: dict[str, Any]) -> dict[str, Any]:
    kind = task.pop("do")
    work = {"drive": drive, "schedule": schedule, "hanging": hanging}[kind]
    found: dict[str, Any] = uvloop.run(work(**task))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run of less than 20 s")
    parser.add_argument("--only", default="", help="run only these kinds, by comma")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--hang", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20_000)), hard))
    if options.hang:
        uvloop.run(hang(options.hang))
        return 0
    if options.task:
        print(json.dumps(do(json.loads(options.task))))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    processes: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)  # nginx' worker is not root
        try:
            processes, ports = start_all(Path(name))
            run(options, name, processes[2].pid, ports)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(5)
    return 0


def run(options: argparse.Namespace, folder: str, peer: int, ports: dict[str, int]) -> None:
    seconds = 0.5 if options.quick else 10.0
    only = set(filter(None, options.only.split(",")))
    goals: list[dict[str, Any]] = []
    peers: dict[str, float] = {}

    def goal(name: str, wanted: float, got: float, unit: str, at_most: bool = False) -> None:
        met = got <= wanted if at_most else got >= wanted
        goals.append({"name": name, "goal": wanted, "got": round(got, 4), "unit": unit, "met": met})

    print(f"{'probe':<24}{'gadfly / CPU s':>16}{'blackbox / CPU s':>18}{'ratio':>8}{'goal':>6}")
    rates = {"http": 2000, "tcp": 3000, "dns": 2000, "https": 400, "https+resume": 500, "https+keep": 1000}
    ratios = {"http": 2.0, "tcp": 2.0, "dns": 2.0, "https": 1.2, "https+resume": 2.0}
    for kind, rate in rates.items():
        if (only and kind not in only) or (options.quick and "+" in kind):
            continue
        base = kind.partition("+")[0]
        if base not in peers:
            peers[base] = blackbox(peer, base, ports, seconds)
        ours = child({
            "do": "schedule", "kind": kind, "ports": ports, "folder": folder,
            "count": rate, "every": 1.0, "seconds": seconds,
        })  # fmt: skip
        ratio = ours["per_cpu"] / peers[base]
        wanted = ratios.get(kind)
        print(f"{kind:<24}{ours['per_cpu']:>16,.0f}{peers[base]:>18,.0f}{ratio:>8.2f}{wanted or '':>6}")
        if ours["bad"]:
            print(f"  {ours['bad']} were not passing: {ours['why']}")
        if wanted:
            goal(f"{kind} beside blackbox_exporter", wanted, ratio, "x")
    if "load" in only or not (only or options.quick):
        ours = child({
            "do": "schedule", "kind": "http", "ports": ports, "folder": folder,
            "count": 10_000, "every": 10.0, "seconds": 20.0,
        })  # fmt: skip
        print(
            f"10,000 HTTP checks at 10 s: {ours['core']:.2f} core at {ours['rate']:.0f}/s, {ours['bad']} not passing"
        )
        goal("10,000 HTTP checks at 10 s", 0.4, ours["core"], "core", at_most=True)
        goal("rate held", 950, ours["rate"], "1/s")
    if not only or "hang" in only:
        task = {"do": "hanging", "ports": ports, "folder": folder, "seconds": 3.0 if options.quick else 16.0}
        # The same good checks run alone in another process at the same time: what else the machine does delays
        # both, what the hanging targets do only one.
        with ThreadPoolExecutor(2) as pool:
            alone, hung = pool.map(child, ({**task, "count": 0}, {**task, "count": 1000}))
        print(
            f"1,000 hanging targets ({hung['flight']} in flight): {hung['megabytes']:.1f} MB.\n"
            f"200 good checks a second beside them: {hung['good']:.0f}/s, took p99 {hung['p99'] * 1e3:.1f} ms, late p99"
            f" {hung['late_p99'] * 1e3:.0f} ms; alone at the same time: {alone['good']:.0f}/s,"
            f" {alone['p99'] * 1e3:.1f} ms, {alone['late_p99'] * 1e3:.0f} ms"
        )
        goal("1,000 hanging targets, memory", 20, hung["megabytes"], "MB", at_most=True)
        goal(
            "others later beside them than alone, p99",
            0.1,
            hung["late_p99"] - alone["late_p99"],
            "s",
            at_most=True,
        )
    for one in goals:
        print(
            f"{'met' if one['met'] else 'MISSED':<8}{one['name']}: {one['got']} {one['unit']} (goal {one['goal']})"
        )
    print(
        json.dumps(
            {
                "goals": goals,
                "peers": {"blackbox_exporter per CPU s": {k: round(v) for k, v in peers.items()}},
            }
        )
    )


if __name__ == "__main__":
    sys.exit(main())
