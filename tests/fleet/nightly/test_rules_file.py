"""Files of night rules: what is left out stays safe, and every fault has its line and its mend."""

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fleet.nightly.catalog import FindingKind
from fleet.nightly.rule import NightRule, Remediation
from fleet.nightly.rules import NightRules, default_rules
from fleet.nightly.rules_file import UnusableNightRules, WrittenRules, read_night_rules, schema

FOLDER = Path(__file__).parents[3] / "deployments" / "night-rules"
EXAMPLE, SCHEMA = FOLDER / "example.yaml", FOLDER / "night-rules.schema.json"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GOOD = """
failed:
  do: retry
  times: 5
  gap: 30m
held:
  do: reject
  after: 2d
sites:
  plant-8:
    failed: {times: 9}
    missing: {after: 1d}
"""


def read(text: str) -> NightRules:
    return read_night_rules(text, "night.yaml")


def refusal(text: str) -> str:
    with pytest.raises(UnusableNightRules) as error:
        read(text)
    return str(error.value)


# What can be read


def test_a_good_file_is_read() -> None:
    rules = read(GOOD)

    failed = NightRule(Remediation.RETRY, times=5, gap=timedelta(minutes=30))
    held = NightRule(Remediation.REJECT, after=2 * DAY, times=1, gap=HOUR)
    assert rules.rules == default_rules() | {FindingKind.FAILED: failed, FindingKind.HELD: held}


def test_a_site_has_its_own_rules_and_for_the_rest_those_of_all() -> None:
    rules = read(GOOD)

    own = NightRule(Remediation.RETRY, times=9, gap=timedelta(minutes=30))
    assert rules.of("plant-8", FindingKind.FAILED) == own
    assert rules.of("plant-8", FindingKind.MISSING) == NightRule(after=DAY)
    assert rules.of("plant-8", FindingKind.HELD) == rules.of("plant-7", FindingKind.HELD)
    assert rules.of("plant-7", FindingKind.FAILED).times == 5
    assert rules.of("plant-7", FindingKind.MISSING) == NightRule()


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# nothing yet\n", "{}", "null", "failed:\n", "failed: {}", "failed: {do:}"],
    ids=repr,
)
def test_a_file_that_says_nothing_is_as_no_file(text: str) -> None:
    rules = read(text)

    assert rules.rules == default_rules()
    assert rules.sites == {}


@pytest.mark.parametrize(
    ("said", "record"),
    [
        ("failed: {times: 9}", NightRule(Remediation.RETRY, times=9)),
        ("failed: {gap: 2d}", NightRule(Remediation.RETRY, times=3, gap=2 * DAY)),
        ("failed: {after: 2h}", NightRule(Remediation.RETRY, 2 * HOUR, times=3)),
        ("failed: {do: report}", NightRule(Remediation.REPORT, times=3)),
    ],
)
def test_what_a_rule_leaves_out_is_as_without_a_file(said: str, record: NightRule) -> None:
    rules = read(said)

    assert rules.rules == default_rules() | {FindingKind.FAILED: record}


@pytest.mark.parametrize("name", [*FindingKind])
def test_every_kind_can_be_named(name: str) -> None:
    rules = read(f"{name}: {{after: 5d}}")

    assert rules.rules[FindingKind(name)].after == 5 * DAY


def test_every_kind_has_one_name_and_one_word_of_a_file() -> None:
    assert [*WrittenRules.model_fields] == [*FindingKind]


@pytest.mark.parametrize("name", [*FindingKind])
@pytest.mark.parametrize("remediation", [*Remediation])
def test_a_rule_may_say_to_do_what_is_possible_and_nothing_else(
    name: str, remediation: Remediation
) -> None:
    text = f"{name}: {{do: {remediation.value}}}"
    possible = {Remediation.REPORT, *FindingKind(name).record.remediations}

    if remediation in possible:
        assert read(text).rules[FindingKind(name)].do is remediation
    else:
        message = f"line 1: {name}.do: {remediation.value} is not possible here. Write "
        assert message + " or ".join(sorted(possible)) in refusal(text)


# Its version


@pytest.mark.parametrize(
    "same",
    [
        GOOD.replace("30m", "30m  # half an hour"),
        GOOD.replace("after: 2d", "after: 48h"),
        GOOD.replace("times: 5", 'times: "5"'),
        "held: {after: 2d, do: reject}\n" + GOOD.replace("held:\n  do: reject\n  after: 2d\n", ""),
    ],
    ids=["comment", "unit", "quotes", "order"],
)
def test_a_version_does_not_change_with_layout_and_spelling(same: str) -> None:
    assert read(same).version == read(GOOD).version


@pytest.mark.parametrize(
    "change",
    [
        ("times: 5", "times: 6"),
        ("30m", "31m"),
        ("do: reject", "do: report"),
        ("after: 2d", ""),
        ("plant-8", "plant-9"),
        ("missing", "unlisted"),
    ],
    ids=lambda change: change[0],
)
def test_a_version_changes_with_what_a_file_says(change: tuple[str, str]) -> None:
    assert read(GOOD.replace(*change)).version != read(GOOD).version


def test_a_version_is_the_same_under_another_name_and_there_is_one_for_an_empty_file() -> None:
    assert read_night_rules(GOOD, "a").version == read_night_rules(GOOD, "b").version
    assert len(read("").version) == 12


# Faults


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("held:", "hold:"),
            "line 6: hold: extra inputs are not permitted (\"{'do': 'reject', 'after': '2d'}\"). "
            "Remove it, or correct its spelling",
        ),
        (
            ("times: 5", "tries: 5"),
            "line 4: failed.tries: extra inputs are not permitted ('5'). Remove it, or correct "
            "its spelling",
        ),
        (
            ("do: retry", "do: restart"),
            "line 3: failed.do: input should be 'report', 'retry', 're-enroll' or 'reject' "
            "('restart'). Correct it",
        ),
        (
            ("do: retry", "do: reject"),
            "line 3: failed.do: reject is not possible here. Write report or retry",
        ),
        (
            ("missing: {after: 1d}", "missing: {do: retry}"),
            "line 12: sites.plant-8.missing.do: retry is not possible here. Write report",
        ),
        (
            ("gap: 30m", "gap: half an hour"),
            "line 5: failed.gap: a duration is a number and a unit, such as 30m, 12h or 3d ('half "
            "an hour'). Correct it",
        ),
        (
            ("after: 2d", "after: 2"),
            "line 8: held.after: a duration is a number and a unit, such as 30m, 12h or 3d ('2').",
        ),
        (("after: 2d", "after: 0.5"), "line 8: held.after: a duration is a number and a unit"),
        (("after: 2d", "after: 12:30"), "line 8: held.after: a duration is a number and a unit"),
        (
            ("times: 5", "times: 0"),
            "line 4: failed.times: input should be greater than or equal to 1 ('0'). Correct it",
        ),
        (
            ("times: 5", "times: 21"),
            "line 4: failed.times: input should be less than or equal to 20 ('21'). Correct it",
        ),
        (
            ("plant-8", "Plant 8"),
            "line 10: sites.Plant 8: string should match pattern '^[a-z0-9]+(-+[a-z0-9]+)*$' "
            "('Plant 8'). Correct it",
        ),
        (
            ("times: 5", "times: 5\n  times: 4"),
            "line 5: times: it is here twice. Remove one of them",
        ),
        (
            ("sites:", "failed: {}\nsites:"),
            "line 9: failed: it is here twice. Remove one of them",
        ),
        (("failed: {times: 9}", "sites: {}"), "line 11: sites.plant-8.sites: extra inputs are not"),
        (("failed: {times: 9}", "failed: retry"), "line 11: sites.plant-8.failed: input should be"),
    ],
    ids=[
        "unknown kind",
        "unknown word",
        "unknown deed",
        "impossible deed",
        "impossible deed of a site",
        "no duration",
        "no unit",
        "a fraction",
        "a time of day",
        "never",
        "too often",
        "no site's name",
        "doubled word",
        "doubled kind",
        "sites of a site",
        "no words",
    ],
)
def test_a_fault_is_reported_with_line_value_and_remedy(
    change: tuple[str, str], message: str
) -> None:
    assert f"\n- {message}" in refusal(GOOD.replace(*change))


def test_a_version_of_a_file_is_the_same_in_every_release() -> None:
    assert (read(GOOD).version, read("").version) == ("452a5bbd5b47", "44136fa355b3")


def test_a_key_without_a_name_gets_no_new_one() -> None:
    [said] = refusal("'': {do: report}\n").splitlines()[1:]

    assert said.endswith("Remove it, or correct its spelling")


def test_what_sites_of_a_site_say_is_no_second_fault() -> None:
    text = "sites:\n  plant-8:\n    sites:\n      a:\n        missing: {do: retry}\n"

    assert len(refusal(text).splitlines()) == 2


def test_all_faults_are_reported_at_once_and_each_once() -> None:
    text = (
        "missing: {do: retry}\nheld: {after: soon, do: [reject]}\nheld: {}\n"
        "lost: {}\nsites:\n  A: {wrong_site: {do: reject}}\n  b: {failed: {times: 0}}\n"
    )

    message = refusal(text.replace("held: {}\n", "") + "failed: {}\nfailed: {}\n")

    assert message.startswith("The night rules night.yaml have faults:\n- line ")
    assert sorted(line.split(": ")[1] for line in message.splitlines()[1:]) == [
        "failed",
        "held.after",
        "held.do",
        "lost",
        "missing.do",
        "sites.A",
        "sites.A.wrong_site.do",
        "sites.b.failed.times",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("failed: [", "The night rules night.yaml are not YAML: line 1: expected the node content"),
        ("a: b\n c: d", "The night rules night.yaml are not YAML: line 2: mapping values are not"),
        ("failed: &a {do: *a}", "are not YAML: line 1: write out what *a stands for"),
        ("failed: {}\n---\nheld: {}", "are not YAML: line 2: but found another document"),
        ("- failed", "The night rules night.yaml say nothing. Begin with: failed:"),
        ("failed", "The night rules night.yaml say nothing. Begin with: failed:"),
        ("sites:", "line 1: sites: input should be a valid dictionary"),
        ("sites: {plant-8: }", "line 1: sites.plant-8: input should be"),
        ("sites: {8: {}}", "line 1: sites.8: input should be a valid string"),
    ],
    ids=[
        "open",
        "indented",
        "alias",
        "two",
        "a list",
        "a word",
        "no sites",
        "an empty site",
        "a number",
    ],
)
def test_what_is_no_file_of_rules_is_refused_in_words(text: str, message: str) -> None:
    assert message in refusal(text)


@given(
    st.text()
    | st.text().map(lambda text: f"failed: {text}")
    | st.text().map(lambda text: f"sites:\n  plant-8:\n    held: {{after: {text}}}")
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from([*FindingKind, "do"]), inner)
        ),
    ).map(lambda value: json.dumps({"failed": value, "sites": {"a": value}, "do": value}))
)
def test_any_text_is_a_file_of_rules_or_is_refused_in_words(text: str) -> None:
    with suppress(UnusableNightRules):
        assert read(text).rules.keys() == {*FindingKind}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gone: {after: 1d}", "line 1: gone: gone has a new name. Write missing"),
        ("alive: {}", "line 1: alive: alive has a new name. Write retired_in_service"),
        (
            "enrolment_ended:\n  do: report",
            "line 1: enrolment_ended: enrolment_ended has a new name. Write enrollment_ended",
        ),
        (
            "sites:\n  plant-8:\n    gone: {}",
            "line 3: sites.plant-8.gone: gone has a new name. Write missing",
        ),
        (
            "enrollment_ended:\n  do: re-enrol",
            "line 2: enrollment_ended.do: re-enrol has a new name. Write re-enroll",
        ),
    ],
    ids=["missing", "retired", "enrollment", "of a site", "remediation"],
)
def test_a_former_name_is_refused_with_the_new_one(text: str, message: str) -> None:
    assert message in refusal(text)


# For editors, and to begin with


def test_the_schema_beside_the_example_is_the_one_of_this_version() -> None:
    assert SCHEMA.read_text("utf-8") == json.dumps(schema(), indent=2) + "\n"


@pytest.mark.parametrize("text", [GOOD, EXAMPLE.read_text("utf-8")], ids=["good", "example"])
def test_what_can_be_read_fits_the_schema(text: str) -> None:
    jsonschema.Draft202012Validator(schema()).validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        "hold: {}",
        "failed: {tries: 3}",
        "failed: {do: restart}",
        "failed: {times: 0}",
        "held: {after: 2}",
        "held: {after: 0.5}",
        "held: {after: soon}",
        "sites: {Plant 8: {}}",
    ],
)
def test_an_editor_shows_what_would_be_refused(text: str) -> None:
    assert not jsonschema.Draft202012Validator(schema()).is_valid(yaml.safe_load(text))
    refusal(text)


def test_the_example_is_read_and_names_its_schema() -> None:
    text = EXAMPLE.read_text("utf-8")

    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA.name}\n")
    assert read(text).sites


def test_the_example_shows_every_kind_every_word_and_every_remediation() -> None:
    shown = yaml.safe_load(EXAMPLE.read_text("utf-8"))

    rules = [shown[name] for name in FindingKind]
    assert {word for rule in rules for word in rule} == {"do", "after", "times", "gap"}
    assert {rule.get("do", "report") for rule in rules} == {*Remediation}
    assert shown["sites"]


def test_what_the_example_says_of_doing_without_a_file_is_so() -> None:
    assert (
        default_rules()[FindingKind.FAILED]
        == read(EXAMPLE.read_text("utf-8")).rules[FindingKind.FAILED]
    )
    assert default_rules()[FindingKind.HELD] == NightRule(after=12 * HOUR)
