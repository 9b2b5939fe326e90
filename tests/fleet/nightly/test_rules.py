"""Night rules: nothing is done that nobody asked for, and nothing more often than was said."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.rule import NightRule, Remediation
from fleet.nightly.rules import NightRules, default_rules
from tests.fleet.builders import HOUR, NOW
from tests.laws import met

DAY = timedelta(days=1)
THRICE = NightRule(Remediation.RETRY, times=3, gap=HOUR)

remediations = st.sampled_from(
    [remediation for remediation in Remediation if remediation is not Remediation.REPORT]
)
gaps = st.timedeltas(timedelta(), timedelta(days=99_999))


def a_finding(kind: FindingKind = FindingKind.FAILED, site: str = "plant-7") -> Finding:
    return Finding(kind, site, "lem-north", "edge-1", "provisioning failed", NOW)


def acted(rule: NightRule, moments: list[datetime]) -> list[datetime]:
    """When something is done about a finding that is still there at all those moments."""
    done: list[datetime] = []
    for now in moments:
        if rule.is_due(len(done), done[-1] if done else None, now):
            done.append(now)
    return done


# When something is due


def test_the_first_time_is_at_once() -> None:
    assert THRICE.is_due(0, None, NOW)


def test_each_further_time_comes_after_a_gap_twice_as_long() -> None:
    every_minute = [NOW + timedelta(minutes=n) for n in range(24 * 60)]

    assert acted(THRICE, every_minute) == [NOW, NOW + HOUR, NOW + 3 * HOUR]


@pytest.mark.parametrize(("actions", "gap"), [(1, HOUR), (2, 2 * HOUR)])
def test_a_gap_is_over_to_the_second(actions: int, gap: timedelta) -> None:
    assert not THRICE.is_due(actions, NOW, NOW + gap - timedelta(seconds=1))
    assert THRICE.is_due(actions, NOW, NOW + gap)


def test_without_a_gap_it_is_done_again_the_next_time() -> None:
    rule = NightRule(Remediation.RETRY, times=3, gap=timedelta())

    assert acted(rule, [NOW] * 9) == [NOW] * 3


def test_after_the_last_time_nothing_is_due_and_a_person_must_help() -> None:
    assert not THRICE.is_exhausted(2)
    assert THRICE.is_exhausted(3)
    assert not THRICE.is_due(3, NOW, NOW + 999 * DAY)


def test_what_is_only_reported_is_never_due_and_never_exhausted() -> None:
    rule = NightRule(times=3)

    assert not rule.is_due(0, None, NOW)
    assert not rule.is_exhausted(9)


def test_a_clock_that_was_put_back_makes_nothing_due() -> None:
    assert not THRICE.is_due(1, NOW, NOW - DAY)


# Whose rule


def test_a_site_s_own_rule_stands_before_the_one_for_all() -> None:
    own = NightRule(Remediation.RETRY, times=9)
    rules = NightRules(sites={"plant-8": {FindingKind.FAILED: own}})

    assert rules.rule(a_finding(site="plant-8")) == own
    assert rules.rule(a_finding(site="plant-7")) == default_rules()[FindingKind.FAILED]
    assert rules.of("plant-8", FindingKind.MISSING) == default_rules()[FindingKind.MISSING]


def test_what_is_at_no_site_has_the_rule_for_all() -> None:
    assert (
        NightRules().rule(a_finding(FindingKind.UNLISTED, ""))
        == default_rules()[FindingKind.UNLISTED]
    )


# Without a file


def test_every_kind_has_a_rule() -> None:
    assert default_rules().keys() == {*FindingKind}


def test_without_a_file_nothing_is_done_but_to_retry_what_failed() -> None:
    done = {
        kind: rule.do for kind, rule in default_rules().items() if rule.do is not Remediation.REPORT
    }

    assert done == {FindingKind.FAILED: Remediation.RETRY}


def test_what_is_done_without_a_file_is_possible() -> None:
    for kind, rule in met(default_rules().items()):
        assert rule.do in {Remediation.REPORT, *kind.record.remediations}


# Laws


@given(st.builds(NightRule, do=remediations, times=st.integers(1, 20), gap=gaps), st.data())
def test_over_any_nights_nothing_is_done_more_often_than_was_said(
    rule: NightRule, data: st.DataObject
) -> None:
    nights = data.draw(st.lists(st.integers(0, 900_000).map(lambda h: NOW + h * HOUR)))

    done = acted(rule, sorted(nights))

    waited = [after - before for before, after in pairwise(done)]
    assert len(done) <= rule.times
    assert all(gap / 2**n >= rule.gap for n, gap in enumerate(waited))
    assert rule.is_exhausted(len(done)) is (len(done) == rule.times)


@given(st.builds(NightRule, do=remediations, times=st.just(20), gap=gaps), st.integers(0, 30))
def test_whatever_was_done_under_other_rules_it_can_be_said_what_is_due(
    rule: NightRule, actions: int
) -> None:
    is_due = rule.is_due(actions, NOW, NOW + DAY)

    assert not (is_due and rule.is_exhausted(actions))
