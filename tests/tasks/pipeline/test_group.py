import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.pipeline.group import LARGE, Group, grouped
from tests.fleet.builders import NOW


def test_a_group_of_one_bears_its_devices_name():
    assert str(Group(["action"], ["edge-042"], NOW)) == "edge-042"


def test_a_group_of_many_counts_them_and_names_the_first_and_last():
    names = [f"edge-{number:03}" for number in range(42, 52)]

    assert str(Group(names, names, NOW)) == "10 devices: edge-042 … edge-051"


def actions_in(count, at_most, size=0):
    """How many actions there are in each group."""
    groups = grouped([(f"edge-{number}", number) for number in range(count)], NOW, at_most, size)
    return [len(group.actions) for group in groups]


@given(st.lists(st.text(min_size=1)), st.integers(1, 60), st.integers(1, 50), st.integers(0, 99))
def test_grouping_keeps_every_action_in_order_with_its_name(some, times, at_most, size):
    names = some * times

    groups = grouped([(name, number) for number, name in enumerate(names)], NOW, at_most, size)

    assert [name for group in groups for name in group.names] == names
    assert [action for group in groups for action in group.actions] == list(range(len(names)))
    assert all(len(group.names) == len(group.actions) for group in groups)


@given(st.integers(0, 3000), st.integers(1, 50), st.integers(0, 3000))
def test_there_are_never_more_groups_than_allowed_and_none_is_empty(count, at_most, size):
    sizes = actions_in(count, at_most, size)

    assert len(sizes) <= at_most
    assert all(sizes)


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [1, 1, 1])])
@pytest.mark.parametrize("size", [0, 3])
def test_up_to_the_limit_every_device_has_a_group_of_its_own(count, sizes, size):
    assert actions_in(count, 3, size) == sizes


@pytest.mark.parametrize(
    ("count", "at_most", "sizes"),
    [(0, 3, []), (1, 3, [1]), (3, 3, [3]), (120, 130, [60, 60])],
)
def test_in_a_site_beyond_the_limit_even_a_few_actions_go_in_large_groups(count, at_most, sizes):
    assert actions_in(count, at_most, size=at_most + 1) == sizes


@pytest.mark.parametrize(
    ("count", "at_most", "sizes"),
    [
        (4, 3, [4]),
        (100, 3, [100]),
        (101, 3, [50, 51]),
        (101, 100, [50, 51]),
        (310, 3, [103, 103, 104]),
    ],
)
def test_beyond_the_limit_groups_are_few(count, at_most, sizes):
    assert actions_in(count, at_most) == sizes


@given(st.integers(1, 50), st.integers(1, 3000))
def test_beyond_the_limit_groups_are_even_and_as_few_as_fit_or_larger_still(at_most, more):
    count = at_most + more

    sizes = actions_in(count, at_most)

    assert max(sizes) - min(sizes) <= 1
    if count <= at_most * LARGE:
        assert max(sizes) <= LARGE
        assert len(sizes) == -(-count // LARGE)
    else:
        assert min(sizes) >= LARGE
