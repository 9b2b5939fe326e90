from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fleet.device.device import Device
from flows.onboard_site import onboard_site
from flows.provision_device import provision_device
from ledger.database.engine import connect
from ledger.session import Ledger
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN, OUT_OF_SCOPE_TOKEN
from tests.flows.site import SITE, at_work, changes, device, devices, roster

GOOD = roster(devices(3))
PAST = datetime(2024, 1, 31, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "No roster was given. Paste the CSV text, or give the path or URL of a file."),
        ("no/such.csv", "The file 'no/such.csv' is not read: the path of a roster leads into /"),
        ("rosters/no.csv", "There is no file 'rosters/no.csv' on this worker (its folder is "),
        ("https://files.test/r.csv", "files.test is not asked for a roster: MUSTER_ROSTER_HOSTS "),
        ("device,host_id\n", "The roster has a header but no devices."),
        (
            "owner,host_id\na,b",
            "The roster has no column 'device'; its columns are: owner, host_id.",
        ),
        ("device,state,reason,request\na,,,", "This is the table of a report, and not a roster: "),
        (
            "device,mac\na,12:34",
            "No line of the roster can be used:\n- line 2, column mac: '12:34'",
        ),
        (
            "device,host_id\na,h1\na,h2",
            "No line of the roster can be used:\n- lines 2, 3, column device: 'a' is on 2 lines.",
        ),
        (
            "device\na\na",
            "No line of the roster can be used:\n- line 2: read 'a', would use 'a', because ",
        ),
        (
            'device\n"a',
            "No line of the roster can be used:\n- line 2: its quotation marks do not close, ",
        ),
    ],
)
def test_a_roster_that_cannot_be_used_is_one_clear_message(lem, ended, text, message):
    state = ended(onboard_site, SITE, text)

    assert state.is_failed()
    assert state.message.startswith(message)
    assert changes(lem) == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"code_expires": PAST}, "The expiry 2024-01-31 18:00 UTC is in the past"),
        ({"accept_repairs": "yes"}, "'yes' does not say which repairs are accepted. "),
        ({"columns": "Foo"}, "Columns: 'Foo' is not understood. "),
        ({"columns": "Foo = mac"}, "The roster has no column 'Foo', "),
        ({"columns": "device = divice"}, "Column 'device' cannot be used as 'divice'. "),
        ({"device_count": 2}, "The activation config would admit 2 devices (deviceCount), but 3 "),
        ({"existing_code": "XXXXX"}, "No activation config has a code ending in 'XXXXX'."),
    ],
)
def test_an_option_that_cannot_be_met_is_refused_before_anything_is_done(
    lem, ended, options, message
):
    state = ended(onboard_site, SITE, GOOD, **options)

    assert state.is_failed()
    assert state.message.startswith(message)
    assert changes(lem) == {}


def made_by_hand(lem, count):
    """A config that somebody made in LEM, for so many devices: the ending of its code."""
    body = {"projectId": DEFAULT_PROJECT, "expiresAt": 1999999999000, "deviceCount": count}
    headers = {"X-AuthToken": DEFAULT_TOKEN}
    made = httpx.post(f"{lem.url}/api/v1/activation/config", json=body, headers=headers)
    lem.clear("calls")
    return made.json()["code"][-5:]


def test_a_config_too_small_for_its_roster_is_refused(lem, ended):
    ending = made_by_hand(lem, 2)

    state = ended(onboard_site, SITE, GOOD, existing_code=ending)

    assert state.is_failed()
    assert (
        f"ends in {ending} admits 2 devices (deviceCount) and 0 of them are used" in state.message
    )
    assert changes(lem) == {}


def test_an_existing_config_is_used_when_it_fits(lem, ended):
    ending = made_by_hand(lem, 2)
    lem.control("lem/boot", devices=devices(2))
    lem.clear("calls")

    state = ended(onboard_site, SITE, roster(devices(2)), existing_code=ending.lower())

    assert (state.name, changes(lem)) == ("Completed", {"status": 2})


def test_one_that_is_another_sites_is_refused(lem, ended):
    ending = made_by_hand(lem, 9)
    ended(onboard_site, SITE, GOOD, existing_code=ending, wait_minutes=0)

    state = ended(onboard_site, "plant-8", roster([device(20)]), existing_code=ending)

    assert state.is_failed()
    assert f"ends in {ending} is that of site {SITE}" in state.message
    assert changes(lem) == {}


def test_a_device_on_two_rosters_is_said_to_be_so_before_it_asks(lem, ended):
    ended(onboard_site, SITE, GOOD, wait_minutes=0)

    state = ended(onboard_site, "plant-8", roster(devices(1)), dry_run=True)

    (name,) = (each["name"] for each in devices(1))
    assert f"On the roster of another site, too: {name} (as {name} of site {SITE})" in state.message


def test_a_zero_touch_profile_that_is_not_there_is_refused(lem, ended):
    state = ended(onboard_site, SITE, "device,host_id,zero_touch\na,h12,line-9\nb,h13,")

    assert state.is_failed()
    assert state.message.startswith("There is no zero-touch profile 'line-9' in LEM, ")
    assert changes(lem) == {}


def test_asked_to_stop_on_faults_nothing_is_begun(lem, ended):
    state = ended(onboard_site, SITE, GOOD + "\n机,,", stop_on_faults=True)

    assert state.is_failed()
    assert state.message.startswith(
        "Nothing was started because the roster has faults:\n- line 5, "
    )
    assert changes(lem) == {}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LEM_TOKEN", "wrong", "401 Unauthorized. Check the token"),
        ("LEM_TOKEN", OUT_OF_SCOPE_TOKEN, "403 Forbidden. The token lacks the scope"),
        ("LEM_PROJECT", "0" * 25, "404 Not Found. Check the address and the project"),
        ("LEM_URL", "http://127.0.0.1:9", "no connection to 127.0.0.1:9 (ConnectError)"),
        ("LEM_URL", "not an address", "LEM_URL: Input should be a valid URL"),
        ("LEM_CA_FILE", "/no/such/file", "LEM_CA_FILE: Path does not point to a file"),
        ("MUSTER_NIGHT_ZONE", "Atlantis", "MUSTER_NIGHT_ZONE: Input should be the name of a time"),
        ("MUSTER_DOUBT", "PT9S", "MUSTER_DOUBT is now called MUSTER_OUTCOME_TIMEOUT. Rename it."),
        ("MUSTER_LEDGER_URL", "sqlite://", "Run: muster ledger prepare"),
        ("MUSTER_LEDGER_URL", "nonsense", "The ledger's address cannot be used"),
    ],
)
def test_a_setting_that_is_wrong_is_one_clear_message(
    lem, ended, monkeypatch, name, value, message
):
    monkeypatch.setenv(name, value)

    state = ended(onboard_site, SITE, GOOD)

    assert state.is_failed()
    assert message in state.message
    assert "\n" not in state.message
    assert "wrong" not in state.message.replace("may be wrong", "")
    assert changes(lem) == {}


def test_a_lem_that_answers_with_a_web_page_is_reported_as_such(lem, ended):
    lem.control("faults", path="/api/", kind="not-json")

    state = ended(onboard_site, SITE, GOOD)

    assert state.is_failed()
    assert "but a web page. The address may lead to something else" in state.message


def test_one_web_page_at_the_first_observation_fails_no_run(lem, ended):
    lem.control("lem/boot", devices=devices(3))
    lem.control("faults", path="/api/", kind="not-json", times=1)

    state = ended(onboard_site, SITE, GOOD)

    assert state.message.startswith("plant-7: 3 in service.")


def test_a_device_that_another_run_works_on_is_refused(lem, ended, database_url):
    engine = connect(database_url)
    scope = "LEM project 462j1mq70mph31wa100t1yuxa"
    other = [Device(name="a", host_id="000000000002")]
    now = datetime.now(UTC)
    Ledger(engine).claims.open_claim(
        "plant-9", scope, "onboard plant-9", other, now, timedelta(seconds=2)
    )

    with at_work(engine):
        dry = ended(onboard_site, SITE, GOOD, dry_run=True)
        state = ended(onboard_site, SITE, GOOD, wait_minutes=0)

    engine.dispose()
    assert "Another run is working on edge-002 (run 'onboard plant-9')" in dry.message
    assert state.is_failed()
    assert "The run 'onboard plant-9' (site plant-9" in state.message
    assert "is working on edge-002." in state.message
    assert changes(lem) == {}


def test_a_device_form_that_is_wrong_is_refused(lem, ended):
    state = ended(provision_device, SITE, {"name": "edge-1", "macs": ["12:34"]})

    assert state.is_failed()
    assert "'12:34' is not a MAC address" in state.message
    assert changes(lem) == {}
