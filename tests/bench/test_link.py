"""The emulated wire does what it says: how much it loses, in what bursts, how late, and multicast too."""

from __future__ import annotations

import itertools
import os
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from link import Model, Weather, Wire, netem_available
from namespaces import Host, Hosts, Unavailable

GROUP, PORT, PACKETS = "239.192.71.70", 7170, 4000
SO_RCVBUFFORCE = 33
BURSTS = Weather(p=0.02, r=0.1, bad=0.9, loss=0.005)


def fates(weather: Weather, count: int = 200_000) -> list[float | None]:
    model = Model(weather, seed=7)
    return [model.fate() for _ in range(count)]


@pytest.mark.parametrize("loss", [0.0, 0.01, 0.05, 0.2, 1.0])
def test_independent_losses_have_the_rate_asked_for(loss: float) -> None:
    seen = fates(Weather(loss=loss))
    assert seen.count(None) / len(seen) == pytest.approx(loss, abs=0.003)


def test_bursts_have_the_share_and_the_length_of_the_gilbert_elliott_chain() -> None:
    weather = Weather(p=0.02, r=0.1, bad=1.0)
    seen = [fate is None for fate in fates(weather)]
    lengths = [len(list(run)) for lost, run in itertools.groupby(seen) if lost]
    assert sum(seen) / len(seen) == pytest.approx(weather.expected_loss, rel=0.05)
    assert statistics.mean(lengths) == pytest.approx(1 / weather.r, rel=0.05)
    assert statistics.quantiles(lengths, n=100)[-1] > 30


def test_a_bad_state_that_loses_only_some_has_the_expected_loss() -> None:
    assert fates(BURSTS).count(None) / 200_000 == pytest.approx(BURSTS.expected_loss, rel=0.05)
    assert BURSTS.expected_loss == pytest.approx(0.1542, abs=0.001)


def test_jitter_is_uniform_above_the_delay() -> None:
    seen = [fate for fate in fates(Weather(delay=0.1, jitter=0.3)) if fate is not None]
    assert min(seen) >= 0.1
    assert max(seen) <= 0.4
    assert statistics.quantiles(seen, n=4) == pytest.approx([0.175, 0.25, 0.325], abs=0.005)


@pytest.mark.parametrize(
    ("weather", "words"),
    [
        (Weather(), "limit 200000"),
        (Weather(loss=0.05), "limit 200000 loss random 5%"),
        (Weather(jitter=0.3), "limit 200000 delay 150.000ms 150.000ms"),
        (BURSTS, "limit 200000 loss gemodel 2% 10% 90% 0.5%"),
    ],
)
def test_the_same_weather_in_the_words_of_netem(weather: Weather, words: str) -> None:
    assert " ".join(weather.netem()) == words


@pytest.fixture(params=["emulator", "netem"])
def wire(request: pytest.FixtureRequest) -> Iterator[tuple[Wire, Hosts]]:
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK) and request.param == "emulator":
        pytest.skip("the emulator needs /dev/net/tun and root")
    with Hosts() as hosts:
        try:
            for name in ("node", "h0", "h1"):
                hosts.add(name)
        except Unavailable as why:
            pytest.skip(str(why))
        if request.param == "netem" and not netem_available(hosts["node"]):
            pytest.skip("this kernel has no sch_netem")
        addresses = {"node": "10.72.0.1/16", "h0": "10.72.1.1/16", "h1": "10.72.2.1/16"}
        wire = Wire(hosts, addresses, seed=7, kind=request.param)
        try:
            yield wire, hosts
        finally:
            wire.close()


def udp(host: Host, port: int = 0, group: str = "") -> socket.socket:
    def make() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        made.bind(("", port))
        if group:
            member = socket.inet_aton(group) + socket.inet_aton(host.address)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        made.settimeout(1.0)
        return made

    return host.inside(make)


def heard(receiver: socket.socket, expected: int) -> list[tuple[int, float]]:
    """(number, seconds under way) of each packet, until all came or a second is quiet."""
    got: list[tuple[int, float]] = []
    try:
        while len(got) < expected:
            number, sent = receiver.recv(64).split()
            got.append((int(number), time.monotonic() - float(sent)))
    except TimeoutError:
        pass
    return got


@pytest.mark.slow
@pytest.mark.netns
def test_packets_meet_the_weather_on_the_way(wire: tuple[Wire, Hosts]) -> None:
    line, hosts = wire
    receiver = udp(hosts["node"], PORT, GROUP)
    sender = udp(hosts["h0"])
    sender.sendto(b"0 0", ("10.72.0.1", PORT))
    receiver.recv(64)  # addresses are resolved from here on

    def send(to: str, weather: Weather, count: int = PACKETS) -> list[tuple[int, float]]:
        line.set(weather)
        with ThreadPoolExecutor(1) as reader:
            got = reader.submit(heard, receiver, count)
            for number in range(count):
                sender.sendto(b"%d %.6f" % (number, time.monotonic()), (to, PORT))
                if number % 50 == 49:
                    time.sleep(0.005)
            return got.result()

    # Resolving addresses is lost too, so what is measured under loss goes by multicast, which needs none.
    assert len(send(GROUP, Weather())) == PACKETS
    assert len(send("10.72.0.1", Weather())) == PACKETS
    assert len(send(GROUP, Weather(loss=0.2))) / PACKETS == pytest.approx(0.8, abs=0.03)
    assert len(send(GROUP, BURSTS)) / PACKETS == pytest.approx(1 - BURSTS.expected_loss, abs=0.07)

    late = send(GROUP, Weather(jitter=0.3))
    assert len(late) == PACKETS
    assert statistics.median(seconds for _, seconds in late) == pytest.approx(0.15, abs=0.05)
    assert [number for number, _ in late] != sorted(number for number, _ in late)
    assert line.counts().get("overflow", 0) == 0
    sender.close()
    receiver.close()


@pytest.mark.slow
@pytest.mark.netns
def test_the_node_reaches_every_host_and_a_closed_port_is_refused(wire: tuple[Wire, Hosts]) -> None:
    line, hosts = wire
    line.set(Weather())
    first, second = udp(hosts["h0"], PORT, GROUP), udp(hosts["h1"], PORT, GROUP)
    node = udp(hosts["node"])
    node.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.72.0.1"))
    node.sendto(b"0 0", (GROUP, PORT))
    assert first.recv(64) == second.recv(64) == b"0 0"

    first.close()
    node.connect(("10.72.1.1", PORT))
    node.send(b"1 0")
    with pytest.raises(ConnectionRefusedError):
        node.recv(64)
    node.close()
    second.close()
