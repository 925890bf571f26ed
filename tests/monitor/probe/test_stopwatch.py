"""Phases of an enquiry."""

from gadfly.monitor.probe.stopwatch import Stopwatch


def test_phases_add_up_to_the_whole() -> None:
    times = iter((10.0, 11.0, 13.0, 16.0, 20.0))
    watch = Stopwatch(lambda: next(times), "dns")
    watch.start("connect")
    watch.start("dns")
    watch.start("connect")
    assert watch.stop() == 10.0
    assert watch.phases == {"dns": 4.0, "connect": 6.0}
