"""Somebody starts runs in another site's name, or in another name, so that others decide."""

import pytest
from sqlalchemy import select, update

from fleet.device.device import Device
from fleet.planning.preflight import ImpossibleRun
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from ledger.database.engine import connect
from ledger.database.tables import EnrollmentRow
from tests.attacks.plant import EDGE_1, EDGE_2
from tests.laws import one_in

STRICT, LAX = "plant-7", "plant-8"
ANOTHER = Device(name="spare-1", host_id=EDGE_1.host_id)
BY_MAC = Device(name="spare-1", macs=EDGE_1.macs)
CODE_ONLY = Device(name="edge-001")
SPARES = one_in(3, [ANOTHER, BY_MAC, CODE_ONLY])


@pytest.fixture
def strict(plant):
    """People must approve edge-001 of plant-7; it has asked, by the code of plant-7."""
    plant.onboard(EDGE_1, site=STRICT, asks_people=True)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)
    assert plant.onboard(EDGE_1, site=STRICT)["edge-001"].state is State.HELD
    return plant


def ending(plant):
    """That of the first code that LEM has."""
    return plant.state["configs"][0]["code"][-5:]


def not_admitted(plant, *roster, **wishes):
    """Why the one device of `roster` is held, while nobody was admitted."""
    (status,) = plant.onboard(*roster, **wishes).values()
    assert (plant.approvals, plant.admitted) == (0, set())
    assert status.state is State.HELD
    return status.code


@pytest.mark.parametrize("site", one_in(2, [LAX, "plant-new"]))
def test_the_code_of_one_site_is_not_taken_for_another(strict, site):
    strict.onboard(EDGE_2, site=LAX)

    with pytest.raises(ImpossibleRun, match=STRICT):
        strict.onboard(EDGE_1, site=site, existing=ending(strict))

    assert strict.approvals == 0
    assert strict.onboard(EDGE_1, site=STRICT)["edge-001"].state is State.HELD


def test_a_code_that_another_site_took_before_this_was_refused_admits_nobody(strict, database_url):
    strict.power_on("edge-002", EDGE_2.host_id, *EDGE_2.macs)  # by the code of STRICT
    strict.onboard(EDGE_2, site=LAX)
    engine = connect(database_url)
    with engine.begin() as connection:  # as a release did that did not refuse it
        theirs = select(EnrollmentRow.id).where(EnrollmentRow.site == LAX).scalar_subquery()
        code = select(EnrollmentRow.enrollment_id).where(EnrollmentRow.site == STRICT)
        connection.execute(
            update(EnrollmentRow)
            .where(EnrollmentRow.id == theirs)
            .values(enrollment_id=code.scalar_subquery(), adopted=True)
        )

    assert not_admitted(strict, EDGE_2, site=LAX) is ReasonCode.WRONG_SITE
    engine.dispose()


def test_a_device_on_the_roster_of_one_site_does_not_come_in_at_another(plant):
    plant.onboard(EDGE_1, site=STRICT, asks_people=True)
    plant.onboard(EDGE_1, site=LAX)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)  # by the code of LAX

    assert not_admitted(plant, EDGE_1, site=LAX) is ReasonCode.WRONG_SITE


def test_a_roster_under_another_sites_name_holds_nobody_who_was_enrolled_before(plant):
    plant.onboard(EDGE_1, site=STRICT)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)
    plant.onboard(EDGE_1, site="plant-evil", rounds=1)

    assert plant.onboard(EDGE_1, site=STRICT)["edge-001"].state is State.IN_SERVICE


@pytest.mark.heavy
@pytest.mark.parametrize("spare", SPARES, ids=["host id", "MAC", "code"])
def test_an_order_with_approval_by_people_holds_at_every_site(plant, spare):
    plant.onboard(EDGE_1, site=STRICT, asks_people=True)
    plant.onboard(EDGE_2, site=STRICT)  # edge-001 is taken off its roster
    plant.onboard(spare, site=LAX)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    assert not_admitted(plant, spare, site=LAX) is not ReasonCode.EXACT_MATCH
    assert not_admitted(plant, spare, site=LAX, asks_people=False) is not ReasonCode.EXACT_MATCH


@pytest.mark.parametrize("spare", SPARES, ids=["host id", "MAC", "code"])
def test_an_order_with_approval_by_people_holds_under_every_name(plant, spare):
    plant.onboard(EDGE_1, site=STRICT, asks_people=True)
    plant.onboard(spare.model_copy(update={"name": "spare-1"}), site=STRICT)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    spare = spare.model_copy(update={"name": "spare-1"})
    assert not_admitted(plant, spare, site=STRICT) in {ReasonCode.BY_PEOPLE, ReasonCode.DISPUTED}


@pytest.mark.heavy
def test_a_line_that_is_made_to_say_somebody_else_does_not_free_the_device(plant):
    plant.onboard(EDGE_1, site=STRICT, asks_people=True)
    other = Device(name="edge-001", host_id="0a1b2c3d4eff")
    plant.onboard(other, site=STRICT)
    plant.onboard(ANOTHER, site=STRICT)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    assert not_admitted(plant, ANOTHER, site=STRICT) is ReasonCode.BY_PEOPLE


@pytest.mark.heavy
def test_what_it_showed_when_it_was_admitted_is_known_under_every_name(plant):
    plant.onboard(CODE_ONLY, site=STRICT)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)
    assert plant.onboard(CODE_ONLY, site=STRICT)["edge-001"].state is State.IN_SERVICE
    plant.onboard(CODE_ONLY, site=STRICT, asks_people=True)
    plant.remove(EDGE_1.host_id)
    plant.onboard(BY_MAC, site=STRICT)
    plant.power_on("repaired", "0a1b2c3d4eff", *EDGE_1.macs)

    (status,) = plant.onboard(BY_MAC, site=STRICT).values()
    assert (status.state, status.code) == (State.HELD, ReasonCode.BY_PEOPLE)


@pytest.mark.heavy
def test_an_explicit_word_frees_it_under_its_new_name_for_good(plant):
    plant.onboard(EDGE_1, site=STRICT, asks_people=True)
    plant.onboard(ANOTHER, site=STRICT, asks_people=False)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    assert plant.onboard(ANOTHER, site=STRICT)["spare-1"].state is State.IN_SERVICE


def test_the_code_of_a_device_that_people_must_approve_admits_nobody_under_another_name(plant):
    plant.onboard(CODE_ONLY, site=STRICT, asks_people=True)
    spare = Device(name="spare-1", host_id=EDGE_1.host_id)
    plant.onboard(spare, site=STRICT, existing=ending(plant))
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    assert not_admitted(plant, spare, site=STRICT) is ReasonCode.BY_PEOPLE


@pytest.mark.heavy
def test_a_device_that_moved_comes_in_at_its_new_site(plant):
    plant.onboard(EDGE_1, site=STRICT)
    plant.onboard(EDGE_2, site=STRICT)
    plant.onboard(EDGE_1, site=LAX)
    plant.power_on("edge-001", EDGE_1.host_id, *EDGE_1.macs)

    assert plant.onboard(EDGE_1, site=LAX)["edge-001"].state is State.IN_SERVICE
