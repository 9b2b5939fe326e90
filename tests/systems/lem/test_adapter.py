"""An observation of LEM in the fleet's words: identities, enrollments, instants, and no codes."""

from datetime import UTC, datetime, timedelta
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from fleet.device.identity import Identity
from systems.lem.adapter import enrollment_id
from tests.laws import share_of
from tests.systems.lem.observing import (
    AT,
    CODE,
    RECEIVED,
    config,
    entry,
    observation,
    profile,
    seen,
    step,
)

OTHER = "OTHER-PLANT-EDCOD-E0000-00002"
LAW = settings(max_examples=share_of(25))  # every example is four calls
codes = st.from_regex(r"[A-Z0-9]{5}(-[A-Z0-9]{5}){4}", fullmatch=True)
odd_codes = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789+/=", min_size=12, max_size=40)
around = st.text("azAZ09 _-.:()'\"/", max_size=8)


def test_every_mac_of_the_joined_string_counts_and_junk_does_not():
    shown = " 02-00-00-00-00-0A,,0200.0000.000b , docker0, 02:00:00:00:00, unknown,"

    request = seen(entry(macAddress=shown, hostID="00AB12CD34EF"))

    macs = frozenset({"02:00:00:00:00:0a", "02:00:00:00:00:0b"})
    assert request.identity == Identity("00ab12cd34ef", macs)


@pytest.mark.parametrize("shown", ["", None, " ", "no host id"])
def test_what_is_no_host_id_is_none(shown):
    assert seen(entry(hostID=shown, macAddress=None)).identity == Identity()


@LAW
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_text_for_an_identity_breaks_an_observation(text):
    request = seen(entry(macAddress=text, hostID=text, hostname=text))

    assert all(len(mac) == 17 for mac in request.identity.macs)


def test_a_request_is_reported_with_its_times_and_steps():
    log = [step("RECEIVED", stepName="Activation request received"), step("X", updatedAt=None)]

    request = seen(entry("PENDING", *log, deviceId="d1"))

    assert (request.id, request.asked_at, request.device_id) == ("4", AT, "d1")
    assert [s.name for s in request.steps] == ["Activation request received", "X"]
    assert [s.at for s in request.steps] == [AT, None]


def test_an_enrollment_is_reported_without_its_code():
    (enrollment,) = observation(configs=[config()]).enrollments

    assert (enrollment.ending, enrollment.capacity, enrollment.used) == ("00001", 3, 1)
    assert (enrollment.expires_at, enrollment.profile) == (AT, None)


@LAW
@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_an_expiry_is_stored_to_the_millisecond(instant):
    exact = instant.replace(microsecond=instant.microsecond // 1000 * 1000, tzinfo=UTC)
    millis = (exact - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    (enrollment,) = observation(configs=[config(expiresAt=millis)]).enrollments

    assert enrollment.expires_at == exact


def test_an_expiry_that_means_never_is_far_away_and_breaks_no_observation():
    (enrollment,) = observation(configs=[config(expiresAt=2**63 - 1)]).enrollments

    assert enrollment.is_usable(datetime(2999, 1, 1, tzinfo=UTC))


def test_an_enrollment_without_expiry_is_good_for_as_long_as_calendars_last():
    (enrollment,) = observation(configs=[config(expiresAt=None)]).enrollments

    assert enrollment.is_usable(datetime(9999, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("more", [{}, {"ztConfig": None}], ids=["missing", "null"])
def test_a_profile_that_is_not_generated_yet_is_no_profile_and_breaks_no_observation(more):
    profiles = [{"configName": "new"} | more, profile("lab", CODE)]

    observed = observation(configs=[config()], profiles=profiles)

    assert observed.profile("new") is None
    assert observed.profile("lab") == observed.enrollments[0]


def test_a_profile_whose_code_is_not_in_the_list_of_configs_is_found_by_its_name():
    observed = observation(configs=[config()], profiles=[profile("lab", OTHER)])

    lab = observed.profile("lab")
    assert (lab.id, lab.ending) == (enrollment_id(SecretStr(OTHER)), "00002")
    assert lab.is_usable(datetime(9999, 1, 1, tzinfo=UTC))
    assert [e.profile for e in observed.enrollments] == [None, "lab"]


def test_a_profile_without_a_code_is_not_generated_yet():
    assert observation(profiles=[profile("lab", "")]).profile("lab") is None


def test_a_profile_names_the_enrollment_of_its_code():
    configs = [config(), config(OTHER)]

    observed = observation(configs=configs, profiles=[profile("lab", OTHER)])

    assert [e.profile for e in observed.enrollments] == [None, "lab"]


def test_profiles_are_not_asked_for_without_need():
    configs = [config()]

    observed = observation(configs=configs, profiles=[profile("lab", CODE)], zero_touch=False)

    assert observed.profile("lab") is None


def test_devices_in_the_list_are_present():
    observed = observation(devices=[{"id": "d1"}, {"deviceId": "d2"}, {"ID": "d3"}])

    assert observed.present == {"d1", "d2", "d3"}


def test_a_device_is_the_one_of_its_request_also_when_ids_are_numbers():
    observed = observation(requests=[entry("ACTIVATED", deviceId=17)], devices=[{"id": 17}])

    assert observed.present == {observed.requests[0].device_id}


def test_a_request_shows_the_enrollment_of_its_code():
    observed = observation(requests=[entry()], configs=[config(), config(OTHER)])

    assert observed.requests[0].enrollment_id == observed.enrollments[0].id


def test_the_id_of_an_enrollment_never_changes():
    # It is in every ledger there is: another derivation would forget every enrollment.
    assert enrollment_id(SecretStr(CODE)) == "377f2fceb2e13bdfbea2c6a3"


@LAW
@given(st.lists(codes | odd_codes, min_size=2, max_size=5, unique=True))
def test_each_code_has_an_id_of_its_own_that_does_not_show_it(several):
    ids = [enrollment_id(SecretStr(code)) for code in several]

    assert len(set(ids)) == len(several)
    assert not [code for code, id_ in zip(several, ids, strict=True) if code in id_]


@LAW
@given(codes | odd_codes, codes, around, around, st.sampled_from(["FAILED", "PENDING", "NEW"]))
def test_no_code_is_in_anything_an_observation_returns(own, another, before, after, status):
    message = f"{before}{own}{after} and {another.lower()}_{another}"
    log = [
        RECEIVED | {"stepName": message},
        step(message, message, message),
        step("LICENSE", "FAILED", message),
    ]
    info = {"version": message, "hw": message}
    request = entry(
        f"{status} {message}", *log, code=own, message=message, hostname=message, info=info
    )
    plain = entry(status, RECEIVED, code=own, message=message)

    observed = observation(
        [request, plain], [config(own), config(another)], [], [profile("lab", own)]
    )

    shown = f"{observed!r} {observed} {[str(request) for request in observed.requests]}"
    assert own not in shown
    assert another not in shown.upper()


@LAW
@given(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.sampled_from(["\0", "\x1b[31m", "\x7f", "\x85", "\u202e", "\r\n"]),
)
def test_nothing_that_an_observation_says_holds_a_control_character(text, unseen):
    message = f"{text}{unseen}{text}"
    log = [
        step(message, stepName=message),
        step("X", message, message),
        step(message, "FAILED", message),
    ]
    own = {"hostname": message, "message": message, "deviceId": message}
    info = {"version": message, "virtualization": message}
    request = seen(entry(f"FAILED{message}", *log, **own, info=info))

    words = [request.status, request.hostname, request.message, request.device_id or ""]
    words += [request.version, request.hardware]
    words += [word for each in request.steps for word in (each.name, each.status)]
    assert not [word for word in words if unseen in word or set(map(category, word)) & {"Cc"}]


def test_control_characters_are_left_out_and_lines_become_one():
    request = seen(entry("FAILED", hostname="edge\0-1", message="no\r\nlicence\x1b"))

    assert (request.hostname, request.message) == ("edge-1", "no licence")


def test_a_device_is_the_one_of_its_request_whatever_its_id_holds():
    observed = observation(
        requests=[entry("ACTIVATED", deviceId="d\x001")], devices=[{"id": "d\x001"}]
    )

    assert observed.present == {"d1"} == {observed.requests[0].device_id}


def test_an_id_of_control_characters_alone_is_none():
    assert seen(entry(deviceId="\0")).device_id is None


def test_a_code_with_a_control_character_in_it_is_a_code_all_the_same():
    assert seen(entry(hostname=CODE.replace("D", "D\0"))).hostname == "(code)"


def test_a_message_without_a_code_is_reported_as_it_is():
    request = seen(entry("FAILED", message="License server did not answer (5 of 5)"))

    assert request.message == "License server did not answer (5 of 5)"


def test_several_failed_steps_are_all_reported():
    log = [step("A", "FAILED", "no licence"), step("B", "ERROR")]

    assert seen(entry("FAILED", *log, message="see log")).message == "A: no licence; B: ERROR"
