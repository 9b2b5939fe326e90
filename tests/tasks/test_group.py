import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.group import Group, grouped


def test_a_group_of_one_bears_its_devices_name():
    assert str(Group(["act"], ["edge-042"])) == "edge-042"


def test_a_group_of_many_counts_them_and_names_the_first_and_last():
    names = [f"edge-{number:03}" for number in range(42, 52)]

    assert str(Group(names, names)) == "10 devices: edge-042 … edge-051"


def test_a_group_keeps_its_name_while_its_acts_are_done():
    group = Group(["a", "b"], ["edge-1", "edge-2"])

    group.acts.pop(0)

    assert str(group) == "2 devices: edge-1 … edge-2"


@given(st.lists(st.text(min_size=1)), st.integers(1, 50))
def test_grouping_keeps_every_act_in_order_with_its_name(names, at_most):
    groups = grouped([(name, name.encode()) for name in names], at_most)

    assert [name for group in groups for name in group.names] == names
    assert [act for group in groups for act in group.acts] == [name.encode() for name in names]


@given(st.integers(0, 300), st.integers(1, 50))
def test_there_are_never_more_groups_than_allowed_and_none_is_empty(count, at_most):
    groups = grouped([(f"edge-{number}", number) for number in range(count)], at_most)

    assert len(groups) <= at_most
    assert all(group.acts for group in groups)


@pytest.mark.parametrize(("count", "sizes"), [(3, [1, 1, 1]), (4, [2, 2]), (5, [2, 2, 1])])
def test_up_to_the_limit_every_device_has_a_group_of_its_own(count, sizes):
    groups = grouped([(str(number), number) for number in range(count)], 3)

    assert [len(group.acts) for group in groups] == sizes
