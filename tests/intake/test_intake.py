"""The parts of the intake are made, run, reloaded and counted together."""

import asyncio

from gadfly.config import Config
from gadfly.intake.intake import Intake
from gadfly.own_metrics import families


class Part:
    def __init__(self):
        self.ran = 0
        self.config = None

    async def run(self):
        self.ran += 1

    def reconfigure(self, config):
        self.config = config

    def counts(self):
        return {"targets": 3, "samples_total": 70}

    def warnings(self):
        return ["one target is down"]


def of(**parts):
    made = Intake.__new__(Intake)
    made._parts = parts
    return made


async def test_each_part_is_run_reloaded_and_heard():
    first, second = Part(), Part()
    intake = of(first=first, second=second)
    work = dict(intake.tasks())
    assert list(work) == ["first", "second"]
    await asyncio.gather(*work.values())
    config = Config()
    intake.reconfigure(config)
    assert [one.ran for one in (first, second)] == [1, 1]
    assert first.config is config is second.config
    assert intake.warnings() == ["one target is down"] * 2


def test_what_only_grows_is_a_counter():
    told = {
        (family.type, dict(labels)["part"], dict(labels)["what"]): value
        for family in families(
            verdicts={},
            ear={},
            ear_pid=0,
            alerts={},
            probes={},
            series={},
            series_kept={},
            series_refused={},
            intake=of(scrape=Part()).counts(),
            ledger={},
            rules={},
            started=0.0,
        )
        if family.name.startswith("gadfly_intake")
        for _, labels, value in family.samples
    }
    assert told == {("counter", "scrape", "samples"): 70, ("gauge", "scrape", "targets"): 3}
