"""Policy files as people write them down: every fault with its line, its value and its remedy."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fleet.admission.condition import Arrival, Condition
from fleet.admission.policy import HUMAN, Basis, Policy, Rule
from fleet.admission.policy_file import (
    UnusablePolicy,
    WrittenPolicy,
    built_in,
    read_policy,
    schema,
)
from fleet.admission.suspicion import SuspicionKind
from fleet.state.verdict import Decision

FOLDER = Path(__file__).parents[3] / "deployments" / "policies"
EXAMPLE, SCHEMA = FOLDER / "example.yaml", FOLDER / "policy.schema.json"
GOOD = """
policy: human
mode: shadow
quorum: 2
requester_may_approve: false
rules:
  - name: no unknown devices
    then: reject
    reason: only devices of the roster
    when:
      suspicion: [unknown device, clone]
  - name: working hours
    then: hold
    reason: nobody is on site
    unless:
      arrived: {days: [mon, fri], from: "06:00", until: "18:30", zone: Europe/Berlin}
"""


def refusal(text: str) -> str:
    with pytest.raises(UnusablePolicy) as error:
        read_policy(text, "sites/plant-7")
    return str(error.value)


def asking(words: str) -> str:
    """A policy whose only rule asks `words`, on line 7."""
    rule = "  - name: a\n    then: reject\n    reason: b\n    when:\n"
    return f"policy: human\nrules:\n{rule}      {words}\n"


def words_of(text: str) -> Condition:
    return read_policy(asking(text), "any").rules[0].when


# What can be read


def test_a_good_policy_is_read() -> None:
    policy = read_policy(GOOD, "sites/plant-7")

    hours = Arrival(days=("mon", "fri"), until="18:30", zone="Europe/Berlin", **{"from": "06:00"})
    assert policy == Policy(
        basis=Basis.HUMAN,
        rules=(
            Rule(
                "no unknown devices",
                Decision.REJECT,
                Condition(suspicion=(SuspicionKind.UNKNOWN_DEVICE, SuspicionKind.CLONE)),
                reason="only devices of the roster",
            ),
            Rule(
                "working hours",
                Decision.HOLD,
                unless=Condition(arrived=hours),
                reason="nobody is on site",
            ),
        ),
        shadow=True,
        quorum=2,
        requester_may_approve=False,
        name="sites/plant-7",
        version=policy.version,
    )


@pytest.mark.parametrize("basis", [*Basis])
def test_a_policy_of_one_line_is_the_built_in_one(basis: Basis) -> None:
    policy = read_policy(f"policy: {basis.value}", basis.value)

    one = built_in(basis.value)
    assert one is not None
    assert (policy.basis, policy.rules, policy.shadow) == (one.basis, one.rules, one.shadow)
    assert (policy.quorum, policy.requester_may_approve) == (one.quorum, one.requester_may_approve)


def test_no_other_name_is_built_in() -> None:
    assert built_in("human") is HUMAN
    assert built_in("sites/plant-7") is None


def test_one_word_may_stand_where_a_list_may() -> None:
    assert words_of("suspicion: unknown device") == words_of("suspicion: [unknown device]")
    assert words_of("arrived: {days: mon}") == words_of("arrived: {days: [mon]}")


@pytest.mark.parametrize("written", ["2026-11-20T06:00:00Z", "'2026-11-20T07:00:00+01:00'"])
def test_an_instant_may_stand_in_quotes_or_without(written: str) -> None:
    arrived = words_of(f"arrived: {{after: {written}}}").arrived

    assert arrived is not None
    assert arrived.after == datetime(2026, 11, 20, 6, tzinfo=UTC)


# Its version


def test_a_version_does_not_change_with_comments_layout_and_what_is_meant_anyway() -> None:
    laid_out = GOOD.replace(
        "[unknown device, clone]", "\n        - unknown device\n        - 'clone' # both"
    )
    spelt_out = GOOD.replace("    unless:", "    when: {}\n    unless:")

    versions = {read_policy(text, "any").version for text in (GOOD, laid_out, spelt_out)}

    assert len(versions) == 1


@pytest.mark.parametrize(
    "change",
    [
        ("policy: human", "policy: exact-match"),
        ("mode: shadow", "mode: enforce"),
        ("quorum: 2", "quorum: 3"),
        ("requester_may_approve: false", ""),
        ("then: reject", "then: hold"),
        ("nobody is on site", "everybody is at home"),
        ("name: no unknown devices", "name: unknown devices"),
        ("[unknown device, clone]", "[unknown device]"),
        ('"18:30"', '"18:31"'),
        ("unless:", "when:"),
    ],
    ids=lambda change: change[0],
)
def test_a_version_changes_with_what_a_policy_says(change: tuple[str, str]) -> None:
    changed = GOOD.replace(*change)

    assert read_policy(changed, "any").version != read_policy(GOOD, "any").version


def test_a_policy_stays_as_it_was_written() -> None:
    written = WrittenPolicy.model_validate({"policy": "human"})

    with pytest.raises(ValidationError, match="frozen"):
        written.quorum = 2


def test_a_version_does_not_change_from_release_to_release() -> None:
    assert read_policy("policy: human", "any").version == "4b764616f3c7"


@pytest.mark.parametrize("written", ["many", "-1", "1.5", "[1]"])
def test_a_fault_is_found_at_its_word_and_at_none_of_the_words_inside(written: str) -> None:
    changed = GOOD.replace(
        "rules:",
        f"rules:\n  - name: n\n    then: hold\n    reason: r\n"
        f"    when: {{machines_more_than: {written}}}",
        1,
    )

    with pytest.raises(UnusablePolicy) as refusal:
        read_policy(changed, "any")

    faults = str(refusal.value).splitlines()[1:]
    assert len(faults) == 2
    assert all(": rules.0.when.machines_more_than: " in fault for fault in faults)


def test_a_version_is_the_same_for_the_same_policy_under_another_name() -> None:
    assert read_policy(GOOD, "a").version == read_policy(GOOD, "b").version


# Faults


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("policy: human", ""), "line 3: policy: field required. Add it"),
        (
            ("policy: human", "policy: robot"),
            "line 2: policy: input should be 'exact-match', 'human' or 'zero-touch' ('robot'). "
            "Write one of these words",
        ),
        (
            ("quorum: 2", "quorum: 0"),
            "line 4: quorum: input should be greater than or equal to 1 ('0'). Correct it",
        ),
        (
            ("quorum: 2", "quarum: 2"),
            "line 4: quarum: extra inputs are not permitted. Remove it, or correct its spelling",
        ),
        (("    then: hold\n", ""), "line 12: rules.1.then: field required. Add it"),
        (
            ("then: hold", "then: leave"),
            "line 13: rules.1.then: input should be 'approve', 'reject' or 'hold' ('leave'). "
            "Write one of these words",
        ),
        (("reason: nobody is on site", "reason: ''"), "line 14: rules.1.reason: string should"),
        (
            ("name: working hours", "name: no unknown devices"),
            "line 12: rules.1.name: two rules have this name. Give each rule a name of its own",
        ),
        (
            ("quorum: 2", "quorum: 2\nquorum: 1"),
            "line 5: quorum: it is here twice. Remove one of them",
        ),
        (
            ("then: reject", "then: reject\n    then: approve"),
            "line 9: then: it is here twice. Remove one of them",
        ),
    ],
    ids=[
        "no policy",
        "no such policy",
        "no quorum",
        "no such key",
        "no decision",
        "no such decision",
        "no reason",
        "doubled name",
        "doubled key",
        "doubled key in a rule",
    ],
)
def test_a_fault_of_a_policy_is_reported_with_line_value_and_remedy(
    change: tuple[str, str], message: str
) -> None:
    assert message in refusal(GOOD.replace(*change))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "arrived: {until: 18:30}",
            "arrived.until: it is not read as text ('1110'). Put it in quotes",
        ),
        ("arrived: {from: 6:00}", "arrived.from: it is not read as text ('360'). Put it in quotes"),
        (
            "arrived: {from: '6:00'}",
            "arrived.from: it is not a time of day ('6:00'). Write hours and minutes in quotes, "
            'such as "06:00"',
        ),
        ("version_at_least: 3.5", "version_at_least: it is not read as text ('3.5'). Put it in"),
        (
            "version_below: new",
            "version_below: it is not a version, such as 3.5.4 ('new'). Correct",
        ),
        (
            "arrived: {after: 2026-11-20 06:00:00}",
            "arrived.after: input should have timezone info ('2026-11-20 06:00:00'). Add its zone, "
            "such as 2026-11-20T06:00:00Z",
        ),
        ("arrived: {before: 2026-11-20}", "arrived.before: input should have timezone info"),
        (
            "arrived: {after: 20261120}",
            "arrived.after: it is not an instant, such as 2026-11-20T06",
        ),
        (
            "arrived: {after: '20261120'}",
            "arrived.after: it is not an instant, such as 2026-11-20T06",
        ),
        (
            "arrived: {zone: Mars/Base}",
            "arrived.zone: it is not a time zone, such as Europe/Berlin",
        ),
        ("arrived: {days: [friday]}", "arrived.days.0: input should be 'mon', 'tue'"),
        (
            "arrived: {until: '00:00'}",
            "arrived: `from` and `until` are the same time; leave out both",
        ),
        ("arrived:", "arrived: it has no value. Write one, or remove it"),
        ("oui: 10:20:30", "oui.0: it is not read as text ('37230'). Put it in quotes"),
        ("oui: [00:1a]", "oui.0: an OUI is the first three bytes of a MAC, such as 00:1a:2b"),
        ("hostname: []", "hostname: the list is empty; leave it out, or fill it"),
        ("hostname: {a: b}", "hostname: it is not a list. Write a list, such as [one, two]"),
        ("burst: 3", "burst: it has no words ('3'). Write words and their values below it"),
        ("burst: {within: hour}", "burst.more_than: field required. Add it"),
        ("machines_more_than: -1", "machines_more_than: input should be greater than or equal to"),
        ("suspicion: [clon]", "suspicion.0: input should be 'unknown device', 'disputed', 'clone'"),
        ("host_id: other", "host_id: input should be 'same', 'differs' or 'not shown' ('other')"),
        ("colour: red", "colour: extra inputs are not permitted. Remove it, or correct"),
    ],
    ids=lambda text: text.split(" ('")[0][:40],
)
def test_a_fault_of_a_rule_is_reported_with_line_value_and_remedy(words: str, message: str) -> None:
    assert f"- line 7: rules.0.when.{message}" in refusal(asking(words))


@pytest.mark.parametrize("words", ["suspicion: stranger", "suspicion: [stranger]"])
def test_the_former_word_for_an_unknown_device_is_refused_with_the_new_one(words: str) -> None:
    assert refusal(asking(words)) == (
        "The policy sites/plant-7 has faults:\n- line 7: rules.0.when.suspicion.0: "
        "`stranger` is now called `unknown device`. Rename it"
    )


def test_all_faults_are_reported_at_once_and_each_once() -> None:
    message = refusal("quorum: 0\nmode: dark\nrules:\n  - name: a\n    then: kill\n")

    assert message.startswith("The policy sites/plant-7 has faults:\n- line ")
    assert [line.split(": ")[0] for line in sorted(message.splitlines()[1:])] == [
        "- line 1",
        "- line 1",
        "- line 2",
        "- line 4",
        "- line 5",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("policy: [", "The policy sites/plant-7 is not YAML: line 1: expected the node content"),
        ("a: b\n c: d", "The policy sites/plant-7 is not YAML: line 2: mapping values are not"),
        ("policy: human\n---\npolicy: human", "is not YAML: line 2: but found another document"),
        ("policy: human\nrules: &a [*a]", "is not YAML: line 2: write out what *a stands for"),
        ("policy: 2026-02-31", "is not YAML: day is out of range for month"),
        ("", "says nothing. It begins with the line 'policy: exact-match'"),
        ("# policy: human", "says nothing. It begins with the line 'policy: exact-match'"),
        ("- policy: human", "says nothing. It begins with the line 'policy: exact-match'"),
        ("policy: human\nrules:", "line 2: rules: it is not a list. Write a list"),
    ],
    ids=[
        "open",
        "indented",
        "two",
        "alias",
        "no day",
        "empty",
        "only a comment",
        "a list",
        "no rules",
    ],
)
def test_what_is_no_policy_is_refused_in_words(text: str, message: str) -> None:
    assert message in refusal(text)


@given(st.text() | st.text().map(asking) | st.text().map(lambda text: f"policy: {text}"))
def test_any_text_is_a_policy_or_is_refused_in_words(text: str) -> None:
    with suppress(UnusablePolicy):
        assert read_policy(text, "any").version


# For editors, and to begin with


def test_the_schema_beside_the_example_is_the_one_of_this_version() -> None:
    assert SCHEMA.read_text("utf-8") == json.dumps(schema(), indent=2) + "\n"


@pytest.mark.parametrize("text", [GOOD, EXAMPLE.read_text("utf-8")], ids=["good", "example"])
def test_what_can_be_read_fits_the_schema(text: str) -> None:
    written = json.loads(json.dumps(yaml.safe_load(text), default=str))

    jsonschema.Draft202012Validator(schema()).validate(written)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "policy: robot",
        asking("suspicion: [clon]"),
        asking("hostname: []"),
        asking("arrived: {from: '6:00'}"),
        asking("arrived:"),
        asking("colour: red"),
        asking("version_below: 3.5"),
    ],
)
def test_an_editor_shows_what_would_be_refused(text: str) -> None:
    assert not jsonschema.Draft202012Validator(schema()).is_valid(yaml.safe_load(text))
    refusal(text)


def test_the_example_is_read_and_names_its_schema() -> None:
    text = EXAMPLE.read_text("utf-8")

    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA.name}\n")
    assert read_policy(text, "example").rules


def test_the_example_shows_every_word() -> None:
    rules = read_policy(EXAMPLE.read_text("utf-8"), "example").rules
    conditions = [each for rule in rules for each in (rule.when, rule.unless) if each]
    arrivals = [each.arrived for each in conditions if each.arrived]

    shown = {word for each in conditions for word in each.model_fields_set}
    of_arrivals = {word for each in arrivals for word in each.model_fields_set}

    assert shown == set(Condition.model_fields)
    assert of_arrivals == set(Arrival.model_fields)


def test_an_unless_that_exempts_everybody_is_a_fault() -> None:
    text = "policy: human\nrules:\n  - {name: a, then: reject, reason: r, unless: {}}\n"

    with pytest.raises(UnusablePolicy, match=r"line 3.*so that the rule would never apply"):
        read_policy(text, "p")
