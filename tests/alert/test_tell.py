import pytest

from gadfly.alert.route import Terms
from gadfly.alert.tell import Facts, Kind, Plan, plan

TERMS = Terms(wait=0.0, interval=30.0, repeat=1000.0)


@pytest.mark.parametrize(
    ("facts", "terms", "expected"),
    [
        (Facts(), TERMS, Plan()),
        (Facts(fresh=1, opened=100), TERMS, Plan(Kind.firing)),
        (Facts(fresh=1, opened=100), Terms(wait=5), Plan(due=105)),
        (Facts(fresh=1, opened=95), Terms(wait=5), Plan(Kind.firing)),
        # much at once: a breath, so that the first message has its size
        (Facts(fresh=100, opened=100, joined=100), TERMS, Plan(due=100.4)),
        (Facts(fresh=100, opened=85, joined=100), TERMS, Plan(Kind.firing)),
        (Facts(fresh=100, opened=99, joined=99.5), TERMS, Plan(Kind.firing)),
        # many others are under suspicion: this may be the first sign of more
        (Facts(fresh=1, opened=100, brewing=0.04), TERMS, Plan(due=100.5)),
        (Facts(fresh=1, opened=100, brewing=0.05), TERMS, Plan(due=100.5)),
        (Facts(fresh=1, opened=94.2, brewing=0.05), TERMS, Plan(due=100.2)),
        (Facts(fresh=1, opened=93.9, brewing=0.05), TERMS, Plan(Kind.firing)),
        (Facts(fresh=1, opened=99, brewing=0.04), TERMS, Plan(Kind.firing)),
        (Facts(fresh=100, opened=99, joined=99.5, brewing=0.4), TERMS, Plan(due=101.5)),
        (Facts(fresh=100, opened=99, joined=99.5, brewing=1.0), TERMS, Plan(due=100.5)),
        (Facts(fresh=1, opened=90, brewing=0.5), TERMS, Plan(due=100.5)),
        (Facts(fresh=100, opened=80, joined=99.5, brewing=0.1), TERMS, Plan(due=101.5)),
        (Facts(fresh=100, opened=80, joined=99.9), TERMS, Plan(Kind.firing)),
        (Facts(fresh=1000, opened=80, joined=100.0), TERMS, Plan(due=102.0)),
        (Facts(fresh=1, opened=55.2, brewing=0.5), TERMS, Plan(due=100.2)),
        (Facts(fresh=1, opened=54.9, brewing=0.5), TERMS, Plan(Kind.firing)),
        # far more than was told: not only after the interval
        (Facts(messages=1, fresh=100, standing=1, last=99, joined=100), TERMS, Plan(due=100.4)),
        (Facts(messages=1, fresh=100, standing=1, last=99, joined=99), TERMS, Plan(Kind.update)),
        (Facts(messages=1, fresh=100, standing=20, last=99, joined=99), TERMS, Plan(due=129)),
        # told: more of it
        (Facts(messages=1, fresh=1, standing=1, last=90), TERMS, Plan(due=120)),
        (Facts(messages=1, fresh=1, standing=1, last=70), TERMS, Plan(Kind.update)),
        (Facts(messages=1, ended=1, standing=1, last=70), TERMS, Plan(Kind.update)),
        (Facts(messages=1, ended=1, standing=1, last=70), Terms(resolved=False, repeat=0), Plan()),
        (Facts(messages=1, ended=1, fresh=1, last=70), TERMS, Plan(Kind.update)),
        # all of it ended: at once, whatever else is muted
        (Facts(messages=1, ended=1, last=99), TERMS, Plan(Kind.resolved)),
        (Facts(messages=1, ended=1, quiet=1, last=99), TERMS, Plan(due=129)),
        # nothing new
        (Facts(messages=1, standing=1, last=100), TERMS, Plan(due=1100)),
        (Facts(messages=1, standing=1, last=-900), TERMS, Plan(Kind.reminder)),
        (Facts(messages=1, standing=1, last=-900, acknowledged=True), TERMS, Plan()),
        (Facts(messages=1, standing=1, last=-900), Terms(repeat=0), Plan()),
        (Facts(messages=1, quiet=1, last=-900), TERMS, Plan()),
        # nobody answers
        (Facts(messages=1, standing=1, last=0, stepped=0, patience=90), TERMS, Plan(Kind.escalation)),
        (Facts(messages=1, standing=1, last=0, stepped=50, patience=90), TERMS, Plan(due=140)),
        (Facts(messages=1, standing=1, stepped=0, patience=90, acknowledged=True), TERMS, Plan()),
        # another owner's now
        (Facts(messages=1, passed=1, standing=1, fresh=1, last=99), TERMS, Plan(Kind.passed)),
        # it got worse
        (Facts(messages=1, standing=1, last=99, worse=True), TERMS, Plan(Kind.update)),
    ],
)
def test_the_plan_at_100(facts: Facts, terms: Terms, expected: Plan) -> None:
    assert plan(facts, terms, 100.0) == expected
