"""A job is scraped at its times; what fails, comes and goes is told as Prometheus tells it."""

import asyncio
import contextlib
import itertools
import json

import pytest
from msgspec import structs

from gadfly.config import Config
from gadfly.config import scrape as config_scrape
from gadfly.config.scrape import Scrape
from gadfly.config.section import Duration
from gadfly.intake.fetch import Answer, Line, TooLarge
from gadfly.intake.scrape_job import MANY, Job
from gadfly.intake.scraping import Scraping
from gadfly.intake.target_series import REPORTS

TEXT = {"content-type": "text/plain; version=0.0.4"}


def config(**jobs):
    return Config(scrape={name: Scrape(every=Duration(10.0), **job) for name, job in jobs.items()})


@pytest.fixture
def answers(monkeypatch):
    """What each host answers: bytes, a status, or an exception."""
    found = {}
    asked = []

    async def get(self, context, place, headers, trusted, *, deadline, limit, redirects=0):
        asked.append((place.host, headers))
        answer = found.get(place.host, ConnectionRefusedError(111, "Connection refused"))
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            return await answer()
        return Answer(200, TEXT, answer) if isinstance(answer, bytes) else Answer(answer, TEXT, b"")

    monkeypatch.setattr(Line, "get", get)
    found["asked"] = asked
    return found


@contextlib.asynccontextmanager
async def running(settings, store, clock):
    scraping = Scraping(settings, clock, name="node", store=lambda: store)
    task = asyncio.create_task(scraping.run())
    await clock.advance(0)
    try:
        yield scraping
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def threaded(monkeypatch):
    """What was given to a thread; it is done at once."""
    found = []

    async def to_thread(work, *given):
        found.append(work.__name__)
        return work(*given)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    return found


async def test_each_target_is_asked_once_an_interval(store, clock, answers):
    answers["good"] = b"# TYPE a counter\n# HELP a Words\na 1\n"
    answers["none"] = b""
    async with running(config(j={"targets": ("good:1", "bad:1", "none:1")}), store, clock) as scraping:
        await clock.advance(31)
        assert [value for _, value in store.of("a", instance="good:1", job="j")] == [1.0] * 3
        times = [at for at, _ in store.of("a")]
        assert [after - before for before, after in itertools.pairwise(times)] == [10_000] * 2
        assert [value for _, value in store.of("up", instance="bad:1")] == [0.0] * 3
        assert [value for _, value in store.of("up", instance="none:1")] == [1.0] * 3
        assert {value for _, value in store.of("scrape_samples_scraped", instance="good:1")} == {1.0}
        assert [value for _, value in store.of("scrape_series_added", instance="good:1")] == [1.0, 0.0, 0.0]
        assert store.described["a"] == ("counter", "Words", "")
        assert store.sources == {"scrape:j", "scrape report:j"}
        assert store.writers == {"a": "scrape:j"} | dict.fromkeys(REPORTS, "scrape report:j")
        counts = scraping.counts()
        assert (counts["targets_up"], counts["targets_down"], counts["failed_total"]) == (2, 1, 3)
        (page,) = scraping.shown()
        assert {one.labels["instance"]: one.error for one in page.targets} == {
            "good:1": "",
            "bad:1": "Connection refused",
            "none:1": "",
        }


async def test_a_job_that_has_used_up_its_series_still_tells_which_targets_are_up(store, clock, answers):
    answers["h"], store.no_room_for = b"a 1\n", "scrape:j"
    async with running(config(j={"targets": ("h:1", "bad:1")}), store, clock) as scraping:
        await clock.advance(11)
        assert store.of("a") == []
        (words,) = scraping.warnings()
        assert words.startswith("scrape j: 1 refused: this source has too many live series")
        store.no_room_for = ""
        await clock.advance(700)
        assert scraping.warnings() == []
        assert {value for _, value in store.of("up", instance="h:1")} == {1.0}
        assert {value for _, value in store.of("up", instance="bad:1")} == {0.0}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (503, "answered with status 503"),
        (b"a 1\nb\n", "line 2: 'b' is not name{labels} value [milliseconds]"),
        (TimeoutError(), "no answer within 10 s"),
        (TooLarge(), "answered with more than 64 MB; raise `body_mb`, or expose less"),
        (b"a 1\nb 1\nc 1\n", "3 samples; `samples` allows 2"),
    ],
)
async def test_a_scrape_that_fails_ends_what_was_there(store, clock, answers, answer, words):
    answers["h"] = b"a 1\n"
    async with running(config(j={"targets": ("h:1",), "samples": 2}), store, clock) as scraping:
        await clock.advance(11)
        answers["h"] = answer
        await clock.advance(10)
        assert [value for _, value in store.of("a")] == [1.0, "stale"]
        assert [value for _, value in store.of("up")] == [1.0, 0.0]
        assert scraping.shown()[0].targets[0].error == words
        answers["h"] = b"a 2\n"
        await clock.advance(10)
        assert [value for _, value in store.of("a")] == [1.0, "stale", 2.0]


async def test_a_target_that_hangs_keeps_nobody_waiting_and_is_not_asked_twice(store, clock, answers):
    hanging = asyncio.Event()

    async def hang():
        await hanging.wait()
        return Answer(200, TEXT, b"a 1\n")

    answers["slow"], answers["h"] = hang, b"a 1\n"
    async with running(config(j={"targets": ("slow:1", "h:1")}), store, clock) as scraping:
        await clock.advance(31)
        assert len(store.of("up", instance="h:1")) == 3
        assert [host for host, _ in answers["asked"]].count("slow") == 1
        assert scraping.counts()["skipped_total"] in (2, 3)
        hanging.set()
        await clock.advance(10)
        assert store.of("up", instance="slow:1")[0][1] == 1.0


async def test_no_more_are_asked_at_one_time_than_there_is_room_for(store, clock, answers):
    hanging = asyncio.Event()

    async def hang():
        await hanging.wait()
        return Answer(200, TEXT, b"")

    answers["a"] = answers["b"] = answers["c"] = hang
    settings = structs.replace(
        config(j={"targets": ("a:1", "b:1", "c:1")}), scraping=config_scrape.Scraping(at_once=2)
    )
    async with running(settings, store, clock) as scraping:
        await clock.advance(10.5)
        assert len(answers["asked"]) == 2
        assert scraping.counts()["asking"] == 2
        assert scraping.counts()["skipped_total"] >= 1
        hanging.set()
        await clock.advance(10)
        assert {one.health for one in scraping.shown()[0].targets} == {"up"}


async def test_a_target_that_is_taken_out_ends_after_an_interval(store, clock, answers):
    answers["h"] = answers["i"] = b"a 1\n"
    async with running(config(j={"targets": ("h:1", "i:1")}), store, clock) as scraping:
        await clock.advance(11)
        last = store.of("up", instance="h:1")[-1][0]
        scraping.reconfigure(config(j={"targets": ("i:1",)}))
        await clock.advance(25)
        for metric in ("a", "up", "scrape_duration_seconds"):
            assert store.of(metric, instance="h:1")[-1] == (last + 10_000, "stale")
        assert [value for _, value in store.of("a", instance="i:1")] == [1.0] * 3


async def test_a_job_that_is_taken_out_ends_and_one_that_stays_goes_on(store, clock, answers):
    answers["h"] = b"a 1\n"
    async with running(config(j={"targets": ("h:1",)}, k={"targets": ("h:1",)}), store, clock) as scraping:
        await clock.advance(11)
        scraping.reconfigure(config(k={"targets": ("h:1",), "labels": {}, "samples": 9}))
        await clock.advance(20)
        assert store.of("a", job="j")[-1][1] == "stale"
        assert [value for _, value in store.of("a", job="k")] == [1.0] * 3


async def test_a_target_that_comes_back_goes_on(store, clock, answers):
    answers["h"] = b"a 1\nb 1\n"
    async with running(config(j={"targets": ("h:1",)}), store, clock) as scraping:
        await clock.advance(11)
        scraping.reconfigure(config(j={"targets": ("i:1",)}))
        await clock.advance(0.5)
        answers["h"] = b"a 1\n"
        scraping.reconfigure(config(j={"targets": ("h:1",)}))
        await clock.advance(20)
        assert [value for _, value in store.of("a")] == [1.0] * len(store.of("a"))
        assert [value for _, value in store.of("b")] == [1.0, "stale"]


async def test_a_node_that_stops_ends_no_series(store, clock, answers):
    answers["h"] = b"a 1\n"
    async with running(config(j={"targets": ("h:1",)}), store, clock):
        await clock.advance(10)
    assert [value for _, value in store.of("a")] == [1.0]


async def test_a_store_that_does_not_take_samples_is_said_and_scraping_goes_on(store, clock, answers):
    answers["h"] = b"a 1\n"
    async with running(config(j={"targets": ("h:1",)}), store, clock) as scraping:
        store.full = True
        await clock.advance(11)
        assert "the disk is full" in scraping.warnings()[0]
        assert scraping.counts()["refused_total"] > 0
        store.full = False
        await clock.advance(10)
        assert scraping.warnings() == []
        assert len(store.of("a")) == 1


async def test_too_many_targets_are_not_asked_and_said(store, clock, answers):
    job = {"targets": ("h:1", "i:1", "no/target"), "target_limit": 1}
    async with running(config(j=job), store, clock) as scraping:
        await clock.advance(20)
        assert answers["asked"] == []
        assert [words[:20] for words in scraping.warnings()] == [
            "scrape j: 2 targets;",
            "scrape j: 1 of what ",
        ]


async def test_secrets_are_sent_and_a_missing_one_is_the_target_s_error(store, clock, answers, monkeypatch):
    monkeypatch.setenv("TOKEN", "hush")
    answers["h"] = answers["i"] = b""
    jobs = config(
        a={"targets": ("h:1",), "bearer": "env:TOKEN", "headers": {"X-A": "b"}},
        b={"targets": ("i:1",), "user": "me", "password": "env:NOWHERE_AT_ALL"},
    )
    async with running(jobs, store, clock) as scraping:
        await clock.advance(11)
        headers = dict(answers["asked"])["h"]
        assert (headers["Authorization"], headers["X-A"]) == ("Bearer hush", "b")
        assert headers["X-Prometheus-Scrape-Timeout-Seconds"] == "10"
        assert "NOWHERE_AT_ALL" in scraping.shown()[1].targets[0].error
        assert "i" not in dict(answers["asked"])


async def test_a_large_answer_is_read_in_a_thread(store, clock, answers, monkeypatch):
    threads = []

    async def to_thread(work, *given):
        threads.append(work)
        return work(*given)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    answers["h"] = b"a 1\n# " + b"x" * 300_000 + b"\n"
    async with running(config(j={"targets": ("h:1",)}), store, clock):
        await clock.advance(11)
        assert len(threads) == 1
        assert [value for _, value in store.of("a")] == [1.0]


async def test_numbers_that_the_store_forgot_are_asked_anew(store, clock, answers):
    answers["h"] = b"a 1\n"
    async with running(config(j={"targets": ("h:1",)}), store, clock) as scraping:
        await clock.advance(11)
        store.forgets = True
        await clock.advance(10)
        assert scraping.counts()["refused_total"] > 0
        store.keys.clear()
        store.samples.clear()
        await clock.advance(10)
        assert [value for _, value in store.of("a", instance="h:1")] == [1.0]
        assert [value for _, value in store.of("up", instance="h:1")] == [1.0]


async def test_jobs_of_a_prometheus_yml_are_jobs_and_read_in_a_thread(
    store, clock, answers, tmp_path, monkeypatch
):
    threads = threaded(monkeypatch)
    answers["h"] = answers["i"] = b"a 1\n"
    file = tmp_path / "prometheus.yml"
    file.write_text(
        "scrape_configs: [{job_name: p, static_configs: [{targets: ['h:1']}], scrape_interval: 10s}]"
    )
    settings = config(j={"targets": ("i:1",)})
    settings = structs.replace(settings, scraping=config_scrape.Scraping(files=(str(file), "/nowhere.yml")))
    async with running(settings, store, clock) as scraping:
        await clock.advance(11)
        assert [page.job for page in scraping.shown()] == ["j", "p"]
        assert len(store.of("a", job="p", instance="h:1")) == 1
        assert threads == ["declared_jobs"]
        scraping.reconfigure(structs.replace(settings, scraping=config_scrape.Scraping()))
        await clock.advance(1)
        assert [page.job for page in scraping.shown()] == ["j"]


async def test_many_targets_are_relabelled_in_a_thread(store, clock, answers, monkeypatch, tmp_path):
    threads = threaded(monkeypatch)
    (tmp_path / "t.json").write_text(json.dumps([{"targets": [f"h{n}:1" for n in range(MANY + 1)]}]))
    jobs = config(j={"files": (f"{tmp_path}/*.json",)}, k={"targets": ("h:1",)})
    async with running(jobs, store, clock) as scraping:
        await clock.advance(1)
        assert scraping.counts()["targets"] == MANY + 2
        assert threads == ["read_files", "targets"]


@pytest.mark.parametrize("after", [{}, {"j": {"targets": ("i:1",)}}], ids=["taken out", "changed"])
async def test_a_reload_while_targets_are_relabelled_is_the_last_word(
    store, clock, answers, monkeypatch, after
):
    relabelled = asyncio.Event()

    async def to_thread(work, *given):
        await relabelled.wait()
        return work(*given)

    many = tuple(f"h{n}:1" for n in range(MANY + 1))
    async with running(config(j={"targets": ("h:1",)}), store, clock) as scraping:
        monkeypatch.setattr(asyncio, "to_thread", to_thread)
        telling = asyncio.create_task(scraping._told("j", "http", [{"__address__": one} for one in many], ""))
        await clock.advance(1)
        scraping.reconfigure(config(**after))
        await clock.advance(1)
        relabelled.set()
        await telling
        await clock.advance(1)
        answers["asked"].clear()
        await clock.advance(11)
        assert [host for host, _ in answers["asked"]] == (["i"] if after else [])


async def test_files_are_read_again_when_they_change(store, clock, answers, tmp_path, monkeypatch):
    async def at_once(work, *given):
        return work(*given)

    monkeypatch.setattr(asyncio, "to_thread", at_once)
    answers["h"] = answers["i"] = b"a 1\n"
    file = tmp_path / "t.json"
    file.write_text('[{"targets": ["h:1"]}]')
    async with running(config(j={"files": (f"{tmp_path}/*.json",)}), store, clock) as scraping:
        await clock.advance(11)
        assert [one.labels["instance"] for one in scraping.shown()[0].targets] == ["h:1"]
        file.write_text('[{"targets": ["h:1", "i:1"], "labels": {}}]')
        await clock.advance(6)
        assert [one.labels["instance"] for one in scraping.shown()[0].targets] == ["h:1", "i:1"]
        file.write_text("[")
        await clock.advance(6)
        assert len(scraping.shown()[0].targets) == 2
        assert "not JSON" in scraping.warnings()[0]
        file.write_text("[]")
        await clock.advance(6)
        assert scraping.warnings() == []
        assert scraping.counts()["targets"] == 0


@pytest.mark.parametrize("what", ["a reload", "a store that forgot"])
async def test_what_comes_while_an_answer_is_read_waits_for_it(store, clock, answers, monkeypatch, what):
    answers["h"] = b"a 1\n"
    async with running(config(j={"targets": ("h:1",)}), store, clock) as scraping:
        intern, came = store.intern, []

        def interning(labels, source=""):
            if labels[0]["__name__"] == "b" and not came:
                came.append(what)
                if what == "a reload":
                    scraping.jobs["j"].configure(config(j={"targets": ("h:1",), "samples": 9}).scrape["j"])
                else:
                    scraping.jobs["j"].forget_numbers()
            return intern(labels, source)

        monkeypatch.setattr(store, "intern", interning)
        await clock.advance(11)
        answers["h"] = b"a 1\nb 1\n"
        await clock.advance(20)
        assert came
        assert [value for _, value in store.of("up")] == [1.0] * 3
        assert [value for _, value in store.of("a")] == [1.0] * 3
        assert [value for _, value in store.of("b")] == [1.0] * 2
        answers["h"] = b"a 1\n" * 10
        await clock.advance(10)
        assert store.of("up")[-1][1] == (0.0 if what == "a reload" else 1.0)


async def test_an_error_of_ours_is_a_scrape_that_failed(store, clock, answers, monkeypatch, caplog):
    answers["h"] = b"a 1\n"
    async with running(config(j={"targets": ("h:1",)}), store, clock) as scraping:
        await clock.advance(11)
        with monkeypatch.context() as broken:
            broken.setattr(Job, "parse", lambda *given: [][0])
            await clock.advance(20)
        assert [value for _, value in store.of("a")] == [1.0, "stale"]
        assert scraping.shown()[0].targets[0].error.endswith("told in its log: IndexError")
        assert caplog.text.count("list index out of range") == 1
        await clock.advance(10)
        assert [value for _, value in store.of("up")] == [1.0, 0.0, 0.0, 1.0]
        assert [value for _, value in store.of("a")] == [1.0, "stale", 1.0]
