"""What a night reports of what it did not check, of decisions, and of the nights before it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import EXACT_MATCH
from fleet.nightly.rules import NightRules
from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from fleet.state.verdict import Decision
from ledger.admission.decided import Decided
from ledger.admission.how import How
from ledger.database.engine import connect
from ledger.session import Ledger
from ledger.state.claims import Claim
from tasks.nightly.facts import NOT_CHECKED, NOWHERE, night_facts
from tasks.nightly.night import Night
from tasks.runtime.connection_run import utc_now
from tests.fleet.builders import a_device, a_request

DAY = timedelta(days=1)
STARTED = utc_now()
STORED = DeviceRecord(
    "plant-7", "LEM project a", "lem", a_device(), State.IN_SERVICE, True, "d1", STARTED
)
COUNTS = {
    "states": [],
    "kinds": {},
    "not_checked": {},
    "stages": {},
    "actions": 0,
    "decisions": 0,
    "needs_attention": 0,
    "recorded": 0,
}


@pytest.fixture
def engine(database_url):
    engine = connect(database_url)
    yield engine
    engine.dispose()


def a_night(*records, **more):
    return Night("reconcile sites", STARTED, False, NightRules(), list(records), {}, **more)


def decide(engine, request_id, at):
    request = a_request(request_id)
    evidence = Evidence(
        site="plant-7",
        request_key=request.key,
        request_id=request.id,
        device="edge-1",
        code=Code.OWN,
        code_of="",
        expected=request.identity,
        observed=request.identity,
        hostname="",
        hardware="",
        version="",
        asked_at=None,
        machines=1,
        listed=1,
        arrivals=None,
    )
    decided = Decided(evidence, Decision.APPROVE, "policy exact-match", "it fits", How.RULE)
    Ledger(engine).decisions.record(Claim("plant-7", "LEM project a"), EXACT_MATCH, [decided], at)


def test_a_device_that_was_not_observed_has_its_last_known_state(engine):
    facts = night_facts(a_night(STORED, not_checked={"lem": "it is down"}), Ledger(engine))

    (one,) = facts.devices
    assert (one.device, one.state, one.reason) == ("edge-1", State.IN_SERVICE, NOT_CHECKED)
    assert facts.not_checked == {"lem": "it is down"}


def test_a_device_of_a_connection_that_is_no_more_is_not_checked_either(engine):
    facts = night_facts(a_night(replace(STORED, connection="")), Ledger(engine))

    assert [one.connection for one in facts.devices] == [NOWHERE]
    assert list(facts.not_checked) == [NOWHERE]


def test_a_device_on_no_roster_or_retired_is_no_device_of_the_night(engine):
    off, retired = replace(STORED, is_listed=False), replace(STORED, state=State.RETIRED)

    assert not night_facts(a_night(off, retired), Ledger(engine)).devices


def test_every_decision_is_reported_by_one_night_alone_even_one_that_was_written_late(engine):
    before = STARTED - DAY
    decide(engine, "1", before)
    first = night_facts(a_night(), Ledger(engine))
    Ledger(engine).nights.keep(before, before, COUNTS | {"recorded": first.recorded}, "night.html")
    decide(engine, "2", before - DAY)  # a person answered it then
    decide(engine, "3", STARTED)

    second = night_facts(a_night(), Ledger(engine))

    assert [each.at for each in first.decisions] == [before]
    assert [each.at for each in second.decisions] == [before - DAY, STARTED]


@pytest.mark.parametrize(("days", "missed"), [(1, 0), (2, 1), (4, 3)])
def test_nights_without_a_report_are_reported(engine, days, missed):
    last = STARTED - days * DAY
    Ledger(engine).nights.keep(last, last, COUNTS, "night.html")

    days_missed = night_facts(a_night(), Ledger(engine)).missed

    assert days_missed == [(last + n * DAY).date() for n in range(1, missed + 1)]


def test_thirty_nights_are_reported_however_many_are_stored(engine):
    for n in range(40, 0, -1):
        Ledger(engine).nights.keep(STARTED - n * DAY, STARTED - n * DAY, COUNTS, "night.html")

    history = night_facts(a_night(), Ledger(engine)).history

    assert [(STARTED - past.started_at).days for past in history] == list(range(29, 0, -1))


def test_runs_that_were_ended_are_reported(engine):
    assert night_facts(a_night(ended_runs=["onboard plant-7"]), Ledger(engine)).ended_runs == [
        "onboard plant-7"
    ]
