"""A plan comes back as it was made, with what was sent for it, or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from fleet.planning.site_plan import differences
from ledger.database.tables import SitePlanRow
from ledger.keys.record_keys import DoesNotHold
from ledger.state.site_plans import NoPlan, content_hash
from tests.fleet.builders import HOUR, NOW
from tests.fleet.planning.test_site_plan import a_plan, line

SENT = "device,mac\nedge-1,02:df:39:32:24:99\n"


def saved(ledger, sent=SENT, now=NOW, **more):
    plan = a_plan(content=content_hash(sent), **more)
    ledger.site_plans.save(plan, sent, "plan plant-7", now)
    return plan


@pytest.mark.parametrize("sent", [SENT, SENT.encode("utf-16"), "lone \ud800", b"PK\x03\x04\xff"])
def test_what_was_sent_and_planned_comes_back(ledger, sent):
    plan = saved(ledger, sent)

    found = ledger.site_plans.find(plan.id, "plant-7")

    assert (found.sent, found.plan, found.plan.hash) == (sent, plan, plan.hash)
    assert (found.made_at, found.begun_at, found.ended_at) == (NOW, None, None)
    assert list(differences(plan, found.plan)) == []


@pytest.mark.parametrize("wanted", ["", "3f9a", "zz" * 8, "0" * 16, "%%%%%%%%%%%%%%%%"])
def test_a_plan_that_is_not_there_is_refused(ledger, wanted):
    saved(ledger)

    with pytest.raises(NoPlan):
        ledger.site_plans.find(wanted, "plant-7")


def test_a_plan_for_another_site_is_refused(ledger):
    plan = saved(ledger)

    with pytest.raises(NoPlan):
        ledger.site_plans.find(plan.id, "plant-8")


def test_the_first_run_that_begins_to_apply_a_plan_stays_recorded(ledger, engine):
    plan = saved(ledger)

    ledger.site_plans.begin(plan, "first", NOW)
    ledger.site_plans.begin(plan, "second", NOW + HOUR)
    saved(ledger, now=NOW + HOUR)

    assert ledger.site_plans.find(plan.id, "plant-7").begun_at == NOW
    with Session(engine) as session:
        [row] = session.exec(select(SitePlanRow))
        assert (row.begun_by, row.begun_at) == ("first", NOW)


def test_when_all_of_a_plan_was_done_is_recorded(ledger):
    plan = saved(ledger)
    ledger.site_plans.begin(plan, "first", NOW)

    ledger.site_plans.end(plan, NOW + HOUR)

    found = ledger.site_plans.find(plan.id, "plant-7")
    assert (found.begun_at, found.ended_at) == (NOW, NOW + HOUR)


def test_planning_the_same_again_makes_it_as_of_now(ledger):
    plan = saved(ledger)
    saved(ledger, now=NOW + HOUR)

    assert ledger.site_plans.find(plan.id, "plant-7").made_at == NOW + HOUR


def test_the_latest_plan_of_a_site_is_the_one_that_was_made_last(ledger):
    with pytest.raises(NoPlan):
        ledger.site_plans.latest("plant-7")
    saved(ledger, now=NOW + HOUR)
    newest = saved(ledger, now=NOW + 2 * HOUR, lines=(line(device="edge-2"),))
    saved(ledger, now=NOW + 3 * HOUR, site="plant-8")

    assert ledger.site_plans.latest("plant-7") == newest


@pytest.mark.parametrize(
    "change",
    [
        {"begun_at": NOW, "begun_by": "nobody"},
        {"made_at": NOW + timedelta(days=9)},
        {"sent": "eJwDAAAAAAE="},
        {"site": "plant-7", "is_text": False},
    ],
)
def test_a_plan_that_was_changed_in_the_ledger_is_not_applied(ledger, engine, change):
    plan = saved(ledger)
    with engine.begin() as connection:
        connection.execute(update(SitePlanRow).values(change))

    with pytest.raises(DoesNotHold):
        ledger.site_plans.find(plan.id, "plant-7")


def test_old_plans_are_pruned(ledger):
    old = saved(ledger)
    new = saved(ledger, now=NOW + HOUR, lines=(line(device="edge-2"),))

    assert ledger.site_plans.prune(NOW + HOUR) == 1
    assert ledger.site_plans.find(new.id, "plant-7").plan == new
    with pytest.raises(NoPlan):
        ledger.site_plans.find(old.id, "plant-7")
