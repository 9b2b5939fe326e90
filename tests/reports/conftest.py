"""A small site with one device in every state that a report distinguishes."""

from datetime import UTC, datetime, timedelta

import pytest

from fleet.action.action import Hold
from fleet.admission.evidence_collection import UNKNOWN_DEVICE
from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.device.times import Times
from fleet.planning.assess import Assessment
from fleet.roster.roster import Line, Roster
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from fleet.text.fault import Fault
from fleet.text.place import Place
from reports.onboarding.onboarding import OnboardingFacts

START = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def facts() -> OnboardingFacts:
    serving, failed, held, waiting = (Device(name=f"edge-00{n}") for n in range(1, 5))
    pending = Request("3", "cfg", Identity("f00d"), Progress.WAITING, asked_at=after(40))
    unknown_device = Request("99", "cfg", Identity("beef"), Progress.WAITING, hostname="ubuntu")
    holds = (
        Hold(
            pending,
            ReasonCode.OTHER_IDENTITY,
            "neither its host id nor any MAC is this device's",
            held,
        ),
    )
    statuses = (
        DeviceStatus(
            serving,
            State.IN_SERVICE,
            ReasonCode.UNKNOWN,
            "provisioned and in the list of devices",
            Request("1", "cfg", Identity(), Progress.PROVISIONED),
        ),
        DeviceStatus(
            failed,
            State.FAILED,
            ReasonCode.PROVISIONING_FAILED,
            "provisioning failed: no license",
            Request("2", "cfg", Identity(), Progress.FAILED),
        ),
        DeviceStatus(held, State.HELD, holds[0].code, holds[0].reason, pending, holds=holds),
        DeviceStatus(waiting, State.WAITING, ReasonCode.NOT_ASKED, "has not asked yet"),
    )
    return OnboardingFacts(
        roster=Roster(
            site="plant-7",
            lines=tuple(
                Line(Place(n), device, "lem")
                for n, device in zip((2, 3, 4, 7), (serving, failed, held, waiting), strict=True)
            ),
            faults=(Fault(Place(6), "mac", "zz", "'zz' is not a MAC address", "Write six pairs"),),
        ),
        assessment=Assessment(
            statuses, (*holds, Hold(unknown_device, ReasonCode.UNKNOWN_DEVICE, UNKNOWN_DEVICE))
        ),
        times={"edge-001": Times(after(1), after(31), after(33.5), after(100), after(104))},
        run_name="onboard plant-7",
        started_at=START,
        ended_at=after(420),
        dry_run=False,
        system="LEM project 462j1",
        planned={},
    )
