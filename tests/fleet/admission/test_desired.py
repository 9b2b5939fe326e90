"""What is desired of a system's devices, as an order and the one before it say."""

from dataclasses import replace

import pytest

from fleet.admission.desired import Order
from fleet.admission.policy import EXACT_MATCH
from fleet.roster.roster import Line, Roster
from tests.fleet.builders import ASKED, EXPIRY, a_device

DEVICES = [a_device("edge-1"), a_device("edge-2")]
ROSTER = Roster("plant-7", tuple(Line(n, each, "lem") for n, each in enumerate(DEVICES)))
LEAVING_IT = replace(ASKED, device_may_activate=True)


@pytest.mark.parametrize(
    ("ordered", "system_profile", "itself"),
    [
        (None, LEAVING_IT, {"edge-2"}),
        (True, LEAVING_IT, {"edge-1", "edge-2"}),
        (False, LEAVING_IT, set()),
        (None, ASKED, set()),
        (True, ASKED, set()),
    ],
    ids=["as before", "the device", "Muster", "as before, elsewhere", "the device, elsewhere"],
)
def test_a_device_activates_itself_as_ordered_now_or_else_before(
    ordered, system_profile, itself
) -> None:
    order = Order(ROSTER, EXPIRY, device_activates=ordered)

    desired = order.desired(DEVICES, system_profile, EXACT_MATCH, {"edge-2", "edge-3"})

    assert desired.self_activating == itself
