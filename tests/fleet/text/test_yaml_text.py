"""A YAML text knows the line of every part, and says where it is none."""

import pytest

from fleet.text.fault import Fault
from fleet.text.place import Place
from fleet.text.yaml_text import NotYaml, YamlText, listed

TEXT = YamlText("""\
policy: human
rules:
  - name: one
    when:
      hardware: virtual
  - name: two
""")


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("policy",), 1),
        (("rules",), 2),
        (("rules", 0), 3),
        (("rules", 0, "when"), 4),
        (("rules", 0, "when", "hardware"), 5),
        (("rules", 1, "name"), 6),
        (("rules", 1, "when"), 6),  # what is not there is missing in what is around it
        (("policy", 0), 1),
        (("rules", "name"), 2),
    ],
)
def test_a_fault_is_at_the_line_of_its_part_or_of_the_innermost_one_around_it(
    place: tuple[str | int, ...], line: int
) -> None:
    assert TEXT.fault(place, "it is wrong", "Correct it").line == Place(line)


def test_a_fault_names_its_place() -> None:
    fault, of_all = (TEXT.fault(p, "it is wrong", "Correct it") for p in (("rules", 1), ()))

    assert fault == Fault(Place(6), "rules.1", "", "rules.1: it is wrong", "Correct it")
    assert (of_all.column, of_all.problem) == ("", "the file: it is wrong")


def test_the_first_line_that_says_something_is_that_of_a_whole_file() -> None:
    assert YamlText("\n# a word before\n\nrules: []\n").fault((), "it is wrong", "").line == Place(
        4
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: 1\nb: 2\n", []),
        ("a: 1\nb: 2\na: 3\na: 4\n", [3, 4]),
        ("- a: 1\n  a: 2\n- a: 3\n", [2]),
        ("a:\n  - b: 1\n    b: 2\n", [3]),
        ("a: {b: 1}\nc: {b: 1}\n", []),
        ("1: a\n'1': b\n", [2]),
        ("just a text", []),
        ("", []),
    ],
)
def test_a_key_that_is_there_twice_is_a_fault_wherever_it_is(text: str, lines: list[int]) -> None:
    assert [each.line for each in YamlText(text).doubled()] == [Place(line) for line in lines]


def test_a_key_that_is_there_twice_is_named_with_what_helps() -> None:
    assert [*YamlText("a: 1\na: 2\n").doubled()] == [
        Fault(Place(2), "a", "a", "a: it is here twice", "Remove one of them")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "line 1: "),
        ("a: b\n c: d", "line 2: mapping values are not allowed here"),
        ("a: &x 1\nb: *x\n", "line 2: write out what *x stands for"),
        ("a: 2026-02-31\n", "day is out of range for month"),
        ("a: !!timestamp soon", "a value in it does not fit its tag"),
        ("a: !!bool maybe", "a value in it does not fit its tag"),
        ("a: !!int ''", "a value in it does not fit its tag"),
        ("!!timestamp {=: 1}", "a value in it does not fit its tag"),
        ('a: "\\U99999999"', "or is no character"),
        ("[" * 51 + "]" * 51, "it is nested too deeply"),
        ("a: \x00", "it cannot be read"),
    ],
)
def test_what_is_no_yaml_says_where_and_why(text: str, said: str) -> None:
    with pytest.raises(NotYaml) as refused:
        YamlText(text)

    assert said in str(refused.value)
    assert "None" not in str(refused.value)


def test_fifty_parts_inside_of_each_other_are_read() -> None:
    assert YamlText("[" * 50 + "]" * 50).value


def test_more_than_fifty_parts_beside_each_other_are_read() -> None:
    assert YamlText("- []\n" * 60).value == [[]] * 60


def test_a_list_of_faults_names_each_once_on_a_line_of_its_own() -> None:
    one, two = (
        Fault(Place(3), "a", "", "a: it is wrong", "Correct it"),
        Fault(Place(1), "", "", "no", "Yes"),
    )

    assert listed([one, two, one]) == "- line 3: a: it is wrong. Correct it\n- line 1: no. Yes"
