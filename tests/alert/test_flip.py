import pytest

from gadfly.alert.flip import WINDOW, Move, Standing, believed, flapping, judge
from gadfly.monitor.verdict import Verdict

TOLD = frozenset({Verdict.down, Verdict.gray, Verdict.degraded})


@pytest.mark.parametrize(
    ("standing", "after", "move"),
    [
        (Standing.none, Verdict.down, Move.opens),
        (Standing.none, Verdict.healthy, Move.nothing),
        (Standing.none, Verdict.unknown, Move.nothing),
        (Standing.none, Verdict.zombie, Move.nothing),  # not among those told
        (Standing.firing, Verdict.gray, Move.changes),
        (Standing.firing, Verdict.unknown, Move.nothing),
        (Standing.firing, Verdict.healthy, Move.recovers),
        (Standing.firing, Verdict.left, Move.recovers),
        (Standing.firing, Verdict.undeclared, Move.recovers),
        (Standing.recovering, Verdict.down, Move.relapses),
        (Standing.recovering, Verdict.unknown, Move.doubts),
        (Standing.recovering, Verdict.healthy, Move.nothing),
    ],
)
def test_every_pair_has_its_move(standing: Standing, after: Verdict, move: Move) -> None:
    assert judge(standing, after, TOLD) is move


@pytest.mark.parametrize(
    ("crossings", "limit", "expected"),
    [
        ((), 5, False),
        ((0, 1, 2, 3), 5, False),
        ((0, 1, 2, 3, 4), 5, True),
        ((-WINDOW, 1, 2, 3, 4), 5, False),
        ((0, 1, 2, 3, 4), 0, False),
    ],
)
def test_flapping_is_so_many_crossings_in_ten_minutes(crossings: tuple, limit: int, expected: bool) -> None:
    assert flapping(crossings, 5.0, limit) is expected


@pytest.mark.parametrize(
    ("crossings", "due"),
    [((), 13.0), ((1, 2, 3, 4), 13.0), ((1, 2, 3, 4, 10), 601.0), ((1, 2, 3, 4, 5, 10), 602.0)],
)
def test_a_flapping_recovery_is_believed_when_it_has_been_quiet(crossings: tuple, due: float) -> None:
    assert believed(10.0, 3.0, crossings, 5) == due
