"""From pending over firing to over: the states of a rule's alerts in time."""

from __future__ import annotations

import pytest

from gadfly.rules.active import Active, Alerts, restored

KEY = (("alertname", "A"),)


def holding(now: float, value: float = 1.0) -> dict[tuple[tuple[str, str], ...], Active]:
    return {KEY: Active({"alertname": "A"}, {"value": str(value)}, value, now)}


def states(alerts: Alerts, script: str) -> str:
    """One letter a second: `x` it holds, `-` it does not; gives p(ending), f(iring), r(esolved), a dot."""
    found = ""
    for now, letter in enumerate(script):
        alerts.turn(holding(float(now)) if letter == "x" else {}, float(now))
        one = alerts.active.get(KEY)
        found += "." if one is None else {"pending": "p", "firing": "f", "inactive": "r"}[one.state]
    return found


@pytest.mark.parametrize(
    ("hold", "keep", "script", "wanted"),
    [
        (0, 0, "xx-", "ffr"),
        (2, 0, "xxxx--", "ppffrr"),
        (2, 0, "xx-xxx", "pp.ppf"),
        (0, 2, "x---", "fffr"),
        (0, 2, "x-x---", "fffffr"),
        (1, 1, "x-x-", "p.p."),
        (0, 0, "x-x", "frf"),
    ],
)
def test_states(hold: float, keep: float, script: str, wanted: str) -> None:
    assert states(Alerts(hold, keep), script) == wanted


def test_it_is_forgotten_a_quarter_of_an_hour_after_its_end() -> None:
    alerts = Alerts(0, 0)
    states(alerts, "x-")
    alerts.turn({}, 901.0)
    assert alerts.active
    alerts.turn({}, 902.0)
    assert not alerts.active


def test_what_is_said_when() -> None:
    alerts = Alerts(1, 0)

    def said(now: float) -> list[str]:
        return [one.state for one in alerts.to_say(now, 60)]

    alerts.turn(holding(0), 0)
    assert said(0) == []
    alerts.turn(holding(1, 2.0), 1)
    assert said(1) == ["firing"]
    assert alerts.active[KEY].annotations == {"value": "2.0"}
    assert said(2) == []
    assert said(61) == ["firing"]
    alerts.turn({}, 62)
    assert said(62) == ["inactive"]
    assert said(200) == []
    assert alerts.standing() == []


def test_who_looks_while_a_thread_has_its_turn() -> None:
    alerts = Alerts(0, 0)
    alerts.turn({(("n", str(number)),): Active({}, {}, 1.0, 0.0) for number in range(3)}, 0.0)

    class Ending(Active):
        """Another ends while somebody looks at this one."""

        @property
        def over(self) -> None:  # type: ignore[override]
            alerts.active.pop((("n", "0"),), None)

        @over.setter
        def over(self, to: None) -> None:
            pass

    alerts.active = {(("n", "x"),): Ending({}, {}, 1.0, 0.0), **alerts.active}
    assert len(alerts.standing()) == 4


def test_the_time_that_nobody_looked_counts_for_nothing() -> None:
    assert restored(began=100, seen=160, now=400, hold=300) == 340
    assert restored(began=100, seen=460, now=900, hold=300) == 100
