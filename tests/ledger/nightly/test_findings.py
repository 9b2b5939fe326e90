"""Findings: what is found again is the same, and what is not found any more has ended."""

from dataclasses import replace
from datetime import timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from ledger.database.engine import connect
from ledger.database.tables import FindingRow
from ledger.nightly.findings import Known
from ledger.session import Ledger
from tests.fleet.builders import NOW
from tests.laws import SAME_FIXTURES, share_of
from tests.ledger.running import rows

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
LAW = settings(SAME_FIXTURES, max_examples=share_of(10))


def a_finding(subject="edge-1", **more):
    facts = {
        "kind": FindingKind.FAILED,
        "site": "plant-7",
        "connection": "lem-north",
        "subject": subject,
        "reason": "provisioning failed",
        "since": NOW - DAY,
        "device": subject,
    }
    return Finding(**(facts | more))


ONE, TWO = a_finding(), a_finding("edge-2")


def everything(_key):
    return True


def nothing(_key):
    return False


def saved(ledger, *found, nights=0, checked=everything):
    """What is known once `found` was found, so many nights after the first."""
    return ledger.findings.save(found, checked, NOW + nights * DAY)


def test_without_a_night_nothing_is_known(ledger):
    assert ledger.findings.known() == {}


def test_a_finding_is_known_from_the_night_that_found_it_first(ledger):
    found = saved(ledger, ONE, TWO)

    assert found.keys() == {ONE.key, TWO.key}
    assert found[ONE.key] == Known(found[ONE.key].id, NOW, 0, None, None)


def test_all_of_a_finding_is_written(engine, ledger):
    saved(ledger, ONE)

    (row,) = rows(engine, FindingRow)
    assert (row.site, row.connection, row.kind, row.subject) == ONE.key
    assert (row.device, row.reason) == ("edge-1", "provisioning failed")
    assert (row.first_seen, row.last_seen, row.ended_at) == (NOW, NOW, None)


def test_a_finding_of_no_device_and_no_site_is_stored_too(ledger):
    stray = a_finding("d1", kind=FindingKind.UNLISTED, site="", device=None)

    assert saved(ledger, stray).keys() == {stray.key}


def test_a_finding_keeps_its_first_night_and_its_actions_over_the_nights(engine, ledger):
    first = saved(ledger, ONE)
    ledger.findings.acted([ONE], NOW)

    for night in range(1, 4):
        found = saved(ledger, ONE, nights=night)

    assert found == {ONE.key: Known(first[ONE.key].id, NOW, 1, NOW, None)}
    assert [row.last_seen for row in rows(engine, FindingRow)] == [NOW + 3 * DAY]


def test_a_finding_has_the_reason_of_the_last_night(engine, ledger):
    saved(ledger, ONE)

    saved(ledger, replace(ONE, reason="provisioning failed; retried once"), nights=1)

    assert [row.reason for row in rows(engine, FindingRow)] == ["provisioning failed; retried once"]


def test_what_was_checked_and_not_found_has_ended(engine, ledger):
    saved(ledger, ONE, TWO)

    found = saved(ledger, TWO, nights=1)

    assert found.keys() == {TWO.key}
    ended = {row.subject: row.ended_at for row in rows(engine, FindingRow)}
    assert ended == {"edge-1": NOW + DAY, "edge-2": None}


def test_what_was_not_checked_stays(ledger):
    before = saved(ledger, ONE, TWO)

    found = saved(ledger, nights=1, checked=lambda key: key == TWO.key)

    assert found == {ONE.key: before[ONE.key]}


def test_what_is_found_where_nobody_checked_for_it_is_known_all_the_same(ledger):
    assert saved(ledger, ONE, checked=nothing).keys() == {ONE.key}


def test_what_ended_begins_anew_when_it_is_found_again(engine, ledger):
    first = saved(ledger, ONE)
    ledger.findings.acted([ONE], NOW)
    ledger.findings.reported(ledger.findings.known().values(), NOW)
    saved(ledger, nights=1)

    again = saved(ledger, ONE, nights=2)

    (anew,) = again.values()
    assert anew == Known(anew.id, NOW + 2 * DAY)
    assert anew.id != first[ONE.key].id
    assert len(rows(engine, FindingRow)) == 2


def test_what_ended_stays_as_it_ended(engine, ledger):
    saved(ledger, ONE)
    saved(ledger, nights=1)

    saved(ledger, nights=2)
    ledger.findings.acted([ONE], NOW + 2 * DAY)
    ledger.findings.reported(ledger.findings.known().values(), NOW + 2 * DAY)

    (row,) = rows(engine, FindingRow)
    assert (row.ended_at, row.actions, row.reported_at) == (NOW + DAY, 0, None)


def test_each_part_of_a_key_makes_another_finding(ledger):
    others = [
        replace(ONE, site="plant-8"),
        replace(ONE, connection="lem-south"),
        replace(ONE, kind=FindingKind.MISSING),
        replace(ONE, subject="edge-9"),
    ]

    found = saved(ledger, ONE, *others)

    assert len({each.id for each in found.values()}) == 5


def test_actions_are_counted_for_the_findings_that_were_acted_on(ledger):
    saved(ledger, ONE, TWO)

    ledger.findings.acted([ONE], NOW)
    ledger.findings.acted([ONE], NOW + DAY)

    found = ledger.findings.known()
    assert (found[ONE.key].actions, found[ONE.key].last_action_at) == (2, NOW + DAY)
    assert (found[TWO.key].actions, found[TWO.key].last_action_at) == (0, None)


def test_an_action_on_what_is_not_known_is_not_counted(ledger):
    saved(ledger, TWO)

    ledger.findings.acted([ONE], NOW)

    assert [each.actions for each in ledger.findings.known().values()] == [0]


def test_what_a_report_said_is_reported(ledger):
    saved(ledger, ONE)
    ledger.findings.reported(ledger.findings.known().values(), NOW)
    saved(ledger, ONE, TWO, nights=1)

    assert {key[3]: each.reported_at for key, each in ledger.findings.known().items()} == {
        "edge-1": NOW,
        "edge-2": None,
    }


def test_a_later_report_says_of_it_again(ledger):
    saved(ledger, ONE)
    ledger.findings.reported(ledger.findings.known().values(), NOW)
    saved(ledger, ONE, nights=1)

    ledger.findings.reported(ledger.findings.known().values(), NOW + DAY)

    assert [each.reported_at for each in ledger.findings.known().values()] == [NOW + DAY]


def test_what_was_not_checked_keeps_its_actions_and_when_it_was_reported(ledger):
    first = saved(ledger, ONE)
    ledger.findings.acted([ONE], NOW)
    ledger.findings.reported(ledger.findings.known().values(), NOW)

    found = saved(ledger, nights=1, checked=nothing)

    assert found == {ONE.key: Known(first[ONE.key].id, NOW, 1, NOW, NOW)}


def test_actions_on_what_came_back_are_counted_from_none(engine, ledger):
    saved(ledger, ONE)
    for _ in range(3):
        ledger.findings.acted([ONE], NOW)
    saved(ledger, nights=1)
    saved(ledger, ONE, nights=2)

    ledger.findings.acted([ONE], NOW + 2 * DAY)

    assert [each.actions for each in ledger.findings.known().values()] == [1]
    assert sorted(row.actions for row in rows(engine, FindingRow)) == [1, 3]


def test_to_record_no_action_counts_nothing(ledger):
    saved(ledger, ONE)

    ledger.findings.acted([], NOW)

    assert [each.actions for each in ledger.findings.known().values()] == [0]


def test_a_finding_is_forgotten_as_soon_as_it_ended_before_the_limit(ledger):
    saved(ledger, ONE)
    saved(ledger, nights=1)
    ended = NOW + DAY

    forgotten = [
        ledger.findings.prune(limit) for limit in (ended - INSTANT, ended, ended + INSTANT)
    ]

    assert forgotten == [0, 0, 1]


def test_a_limit_is_the_same_instant_in_any_time_zone(ledger):
    saved(ledger, ONE)
    saved(ledger, nights=1)
    elsewhere = timezone(timedelta(hours=9))

    assert ledger.findings.prune((NOW + DAY).astimezone(elsewhere)) == 0
    assert ledger.findings.prune((NOW + DAY + INSTANT).astimezone(elsewhere)) == 1


def test_what_came_back_outlives_its_past(ledger):
    saved(ledger, ONE)
    saved(ledger, nights=1)
    again = saved(ledger, ONE, nights=2)

    assert ledger.findings.prune(NOW + 9 * DAY) == 1
    assert ledger.findings.known() == again


def test_what_ended_long_ago_is_forgotten(engine, ledger):
    saved(ledger, ONE, TWO)
    saved(ledger, TWO, nights=1)

    stored_for_now = ledger.findings.prune(NOW + DAY)
    forgotten = ledger.findings.prune(NOW + 2 * DAY)

    assert (stored_for_now, forgotten) == (0, 1)
    assert [row.subject for row in rows(engine, FindingRow)] == ["edge-2"]


def test_what_has_not_ended_is_never_forgotten(ledger):
    saved(ledger, ONE)

    assert ledger.findings.prune(NOW + 9999 * DAY) == 0
    assert ledger.findings.known().keys() == {ONE.key}


def test_another_run_knows_what_this_one_saved(url, ledger):
    found = saved(ledger, ONE)

    own = connect(url)
    again = Ledger(own).findings.known()
    own.dispose()

    assert again == found


@LAW
@given(st.lists(st.sets(st.sampled_from("abcd")), min_size=1, max_size=6))
def test_after_any_nights_exactly_what_the_last_one_found_is_known_since_it_began(ledger, nights):
    saved(ledger)

    for number, subjects in enumerate(nights):
        found = saved(ledger, *map(a_finding, sorted(subjects)), nights=number)

    began = {}
    for subject in nights[-1]:
        absent = [n for n, subjects in enumerate(nights) if subject not in subjects]
        began[subject] = NOW + (max(absent, default=-1) + 1) * DAY
    assert {key[3]: each.first_seen for key, each in found.items()} == began
