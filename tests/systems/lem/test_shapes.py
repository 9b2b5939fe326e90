"""The shapes that LEM sends: what may differ from its documents without harm, and paging."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems.lem.client import LemClient
from systems.lem.wire import from_millis, to_millis
from systems.shared.errors import NotJson
from tests.systems.lem.asking import CODE, ask

pytestmark = pytest.mark.usefixtures("unhurried")

CONFIG = {"projectId": "p1", "code": CODE, "expiresAt": 1773059415123, "deviceCount": 1}


def answered(call, *bodies):
    """What `call` makes of `bodies`, one for each HTTP request it makes."""
    left = list(bodies)
    return ask(call, lambda _: httpx.Response(200, json=left.pop(0)))


def page(number, of, *ids):
    elements = [{"id": each} for each in ids]
    sizes = {"size": len(ids), "totalSize": 99}
    return {"pageNum": number, "pagesCount": of, "elements": elements} | sizes


def listed_devices(*pages):
    return [device.id for device in answered(lambda lem: lem.devices(), *pages)]


def test_unknown_fields_are_ignored():
    config = CONFIG | {"licenseSkus": [], "licenseKeys": ["k"], "new in 2.32": {"a": 1}}

    (found,) = answered(lambda lem: lem.configs(), [config])

    assert found.expires_at == 1773059415123


def test_a_code_is_not_shown_by_what_holds_it():
    (found,) = answered(lambda lem: lem.configs(), [CONFIG])

    assert CODE not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"


def test_nulls_stand_for_nothing():
    fields = "hostname macAddress hostID status message deviceId createdOn provisionStatus"
    entry = {"entryID": 4, "code": CODE} | dict.fromkeys(fields.split())

    (request,) = answered(lambda lem: lem.requests(), [entry])

    assert (request.hostname, request.mac_address, request.status) == ("", "", "")
    assert request.provision_status == []


def test_a_step_without_a_message_is_a_step():
    step = {"step": "RECEIVED", "stepStatus": "DONE", "message": None, "updatedAt": None}
    entry = {"entryID": 4, "code": CODE, "provisionStatus": [step]}

    (request,) = answered(lambda lem: lem.requests(), [entry])

    assert request.provision_status[0].message == ""


def test_a_page_without_a_list_is_empty():
    assert listed_devices(page(0, 0) | {"elements": None}) == []


@pytest.mark.parametrize("call", [LemClient.configs, LemClient.requests])
def test_a_list_that_is_null_is_empty(call):
    assert ask(call, lambda _: httpx.Response(200, content="null")) == []


def test_a_config_without_expiry_lasts_as_long_as_calendars_do():
    (found,) = answered(lambda lem: lem.configs(), [CONFIG | {"expiresAt": None}])

    assert from_millis(found.expires_at).year == 9999


@pytest.mark.parametrize("more", [{}, {"ztConfig": None}], ids=["missing", "null"])
def test_a_profile_that_is_not_generated_yet_has_no_config(more):
    unmade = [{"configName": "lab"} | more]

    (profile,) = answered(lambda lem: lem.zero_touch_configs(), page(0, 1) | {"elements": unmade})

    assert (profile.config_name, profile.zt_config) == ("lab", None)


def test_ids_that_are_numbers_become_text():
    entry = {"entryID": 4, "code": CODE, "deviceId": 17}

    (config,) = answered(lambda lem: lem.configs(), [CONFIG | {"projectId": 3}])
    (request,) = answered(lambda lem: lem.requests(), [entry])

    assert (config.project_id, request.device_id) == ("3", "17")
    assert listed_devices(page(0, 1, 17)) == ["17"]


@pytest.mark.parametrize("name", ["id", "deviceId", "ID"])
def test_a_device_is_known_by_any_of_its_three_names(name):
    assert listed_devices(page(0, 1) | {"elements": [{name: "d1"}]}) == ["d1"]


def test_pages_are_read_in_order_until_the_last():
    assert listed_devices(page(0, 3, "a", "b"), page(1, 3, "c"), page(2, 3, "d")) == [*"abcd"]


def test_the_pages_of_profiles_are_read_likewise():
    profiles = [
        {"configName": name, "ztConfig": {"activation": {"code": CODE, "cert": "PEM"}}}
        for name in "ab"
    ]

    found = answered(
        lambda lem: lem.zero_touch_configs(),
        page(0, 2) | {"elements": profiles[:1]},
        page(1, 2) | {"elements": profiles[1:]},
    )

    assert [profile.config_name for profile in found] == ["a", "b"]
    assert CODE not in repr(found)


def test_pages_are_asked_for_by_their_number():
    asked = []

    def answer(request):
        asked.append(request.url.params["requestedPage"])
        return httpx.Response(200, json=page(len(asked) - 1, 3, "a"))

    ask(lambda lem: lem.devices(), answer)

    assert asked == ["0", "1", "2"]


def test_an_empty_page_is_the_last_whatever_their_count():
    assert listed_devices(page(0, 1000, "a"), page(1, 1000)) == ["a"]


def test_a_server_that_repeats_its_first_page_is_an_error_and_no_loop():
    with pytest.raises(NotJson) as refusal:
        listed_devices(page(0, 3, "a"), page(0, 3, "a"))

    assert "page 1 was asked for, 0 came" in str(refusal.value)


@given(st.integers(0, 253_402_300_799_999))
def test_milliseconds_are_stored_exactly(millis):
    assert to_millis(from_millis(millis)) == millis


@pytest.mark.parametrize("never", [253_402_300_800_000, 2**63 - 1])
def test_an_expiry_beyond_all_calendars_is_the_last_one_there_is(never):
    assert from_millis(never).year == 9999


def test_an_instant_of_any_zone_becomes_the_same_milliseconds():
    here = datetime(2026, 3, 9, 12, 30, 15, 123000, tzinfo=UTC)

    assert from_millis(to_millis(here)) == here
    assert from_millis(1500) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=1.5)
