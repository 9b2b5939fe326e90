"""The plan of a month: the same for the same seed, and about nobody who is not there."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from deployments.month_drawing import make_plan
from deployments.month_scenario import SCENARIO, What, read_scenario
from sheets.read import read_roster
from simulator.lem.settings import LemSettings
from tests.laws import met, share_of

SCENE = read_scenario()
SITES = {site.name: site for site in SCENE.sites}
DAYS = range(1, SCENE.nights + 1)
seeds = st.integers(min_value=0, max_value=10**9)
FEW = settings(max_examples=share_of(15))  # each draws a month, or two
OF_NO_DEVICE = {What.ONBOARDED, What.DOWN, What.UP, What.MISSED}
BEGINNINGS = {What.POWERED_ON, What.UNKNOWN_DEVICE, What.RETIRED}  # of which others are the sequel


def listed(plan, site, day):
    roster = read_roster(plan.roster(site, day), site, SITES[site].connection)
    assert not roster.faults
    return {line.device.name: line for line in roster.lines}


@FEW
@given(seeds)
def test_the_same_seed_is_the_same_month(seed):
    one, other = make_plan(SCENE, seed), make_plan(read_scenario(), seed)

    assert one == other
    assert [one.roster(site, 30) for site in SITES] == [other.roster(site, 30) for site in SITES]


@FEW
@given(seeds, seeds)
def test_another_seed_is_another_month(seed, other):
    assert (make_plan(SCENE, seed) == make_plan(SCENE, other)) == (seed == other)


@FEW
@given(seeds)
def test_every_event_names_a_site_and_a_device_that_exist(seed):
    plan = make_plan(SCENE, seed)

    for event in met(plan.events):
        assert event.site in SITES or event.what is What.MISSED
        if event.what in OF_NO_DEVICE:
            assert event.device == ""
        else:
            assert plan.devices[event.device].site == event.site


@FEW
@given(seeds)
def test_events_are_in_order_and_within_their_days(seed):
    plan = make_plan(SCENE, seed)

    moments = [event.moment for event in plan.events]
    assert moments == sorted(moments)
    assert [event for day in DAYS for event in plan.on(day)] == list(plan.events)
    for event in plan.events:
        since = event.moment - SCENE.midnight(event.day)
        assert timedelta() <= since < timedelta(days=1)
        # The run of the night before is over, and that of the night after has not begun.
        assert SCENE.night(event.day - 1) < event.moment < SCENE.night(event.day)


@FEW
@given(seeds)
def test_a_device_is_powered_on_once_and_when_its_roster_lists_it(seed):
    plan = make_plan(SCENE, seed)

    on = Counter(event.device for event in plan.events if event.what is What.POWERED_ON)
    arriving = {name for name, device in plan.devices.items() if device.arrives}
    assert on == Counter(dict.fromkeys(arriving, 1))
    for name in arriving:
        device = plan.devices[name]
        assert device.system == "lem"
        assert 0 <= device.arrives - device.listed < SCENE.arrival_days


@FEW
@given(seeds)
def test_what_befalls_a_device_befalls_it_after_it_came_and_no_other_thing_does(seed):
    plan = make_plan(SCENE, seed)
    began = {event.device: event.moment for event in plan.events if event.what in BEGINNINGS}

    befell = [event for event in plan.events if event.what not in OF_NO_DEVICE | BEGINNINGS]
    assert len({event.device for event in befell}) == len(befell)
    for event in befell:
        if event.device in began:
            assert began[event.device] < event.moment


@FEW
@given(seeds)
def test_every_incident_befalls_somebody(seed):
    plan = make_plan(SCENE, seed)

    for incident in met(incident for incident in SCENE.incidents if incident.who):
        assert any(event.what is incident.what for event in plan.on(incident.day))


@FEW
@given(seeds)
def test_each_site_has_as_many_troubles_as_the_scenario_says(seed):
    plan = make_plan(SCENE, seed)

    for site in met(SCENE.sites):
        edges = [d for d in plan.devices.values() if d.macs and d.site == site.name]
        newer = [device for device in edges if device.version == SCENE.newer]
        behaviors = Counter(device.behavior for device in edges)
        del behaviors["prompt"]
        assert behaviors == Counter(site.troubles) + Counter({"fails-always": site.newer.failing})
        assert len(newer) == site.newer.devices
        failing = Counter(device.behavior for device in newer)["fails-always"]
        assert failing == site.newer.failing


@FEW
@given(seeds, st.sampled_from(DAYS), st.sampled_from([*SITES]))
def test_every_day_s_rosters_can_be_read_and_name_the_site_s_devices(seed, day, site):
    plan = make_plan(SCENE, seed)
    day = max(day, SITES[site].day)

    lines = listed(plan, site, day)

    own = {name: device for name, device in plan.devices.items() if device.site == site}
    assert {*lines} == {name for name, device in own.items() if device.is_listed(day)}
    for name, line in lines.items():
        assert line.connection == own[name].connection
        assert own[name].behavior != "unknown-device"


@FEW
@given(seeds)
def test_a_line_is_dropped_before_its_roster_is_onboarded_again(seed):
    plan = make_plan(SCENE, seed)

    for event in met(event for event in plan.events if event.what is What.DROPPED):
        assert event.device in listed(plan, event.site, event.day - 1)
        assert event.device not in listed(plan, event.site, event.day)
        assert any(
            later.what is What.ONBOARDED and later.site == event.site and later.day == event.day
            for later in plan.events
        )


def test_the_month_has_what_a_night_can_find():
    plan = make_plan(SCENE, 7)

    assert {event.what for event in plan.events} == {*What}
    assert sum(device.behavior != "unknown-device" for device in plan.devices.values()) == 120
    assert len(listed(plan, "plant-1", 1)) == 40


def test_a_version_fails_at_one_site_and_at_no_other():
    failing = {site.name: site.newer.failing for site in SCENE.sites if site.newer.devices}

    assert sorted(map(bool, failing.values())) == [False, True]


def test_a_system_is_down_for_one_night():
    plan = make_plan(SCENE, 7)

    (down,) = (event for event in plan.events if event.what is What.DOWN)
    (up,) = (event for event in plan.events if event.what is What.UP)
    nights = [day for day in DAYS if down.moment < SCENE.night(day) < up.moment]
    assert (len(nights), down.system) == (1, up.system)


def test_a_code_ends_with_devices_still_due_which_get_another():
    plan = make_plan(SCENE, 7)
    onboarded = [event for event in plan.events if event.what is What.ONBOARDED]

    short = [event for event in onboarded if event.code_days < SCENE.nights]
    (end,) = {event.day + event.code_days for event in short}
    (site,) = {event.site for event in short}
    again = next(e for e in onboarded if e.site == site and e not in short)
    due = [d for d in plan.devices.values() if d.site == site and end <= d.arrives < again.day]
    assert end < again.day
    assert due


def test_who_is_retired_is_on_the_roster_no_more_before_it_is_revived():
    plan = make_plan(SCENE, 7)

    (retired,) = (event for event in plan.events if event.what is What.RETIRED)
    (revived,) = (event for event in plan.events if event.what is What.REVIVED)
    assert (retired.device, retired.system) == (revived.device, "provision_api")
    assert retired.device in listed(plan, retired.site, retired.day - 1)
    assert retired.device not in listed(plan, retired.site, retired.day)


def test_a_site_with_more_troubles_than_devices_is_refused():
    text = SCENARIO.read_text("utf-8").replace("never: 2", "never: 99")

    with pytest.raises(ValidationError, match="plant-1 has more troubles than devices"):
        read_scenario(text)


def test_projects_are_apart_and_the_first_is_the_simulator_s_own():
    projects = [site.project for site in SCENE.sites]

    assert len(set(projects)) == len(projects)
    assert projects[0] == LemSettings().projects[0]
    assert {len(project) for project in projects} == {25}


def test_a_scenario_that_names_an_unknown_site_is_refused():
    text = SCENARIO.read_text("utf-8").replace(
        "site: plant-2, what: unknown", "site: mars, what: unknown"
    )

    with pytest.raises(ValidationError, match="no such site: mars"):
        read_scenario(text)
