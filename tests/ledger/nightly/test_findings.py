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
from tests.laws import SAME_FIXTURES
from tests.ledger.running import rows

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
LAW = settings(SAME_FIXTURES, max_examples=10)


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


def saved(engine, *found, nights=0, checked=everything):
    """What is known once `found` was found, so many nights after the first."""
    return Ledger(engine).findings.save(found, checked, NOW + nights * DAY)


def test_without_a_night_nothing_is_known(engine):
    assert Ledger(engine).findings.known() == {}


def test_a_finding_is_known_from_the_night_that_found_it_first(engine):
    found = saved(engine, ONE, TWO)

    assert found.keys() == {ONE.key, TWO.key}
    assert found[ONE.key] == Known(found[ONE.key].id, NOW, 0, None, None)


def test_all_of_a_finding_is_written(engine):
    saved(engine, ONE)

    (row,) = rows(engine, FindingRow)
    assert (row.site, row.connection, row.kind, row.subject) == ONE.key
    assert (row.device, row.reason) == ("edge-1", "provisioning failed")
    assert (row.first_seen, row.last_seen, row.ended_at) == (NOW, NOW, None)


def test_a_finding_of_no_device_and_no_site_is_stored_too(engine):
    stray = a_finding("d1", kind=FindingKind.UNLISTED, site="", device=None)

    assert saved(engine, stray).keys() == {stray.key}


def test_a_finding_keeps_its_first_night_and_its_actions_over_the_nights(engine):
    first = saved(engine, ONE)
    Ledger(engine).findings.acted([ONE], NOW)

    for night in range(1, 4):
        found = saved(engine, ONE, nights=night)

    assert found == {ONE.key: Known(first[ONE.key].id, NOW, 1, NOW, None)}
    assert [row.last_seen for row in rows(engine, FindingRow)] == [NOW + 3 * DAY]


def test_a_finding_has_the_reason_of_the_last_night(engine):
    saved(engine, ONE)

    saved(engine, replace(ONE, reason="provisioning failed; retried once"), nights=1)

    assert [row.reason for row in rows(engine, FindingRow)] == ["provisioning failed; retried once"]


def test_what_was_checked_and_not_found_has_ended(engine):
    saved(engine, ONE, TWO)

    found = saved(engine, TWO, nights=1)

    assert found.keys() == {TWO.key}
    ended = {row.subject: row.ended_at for row in rows(engine, FindingRow)}
    assert ended == {"edge-1": NOW + DAY, "edge-2": None}


def test_what_was_not_checked_stays(engine):
    before = saved(engine, ONE, TWO)

    found = saved(engine, nights=1, checked=lambda key: key == TWO.key)

    assert found == {ONE.key: before[ONE.key]}


def test_what_is_found_where_nobody_checked_for_it_is_known_all_the_same(engine):
    assert saved(engine, ONE, checked=nothing).keys() == {ONE.key}


def test_what_ended_begins_anew_when_it_is_found_again(engine):
    first = saved(engine, ONE)
    Ledger(engine).findings.acted([ONE], NOW)
    Ledger(engine).findings.reported(Ledger(engine).findings.known().values(), NOW)
    saved(engine, nights=1)

    again = saved(engine, ONE, nights=2)

    (anew,) = again.values()
    assert anew == Known(anew.id, NOW + 2 * DAY)
    assert anew.id != first[ONE.key].id
    assert len(rows(engine, FindingRow)) == 2


def test_what_ended_stays_as_it_ended(engine):
    saved(engine, ONE)
    saved(engine, nights=1)

    saved(engine, nights=2)
    Ledger(engine).findings.acted([ONE], NOW + 2 * DAY)
    Ledger(engine).findings.reported(Ledger(engine).findings.known().values(), NOW + 2 * DAY)

    (row,) = rows(engine, FindingRow)
    assert (row.ended_at, row.actions, row.reported_at) == (NOW + DAY, 0, None)


def test_each_part_of_a_key_makes_another_finding(engine):
    others = [
        replace(ONE, site="plant-8"),
        replace(ONE, connection="lem-south"),
        replace(ONE, kind=FindingKind.MISSING),
        replace(ONE, subject="edge-9"),
    ]

    found = saved(engine, ONE, *others)

    assert len({each.id for each in found.values()}) == 5


def test_actions_are_counted_for_the_findings_that_were_acted_on(engine):
    saved(engine, ONE, TWO)

    Ledger(engine).findings.acted([ONE], NOW)
    Ledger(engine).findings.acted([ONE], NOW + DAY)

    found = Ledger(engine).findings.known()
    assert (found[ONE.key].actions, found[ONE.key].last_action_at) == (2, NOW + DAY)
    assert (found[TWO.key].actions, found[TWO.key].last_action_at) == (0, None)


def test_an_action_on_what_is_not_known_is_not_counted(engine):
    saved(engine, TWO)

    Ledger(engine).findings.acted([ONE], NOW)

    assert [each.actions for each in Ledger(engine).findings.known().values()] == [0]


def test_what_a_report_said_is_reported(engine):
    saved(engine, ONE)
    Ledger(engine).findings.reported(Ledger(engine).findings.known().values(), NOW)
    saved(engine, ONE, TWO, nights=1)

    assert {key[3]: each.reported_at for key, each in Ledger(engine).findings.known().items()} == {
        "edge-1": NOW,
        "edge-2": None,
    }


def test_a_later_report_says_of_it_again(engine):
    saved(engine, ONE)
    Ledger(engine).findings.reported(Ledger(engine).findings.known().values(), NOW)
    saved(engine, ONE, nights=1)

    Ledger(engine).findings.reported(Ledger(engine).findings.known().values(), NOW + DAY)

    assert [each.reported_at for each in Ledger(engine).findings.known().values()] == [NOW + DAY]


def test_what_was_not_checked_keeps_its_actions_and_when_it_was_reported(engine):
    first = saved(engine, ONE)
    Ledger(engine).findings.acted([ONE], NOW)
    Ledger(engine).findings.reported(Ledger(engine).findings.known().values(), NOW)

    found = saved(engine, nights=1, checked=nothing)

    assert found == {ONE.key: Known(first[ONE.key].id, NOW, 1, NOW, NOW)}


def test_actions_on_what_came_back_are_counted_from_none(engine):
    saved(engine, ONE)
    for _ in range(3):
        Ledger(engine).findings.acted([ONE], NOW)
    saved(engine, nights=1)
    saved(engine, ONE, nights=2)

    Ledger(engine).findings.acted([ONE], NOW + 2 * DAY)

    assert [each.actions for each in Ledger(engine).findings.known().values()] == [1]
    assert sorted(row.actions for row in rows(engine, FindingRow)) == [1, 3]


def test_to_record_no_action_counts_nothing(engine):
    saved(engine, ONE)

    Ledger(engine).findings.acted([], NOW)

    assert [each.actions for each in Ledger(engine).findings.known().values()] == [0]


def test_a_finding_is_forgotten_as_soon_as_it_ended_before_the_limit(engine):
    saved(engine, ONE)
    saved(engine, nights=1)
    ended = NOW + DAY

    forgotten = [
        Ledger(engine).findings.prune(limit) for limit in (ended - INSTANT, ended, ended + INSTANT)
    ]

    assert forgotten == [0, 0, 1]


def test_a_limit_is_the_same_instant_in_any_time_zone(engine):
    saved(engine, ONE)
    saved(engine, nights=1)
    elsewhere = timezone(timedelta(hours=9))

    assert Ledger(engine).findings.prune((NOW + DAY).astimezone(elsewhere)) == 0
    assert Ledger(engine).findings.prune((NOW + DAY + INSTANT).astimezone(elsewhere)) == 1


def test_what_came_back_outlives_its_past(engine):
    saved(engine, ONE)
    saved(engine, nights=1)
    again = saved(engine, ONE, nights=2)

    assert Ledger(engine).findings.prune(NOW + 9 * DAY) == 1
    assert Ledger(engine).findings.known() == again


def test_what_ended_long_ago_is_forgotten(engine):
    saved(engine, ONE, TWO)
    saved(engine, TWO, nights=1)

    stored_for_now = Ledger(engine).findings.prune(NOW + DAY)
    forgotten = Ledger(engine).findings.prune(NOW + 2 * DAY)

    assert (stored_for_now, forgotten) == (0, 1)
    assert [row.subject for row in rows(engine, FindingRow)] == ["edge-2"]


def test_what_has_not_ended_is_never_forgotten(engine):
    saved(engine, ONE)

    assert Ledger(engine).findings.prune(NOW + 9999 * DAY) == 0
    assert Ledger(engine).findings.known().keys() == {ONE.key}


def test_another_run_knows_what_this_one_saved(url, engine):
    found = saved(engine, ONE)

    own = connect(url)
    again = Ledger(own).findings.known()
    own.dispose()

    assert again == found


@LAW
@given(st.lists(st.sets(st.sampled_from("abcd")), min_size=1, max_size=6))
def test_after_any_nights_exactly_what_the_last_one_found_is_known_since_it_began(engine, nights):
    saved(engine)

    for number, subjects in enumerate(nights):
        found = saved(engine, *map(a_finding, sorted(subjects)), nights=number)

    began = {}
    for subject in nights[-1]:
        absent = [n for n, subjects in enumerate(nights) if subject not in subjects]
        began[subject] = NOW + (max(absent, default=-1) + 1) * DAY
    assert {key[3]: each.first_seen for key, each in found.items()} == began
