"""What a marked copy says of a run: of each line, as the report's table does."""

from datetime import UTC, datetime

from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from reports.onboarding.onboarding import OnboardingFacts, onboarding_frame
from sheets.read import read_roster
from tasks.onboarding.marked_copy import line_results

ROSTER = "device,mac\nedge-1,02:00:00:00:00:11\nedge-2,02:zz\nedge-3,\nEdge 4,\n"


def test_each_line_has_its_state_and_the_id_of_its_device():
    roster = read_roster(ROSTER, "plant-7", "lem")
    request = Request("35", "c", Identity(None, ()), Progress.PROVISIONED, device_id="dev-9")
    device = roster.devices[0]
    served = DeviceStatus(device, State.IN_SERVICE, ReasonCode.APPROVED_BY_RULE, "it is", request)
    facts = OnboardingFacts(
        roster=roster,
        assessment=Assessment((served,), ()),
        times={},
        run_name="onboard plant-7",
        started_at=datetime(2026, 11, 30, tzinfo=UTC),
        ended_at=datetime(2026, 11, 30, tzinfo=UTC),
        dry_run=True,
        system="LEM",
        planned={"edge-3": "create activation config"},
    )

    found = [*line_results(facts, onboarding_frame(facts))]

    assert [(each.place.number, each.status, each.device_id) for each in found] == [
        (2, "in service", "dev-9"),
        (3, "faulty line", ""),
        (4, "not checked", ""),
        (5, "repair proposed", ""),
    ]
    assert "create activation config" in found[2].reason
    assert [[note.letters for note in each.cells] for each in found] == [[], ["B"], [], ["A"]]
    assert found[3].proposed == "device: Edge-4"
