"""Targets are found by DNS and by HTTP; where one does not answer, what was found before stays."""

import asyncio
import contextlib
import socket

import dns.resolver
import pytest

from gadfly.config.scrape import Listing, Names, Scrape
from gadfly.config.section import Duration
from gadfly.intake import discovery
from gadfly.intake.discovery import Discovery, ask, read_files
from gadfly.intake.fetch import Answer, Line
from gadfly.telemetry import target_list

JSON = {"content-type": "application/json; charset=utf-8"}


class Context:
    def now(self):
        return 0.0


@contextlib.asynccontextmanager
async def following(clock, told, **scrape):
    async def tell(*given):
        told.append(given)

    found = Discovery(Context(), clock, tell)
    found.replace({"j": Scrape(**scrape)})
    task = asyncio.create_task(found.run())
    await clock.advance(0)
    try:
        yield found
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def at_once(monkeypatch):
    async def work(function, *given):
        return function(*given)

    monkeypatch.setattr(asyncio, "to_thread", work)


async def test_a_list_is_asked_at_its_pace(clock, monkeypatch):
    answers = [
        Answer(200, JSON, b'[{"targets": ["h:1"], "labels": {"a": "b"}}]'),
        Answer(500, JSON, b""),
        Answer(200, {"content-type": "text/html"}, b"[]"),
        ConnectionRefusedError("refused"),
        Answer(200, JSON, b"{}"),
        Answer(200, JSON, b"[]"),
    ]
    asked = []

    async def get(self, context, place, headers, trusted, **_):
        asked.append((place.path, headers["Authorization"], trusted))
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Line, "get", get)
    monkeypatch.setenv("SD", "hush")
    told = []
    listing = Listing(url="http://sd/t?x=1", headers={"Authorization": "env:SD"}, every=Duration(10.0))
    async with following(clock, told, http=(listing,)):
        await clock.advance(55)
    assert asked[0] == ("/t?x=1", "hush", None)
    assert told[0] == (
        "j",
        "http http://sd/t",
        [{"__address__": "h:1", "a": "b", "__meta_url": "http://sd/t"}],
        "",
    )
    assert [one[2] for one in told[1:]] == [None, None, None, None, []]
    assert [bool(one[3]) for one in told[1:]] == [True, True, True, True, False]


@pytest.mark.parametrize("size", [1, discovery.LARGE])
async def test_a_large_list_is_read_in_a_thread(clock, monkeypatch, size):
    threads = []

    async def to_thread(work, *given):
        threads.append(work)
        return work(*given)

    async def get(self, *given, **_):
        return Answer(200, JSON, b'[{"targets": ["h:1"]}]' + b" " * size)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    monkeypatch.setattr(Line, "get", get)
    told = []
    async with following(clock, told, http=(Listing(url="http://sd/t"),)):
        await clock.advance(1)
    assert threads == ([target_list.read_json] if size > 1 else [])
    assert [one["__address__"] for one in told[0][2]] == ["h:1"]


async def test_names_are_asked_one_by_one_and_keep_what_they_had(clock, monkeypatch, at_once):
    answers = {"a": [[{"__address__": "1:1"}], OSError("no answer")], "b": [ValueError("none"), []]}

    def asked(name, kind, port):
        answer = answers[name].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(discovery, "ask", asked)
    told = []
    async with following(clock, told, dns=(Names(names=("a", "b"), every=Duration(10.0)),)):
        await clock.advance(15)
    assert told == [
        ("j", "dns SRV a", [{"__address__": "1:1"}], "b: none"),
        ("j", "dns SRV a", [{"__address__": "1:1"}], "a: no answer"),
    ]


async def test_a_job_that_changes_is_followed_anew_and_one_that_goes_is_not(clock, at_once, tmp_path):
    told = []
    async with following(clock, told, files=(f"{tmp_path}/*.json",)) as found:
        await clock.advance(1)
        found.replace({"k": Scrape(files=(f"{tmp_path}/*.json",))})
        await clock.advance(1)
        found.replace({})
        await clock.advance(20)
    assert [one[0] for one in told] == ["j", "k"]


def test_a_records_are_asked_of_the_system():
    assert ask("127.0.0.1", "A", 9100) == [{"__address__": "127.0.0.1:9100", "__meta_dns_name": "127.0.0.1"}]
    assert ask("::1", "AAAA", 1) == [{"__address__": "[::1]:1", "__meta_dns_name": "::1"}]
    with pytest.raises(socket.gaierror):
        ask("127.0.0.1", "AAAA", 1)


def test_srv_records_say_host_and_port(monkeypatch):
    answer = type("Record", (), {"target": "h1.example.", "port": 9100})
    monkeypatch.setattr(dns.resolver, "resolve", lambda name, kind, lifetime: [answer])
    assert ask("_m._tcp.example", "SRV", 0) == [
        {
            "__address__": "h1.example:9100",
            "__meta_dns_name": "_m._tcp.example",
            "__meta_dns_srv_record_target": "h1.example.",
            "__meta_dns_srv_record_port": "9100",
        }
    ]

    def fails(name, kind, lifetime):
        raise dns.resolver.NXDOMAIN

    monkeypatch.setattr(dns.resolver, "resolve", fails)
    with pytest.raises(ValueError, match="does not exist"):
        ask("_m._tcp.example", "SRV", 0)


def test_only_files_that_changed_are_read(tmp_path):
    seen = {}
    (tmp_path / "a.json").write_text('[{"targets": ["a:1"]}]')
    (tmp_path / "b.yml").write_text("- targets: ['b:1']")
    patterns = [f"{tmp_path}/*.json", f"{tmp_path}/*.yml"]
    assert read_files(patterns, seen) == (True, [])
    before = dict(seen)
    assert read_files(patterns, seen) == (False, [])
    (tmp_path / "a.json").write_text('[{"targets": ["a:1", "c:1"]}]')
    assert read_files(patterns, seen) == (True, [])
    paths = sorted(seen)
    assert seen[paths[1]] is before[paths[1]]
    assert len(seen[paths[0]].labels) == 2
    (tmp_path / "b.yml").unlink()
    assert read_files(patterns, seen) == (True, [])
    assert list(seen) == paths[:1]


async def test_a_provider_that_fails_for_no_reason_it_knows_ends_discovery(clock, monkeypatch, at_once):
    def fails(name, kind, port):
        raise ArithmeticError("a defect")

    monkeypatch.setattr(discovery, "ask", fails)
    found = Discovery(Context(), clock, lambda *given: None)
    found.replace({"j": Scrape(dns=(Names(names=("a",)),)), "k": Scrape(files=("/nowhere/*.json",))})
    with pytest.raises(ExceptionGroup) as seen:
        await asyncio.wait_for(found.run(), 5)
    assert seen.group_contains(ArithmeticError)
