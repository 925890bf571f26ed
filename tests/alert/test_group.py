import pytest

from gadfly.alert.group import GROWING, STORM, UNTOLD, WINDOW, Candidate, Newcomer, place

H, G, S = ("upon", "h1"), ("group", "web"), ("subnet", "10.0.0.0/24")


def new(name: str, *keys: tuple[str, str], source: str = "", **about: object) -> Newcomer:
    return Newcomer(name, (("upon", name), *keys), source, **about)


def placed(newcomers: list[Newcomer]) -> list[list[str]]:
    return sorted(sorted(one.components) for one in place(newcomers, [], {}, 10.0))


@pytest.mark.parametrize(
    ("newcomers", "groups"),
    [
        ([new("a")], [["a"]]),
        ([new("a"), new("b")], [["a"], ["b"]]),
        ([new("a", H), new("b", H)], [["a", "b"]]),
        ([new("a", G), new("b", G), new("c")], [["a", "b"], ["c"]]),
        ([new("a", H, S), new("b", H, S), new("c", S)], [["a", "b", "c"]]),
        ([new("h1"), new("a", H)], [["a", "h1"]]),
        # what has a source stays with it
        ([new("db"), new("a", source="db"), new("b", source="db"), new("x")], [["a", "b", "db"], ["x"]]),
        # another bucket is another incident
        ([new("a", H, bucket=("x",)), new("b", H, bucket=("y",))], [["a"], ["b"]]),
        ([new("a", bucket=("x",), by_cause=False), new("b", bucket=("x",), by_cause=False)], [["a", "b"]]),
    ],
)
def test_a_batch_is_grouped_by_what_it_shares(newcomers: list[Newcomer], groups: list) -> None:
    assert placed(newcomers) == groups


@pytest.mark.parametrize(("count", "incidents"), [(STORM - 1, STORM - 1), (STORM, 1), (1000, 1)])
def test_much_at_once_is_one_incident(count: int, incidents: int) -> None:
    assert len(place([new(f"c{n}") for n in range(count)], [], {}, 0.0)) == incidents


def test_many_hosts_at_once_are_one_incident() -> None:
    newcomers = [new(f"h{n}") for n in range(50)] + [new(f"c{n}", source=f"h{n % 50}") for n in range(500)]
    assert [len(one.components) for one in place(newcomers, [], {}, 0.0)] == [550]


@pytest.mark.parametrize(
    ("newcomer", "candidate", "home", "joins"),
    [
        (new("b", G), Candidate(7, 1, {G: 1}, 9.0), {}, True),
        (new("b", G), Candidate(7, 1, {G: 1}, 10.0 - WINDOW), {}, False),  # too long ago
        (new("b", G), Candidate(7, 10, {G: 8}, 9.0), {}, True),
        (new("b", G), Candidate(7, 10, {G: 7}, 9.0), {}, False),  # not what they have in common
        (new("b"), Candidate(7, 1, {G: 1}, 9.0), {}, False),
        (new("b", source="db"), Candidate(7, 1, {}, -900.0), {"db": 7}, True),  # however late
        (new("b", source="db", bucket=("x",)), Candidate(7, 1, {}, 9.0), {"db": 7}, False),
        (new("b"), Candidate(7, 50, {}, 9.0, storm=True), {}, True),
        (new("b", by_cause=False), Candidate(7, 5, {}, -900.0, by_cause=False), {}, True),
    ],
)
def test_a_latecomer_joins_what_it_belongs_to(
    newcomer: Newcomer, candidate: Candidate, home: dict, joins: bool
) -> None:
    assert [one.incident for one in place([newcomer], [candidate], home, 10.0)] == [7 if joins else None]


def test_a_storm_that_comes_one_by_one_ends_in_one_incident() -> None:
    candidates = [Candidate(n, 1, {}, 9.0 + n / 100) for n in range(STORM - 1)]
    assert [one.incident for one in place([new("x")], candidates, {}, 10.0)] == [STORM - 2]


def test_a_storm_that_comes_one_by_one_takes_its_beginning_in() -> None:
    candidates = [Candidate(n, 1, {}, 9.0 + n / 100, told=n == 3) for n in range(STORM - 1)]
    (found,) = place([new("x")], candidates, {}, 10.0)
    assert found.incident == STORM - 2
    assert sorted(found.absorbs) == [0, 1, 2, 4, 5, 6, 7]  # what was told by itself stays by itself


def test_a_storm_takes_in_what_began_a_moment_ago() -> None:
    first = [
        Candidate(7, 1, {G: 1}, 9.9),
        Candidate(8, 1, {}, 10.0 - WINDOW),
        Candidate(9, 1, {}, 9.9, told=True),
        Candidate(10, 1, {}, 10.0 - UNTOLD),
    ]
    shares = [new("s", G)]
    (found,) = place([new(f"c{n}") for n in range(STORM)] + shares, first, {}, 10.0)
    assert (found.incident, found.absorbs) == (None, (7, 8))
    assert "s" in found.components


def test_an_open_storm_takes_in_latecomers_and_its_beginning() -> None:
    storm = Candidate(1, 500, {}, 10.0 - GROWING + 0.1, storm=True)
    found = place([new("x", G)], [storm, Candidate(2, 1, {G: 1}, 9.0)], {}, 10.0)
    assert [(one.incident, one.components, one.absorbs) for one in found] == [(1, ("x",), (2,))]
    later = place([new("x")], [Candidate(1, 500, {}, 10.0 - GROWING, storm=True)], {}, 10.0)
    assert [one.incident for one in later] == [None]


def test_a_large_incident_becomes_the_storm() -> None:
    large = Candidate(1, 50, {G: 50}, 9.0)
    found = place([new(f"c{n}") for n in range(STORM)], [large], {}, 10.0)
    assert [one.incident for one in found] == [1]


def test_a_large_incident_of_a_cause_takes_no_strangers() -> None:
    large = Candidate(1, 50, {G: 50}, 10.0 - WINDOW)
    assert [one.incident for one in place([new("b", G), new("x")], [large], {}, 10.0)] == [1, None]


def test_a_storm_does_not_hide_in_an_unrelated_small_incident() -> None:
    found = place([new(f"c{n}") for n in range(STORM)], [Candidate(7, 1, {G: 1}, 9.9)], {}, 10.0)
    assert [one.incident for one in found] == [None]


@pytest.mark.parametrize("about", [{}, {"storm": True}])
def test_an_incident_all_of_which_ended_takes_nobody_in(about: dict[str, bool]) -> None:
    (found,) = place([new("b", G)], [Candidate(7, 0, {}, 9.0, **about)], {}, 10.0)
    assert found.incident is None
