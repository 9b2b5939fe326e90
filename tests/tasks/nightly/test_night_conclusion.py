"""What a night's run says when it ends: how many were in service, and which clocks are wrong."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from fleet.nightly.rules import NightRules
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from tasks.nightly.conclude import conclude
from tasks.nightly.night import Night, Place
from tasks.pipeline.plan import Plan
from tests.fleet.builders import ASKED, NOW, a_device, wanted

CLOCK = "LEM's clock is 60 min ahead of ours. Set both clocks by NTP."


def place(site: str, skew: timedelta = timedelta()) -> Place:
    """A site with one device in service."""
    desired = wanted(a_device(), site=site)
    run: Any = SimpleNamespace(
        connection="lem", desired=desired, system=SimpleNamespace(profile=ASKED)
    )
    status = DeviceStatus(a_device(), State.IN_SERVICE, ReasonCode.IN_SERVICE, "it is")
    return Place(run, Plan(Assessment((status,), ()), (), observed=Observation(skew=skew)), [])


def message(*places: Place, **more: Any) -> str:
    night = Night("night", NOW, False, NightRules(), [], {}, places=list(places), **more)
    return str(conclude(night, None).message)


@pytest.mark.parametrize(
    ("places", "not_checked", "said"),
    [
        (["plant-7"], {}, "1 of 1 device in service."),
        (
            ["plant-7"],
            {"lem-north": "no connection"},
            "1 of 1 device in service, not checked: lem-north.",
        ),
    ],
    ids=["all checked", "one connection was not"],
)
def test_only_what_was_checked_is_counted(
    places: list[str], not_checked: dict[str, str], said: str
) -> None:
    assert message(*map(place, places), not_checked=not_checked) == said


def test_where_nothing_was_checked_nothing_is_said_to_be_in_service() -> None:
    said = message(not_checked={"lem": "no connection"})

    assert said.endswith("\nNot checked: lem.")
    assert "in service" not in said


def test_a_clock_that_is_wrong_is_named_once_for_all_sites() -> None:
    hour = timedelta(hours=1)

    assert message(place("plant-7", hour), place("plant-8", hour)).endswith(f"service. {CLOCK}")
