"""Rules in every state, evaluated on series in memory."""

from __future__ import annotations

from collections.abc import Sequence

from gadfly.promql import Limits
from gadfly.promql.held import Held
from gadfly.rules import files
from gadfly.rules.standing import GroupStanding

RULES = """
groups:
- name: web
  interval: 15s
  rules:
  - {record: 'job:up:sum', expr: sum by (job) (up)}
  - {alert: Down, expr: up == 0, labels: {severity: page},
     annotations: {summary: '{{ $labels.instance }} down'}}
  - {alert: Waits, expr: 'load > 2', for: 10m}
  - {alert: Near, expr: 'load > 3.5'}
- name: other
  rules:
  - {alert: Broken, expr: 'up + on() up > 1'}
  - {alert: Never, expr: 'none > 1'}
"""


class SimulatedRules:
    """Two groups that had a turn at `now`."""

    def __init__(self, now: float) -> None:
        at = round(now * 1000)
        held = Held.load(
            'up{job="a", instance="one"} 1\nup{job="a", instance="<b onload=x>"} 0\nload{job="a"} 3', 1, at
        )
        self.standing = [GroupStanding(group, 15.0) for group in files.loads(RULES, "/etc/rules.yml")]
        for one in self.standing:
            one.turn(held, at, Limits(), lambda rows: None, "http://here")

    def groups(self) -> Sequence[GroupStanding]:
        return self.standing
