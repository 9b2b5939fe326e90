"""An enrollment that was made for the site, and that the ledger does not know, is used."""

from datetime import timedelta

import pytest

from fleet.action.action import Adopt
from fleet.device.fingerprint import fingerprints
from fleet.planning.assess import assess
from fleet.planning.plan import plan
from fleet.state.memory import Memory, Remembered
from fleet.status.limits import Limits
from fleet.system.enroll import Enroll
from tests.fleet.builders import (
    EXPIRY,
    NOW,
    a_device,
    an_enrollment,
    an_enrollment_record,
    mac,
    shown,
    wanted,
)

OURS, ANOTHER = next(fingerprints("plant-7", EXPIRY)), next(fingerprints("plant-8", EXPIRY))
PAST = next(fingerprints("plant-7", NOW))
TWO = a_device("edge-1"), a_device("edge-2", macs=[mac(2)])


def planned(*enrollments, memory=None):
    desired, observed = wanted(*TWO), shown(enrollments=enrollments)
    memory = memory or Memory()
    (action,) = plan(desired, observed, memory, assess(desired, observed, memory, Limits(), NOW))
    return action


def test_it_is_adopted_for_all_who_need_one():
    action = planned(an_enrollment("other"), an_enrollment("lost", expires_at=OURS))

    assert isinstance(action, Adopt)
    assert (action.enrollment.id, action.devices) == ("lost", TWO)


@pytest.mark.parametrize(
    "more",
    [
        {"expires_at": ANOTHER},
        {"expires_at": OURS + timedelta(milliseconds=1)},
        {"expires_at": OURS, "capacity": 1},
        {"expires_at": OURS, "used": 4},
        {"expires_at": OURS, "profile": "line-1"},
        {"expires_at": PAST},
    ],
    ids=["another site's", "anybody's", "too small", "used up", "zero-touch", "expired"],
)
def test_what_is_not_the_site_s_or_has_no_room_is_left_alone(more):
    assert isinstance(planned(an_enrollment("lost", **more)), Enroll)


def test_what_the_ledger_knows_is_not_adopted():
    memory = Memory(enrollment_ids=frozenset({"lost"}))

    assert isinstance(planned(an_enrollment("lost", expires_at=OURS), memory=memory), Enroll)


def test_what_another_run_has_just_asked_for_is_its_own():
    asked = an_enrollment_record(None, wanted_expiry=OURS)
    memory = Memory(devices={"edge-9": Remembered(enrollments=(asked,))})

    assert isinstance(planned(an_enrollment("lost", expires_at=OURS), memory=memory), Enroll)
