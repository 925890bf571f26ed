"""The guards, by name: each a pure function of a plan and a situation, one file each.

A guard returns None where it has nothing against the plan, else its refusal in words that say who must do
what. To add one: a file with a function of this signature, its name in :data:`GUARDS`, and a synthetic
request that it must deny among those with which guards prove themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation

Guard = Callable[[Plan, Situation], str | None]

GUARDS: dict[str, Guard] = {}
LIFTED_BY_PERSONS = frozenset({"autonomy", "consequence", "consent", "announced", "review"})
"""Guards that ask for nothing but a person's word: a plan that only they refuse waits for it."""
