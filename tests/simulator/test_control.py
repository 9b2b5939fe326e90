"""Time and counts."""

import pytest
from pydantic import ValidationError

from simulator.settings import SimulatorSettings


def test_time_stands_unless_it_is_moved(lem):
    before = lem.now()

    lem.pass_time(1.5)

    assert lem.now() == before + 1500


def test_time_does_not_go_back(lem):
    reply = lem.http.post("/_simulator/clock", json={"advance_seconds": -1})

    assert reply.status_code == 400


def test_time_can_run_faster(start):
    lem = start({"speed": 1_000_000})

    assert lem.now() < lem.now()


def test_calls_are_counted_under_their_templates(lem):
    lem.devices()
    lem.devices(requestedPage=1)
    lem.get("nonsense")

    assert lem.observation("calls")["calls"] == [
        {"method": "GET", "path": "/api/v1/device/{projectId}", "count": 2},
        {"method": "GET", "path": "/api/v1/nonsense", "count": 1},
    ]


def test_calls_that_went_wrong_are_counted_too(lem):
    lem.control("faults", kind="status")

    lem.get("activation/request", projectId=lem.project)

    assert [call["count"] for call in lem.observation("calls")["calls"]] == [1]


def test_what_was_done_is_counted(site):
    site.ask_from()
    site.approve(1)

    calls = site.observation("calls")

    assert (calls["approvals"], calls["configs_added"]) == ({"1": 1}, 1)


def test_counting_can_start_anew(site):
    site.ask_from()
    site.approve(1)

    site.http.delete("/_simulator/calls")

    assert site.observation("calls") == {
        "calls": [],
        "approvals": {},
        "configs_added": 0,
        "provisions": {},
        "tokens_made": {},
        "registrations": {},
        "activations": {},
    }


def test_the_state_says_everything(site):
    site.ask_from()
    site.control("lem/zero-touch", name="press-shop", device_count=1)

    state = site.observation("lem/state")

    assert {kind: len(state[kind]) for kind in state if kind != "now"} == {
        "configs": 2,
        "requests": 1,
        "devices": 0,
        "profiles": 1,
        "booted": 1,
    }
    assert state["requests"][0]["state"] == "pending"
    assert state["booted"][0]["fate"] == "pending"


@pytest.mark.parametrize("zone", ["Z", "+00:00"])
def test_time_can_begin_whenever_it_is_wanted_to(start, zone):
    lem = start({"start": f"2026-10-01T00:00:00{zone}"})

    assert lem.now() == 1790812800000


def test_a_beginning_without_a_zone_is_refused():
    with pytest.raises(ValidationError, match="start"):
        SimulatorSettings(start="2026-10-01T00:00:00")


def test_a_beginning_is_forgotten_by_a_clock_that_remembers_another(start, tmp_path):
    first = start({"start": "2026-10-01T00:00:00Z", "state": tmp_path / "state.db"})
    first.pass_time(60)
    first.close()

    again = start({"start": "2026-10-01T00:00:00Z", "state": tmp_path / "state.db"})

    assert again.now() == 1790812860000
