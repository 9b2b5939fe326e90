"""Unlisted: what is in service and on no roster is told, once, and nothing else."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.device.device import Device
from fleet.device.request import Progress, Request
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding, Key
from fleet.nightly.unlisted import Listing
from fleet.state.device_state import State
from fleet.state.observation import Observation
from fleet.state.record import DeviceRecord
from fleet.system.profile import SystemProfile
from tests.fleet.builders import ASKED, NOW, a_device, a_request, mac
from tests.fleet.nightly.test_inspection import (
    BY,
    DAY,
    FAILED,
    REGISTRY,
    SERVING,
    SITE,
    key,
    record,
)
from tests.fleet.scenes import Scene, scenes

ANOTHER = a_device(macs=[mac(9)]).identity


def stray(
    *requests: Request,
    records: tuple[DeviceRecord, ...] = (),
    system_profile: SystemProfile = ASKED,
    present: frozenset[str] = frozenset({"d1"}),
    others: tuple[Request, ...] = (),
    first_seen: dict[Key, datetime] | None = None,
) -> list[Finding]:
    observed = Observation(requests=requests, present=present, others=others)
    codes = {"config-1": SITE}
    return Listing(BY, system_profile, observed, records, codes, first_seen or {}).unlisted(NOW)


def test_a_device_that_was_taken_off_its_roster_is_reported_with_its_site() -> None:
    (one,) = stray(SERVING, records=(record(is_listed=False),))

    assert (one.kind, one.site, one.subject, one.device) == (
        FindingKind.UNLISTED,
        SITE,
        "edge-1",
        "edge-1",
    )
    assert one.reason == "LEM has it in service, and it was taken off its roster"
    assert (one.request_key, one.since) == (SERVING.key, NOW)


@pytest.mark.parametrize(
    ("request_", "site", "called"),
    [
        (replace(SERVING, hostname="kiosk"), SITE, "kiosk"),
        (replace(SERVING, enrollment_id="somebody's"), "", f"MAC {mac(1)}"),
        (replace(SERVING, device="edge-9", hostname="kiosk", site="plant-9"), "plant-9", "edge-9"),
    ],
    ids=["by a code of ours", "by another code", "its system knows name and site"],
)
def test_a_device_that_no_roster_names_is_reported_with_the_site_if_that_is_known(
    request_: Request, site: str, called: str
) -> None:
    (one,) = stray(request_)

    assert (one.site, one.subject, one.device) == (site, called, None)
    assert one.reason == "LEM has it in service, and no roster names it"


def test_a_device_of_which_no_request_says_is_reported_by_its_id() -> None:
    (one,) = stray()

    assert (one.site, one.subject, one.request_key) == ("", "d1", None)
    assert one.reason == "LEM lists it, and no request shows which device it is"


def test_an_id_that_may_be_that_of_a_device_being_provisioned_is_not_reported() -> None:
    ours = (record(confirmed_as=None),)
    several = stray(FAILED, records=ours, present=frozenset({"d1", "d2"}))

    assert stray(FAILED, records=ours) == []
    assert [one.subject for one in stray(FAILED)] == ["d1"]
    assert [one.subject for one in several] == ["d1", "d2"]


@pytest.mark.parametrize(
    ("request_", "past"),
    [
        (replace(FAILED, identity=ANOTHER), record(confirmed_as=None)),
        (replace(FAILED, device_id="d2"), record(confirmed_as=None)),
        (replace(FAILED, progress=Progress.WAITING), record(confirmed_as=None)),
    ],
    ids=["of another", "it has its id", "nobody admitted it"],
)
def test_another_request_explains_no_unknown_id(request_: Request, past: DeviceRecord) -> None:
    assert [one.subject for one in stray(request_, records=(past,))] == ["d1"]


def test_the_id_of_a_device_whose_request_was_deleted_is_known() -> None:
    assert stray(records=(record(),)) == []


def test_what_is_not_in_service_is_not_reported() -> None:
    without_id = replace(SERVING, device_id=None)

    assert stray(SERVING, present=frozenset()) == []
    assert stray(present=frozenset(), others=(without_id,)) == []


def test_an_unlisted_device_is_reported_with_its_hardware_and_version() -> None:
    (one,) = stray(replace(SERVING, hardware="x86", version="3.5.4"))

    assert (one.hardware, one.version) == ("x86", "3.5.4")


def test_a_request_that_an_observation_matched_to_a_device_is_not_reported() -> None:
    observed = Observation(requests=(SERVING,), present=frozenset({"d1"}))
    unmarked = record(Device(name="edge-1"), confirmed_as=None)

    assert len(Listing(BY, ASKED, observed, [unmarked]).unlisted(NOW)) == 1
    matched = Listing(BY, ASKED, observed, [unmarked], matched=frozenset({SERVING.key}))
    assert matched.unlisted(NOW) == []


def test_a_device_that_nobody_asked_about_is_reported_where_its_system_shows_all() -> None:
    other = Request("edge-9", "", a_device(macs=[]).identity, Progress.PROVISIONED)
    other = replace(other, device="edge-9", device_id="edge-9", site="plant-9")

    (one,) = stray(system_profile=REGISTRY, present=frozenset(), others=(other,))

    assert (one.site, one.subject) == ("plant-9", "edge-9")


@pytest.mark.parametrize(
    "past",
    [
        record(),
        record(confirmed_as=None),
        record(a_device(macs=[])),
        record(a_device("edge-9", macs=[]), confirmed_as=None),
        record(state=State.RETIRED),
        record(state=State.RETIRED, is_listed=False),
        record(state=State.FAILED, site="plant-9"),
    ],
    ids=[
        "listed",
        "by its MAC",
        "by its id",
        "by its name",
        "retired",
        "retired, off",
        "elsewhere",
    ],
)
def test_a_device_that_is_on_any_roster_or_was_retired_is_not_reported(past: DeviceRecord) -> None:
    assert stray(replace(SERVING, device="edge-9"), records=(past,)) == []


@pytest.mark.parametrize("progress", [Progress.WAITING, Progress.REJECTED, Progress.DEACTIVATED])
def test_a_request_that_is_not_admitted_is_not_in_service(progress: Progress) -> None:
    request = replace(SERVING, progress=progress)

    assert stray(request, present=frozenset()) == []
    assert stray(present=frozenset(), others=(request,)) == []


def test_a_device_that_asked_twice_is_reported_once_by_its_last_request() -> None:
    again = replace(SERVING, id="2", hostname="kiosk")

    assert stray(again, SERVING) == stray(SERVING, again)
    assert [one.subject for one in stray(SERVING, again)] == ["kiosk"]


def test_devices_that_call_themselves_alike_are_distinguished() -> None:
    one = replace(SERVING, id="7", hostname="localhost")
    other = replace(SERVING, id="8", hostname="localhost", device_id="d2")

    reported_of = stray(one, other, present=frozenset({"d1", "d2"}))

    assert [each.subject for each in reported_of] == ["localhost (#7)", "localhost (#8)"]


def test_an_unlisted_device_is_so_since_it_was_first_seen() -> None:
    (one,) = stray(first_seen={key(FindingKind.UNLISTED, "d1", site=""): NOW - DAY})

    assert one.since == NOW - DAY


def test_an_unknown_device_that_takes_the_name_of_a_former_device_is_reported_beside_it() -> None:
    unknown_device = a_request("9", macs=[mac(9)], progress=Progress.PROVISIONED, device_id="d9")
    unknown_device = replace(unknown_device, hostname="edge-1")

    both = stray(
        SERVING, unknown_device, records=(record(is_listed=False),), present=frozenset({"d1", "d9"})
    )

    assert [one.subject for one in both] == ["edge-1 (#1)", "edge-1 (#9)"]


def test_a_request_that_names_no_device_is_not_that_of_a_device_called_none() -> None:
    past = record(a_device("None", macs=[]), confirmed_as=None)

    assert len(stray(SERVING, records=(past,))) == 1


@given(scenes(), st.randoms(use_true_random=False), st.lists(st.booleans(), min_size=3))
def test_everything_in_service_is_reported_unlisted_unless_it_is_known(
    scene: Scene, random: Any, listed: list[bool]
) -> None:
    unmatched = {f"z{number}" for number in range(len(scene.observed.requests) + 1)}
    observed = replace(scene.observed, present=scene.observed.present | unmatched)
    past = [
        record(device, is_listed=is_listed, confirmed_as=f"d{number}")
        for number, (device, is_listed) in enumerate(
            zip(scene.desired.devices, listed, strict=False)
        )
    ]
    requests = tuple(random.sample(observed.requests, len(observed.requests)))

    reported_of = Listing(BY, ASKED, observed, past).unlisted(NOW)

    shuffled = replace(observed, requests=requests)
    assert reported_of == Listing(BY, ASKED, shuffled, past).unlisted(NOW)
    assert len({one.key for one in reported_of}) == len(reported_of)
    assert unmatched <= {one.subject for one in reported_of}
    assert {one.device for one in reported_of if one.device} <= {
        each.device.name for each in past if not each.is_listed
    }
