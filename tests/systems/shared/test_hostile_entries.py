"""Lists that hold what is no entry: it is left out and reported, and all others are read."""

import json

import httpx
import pytest

from systems.lem.wire import from_millis
from systems.provision_api.adapter import ProvisionApi
from systems.shared.entries import MOST
from systems.shared.errors import NotJson, TooLarge
from tests.laws import one_in
from tests.systems.acusight.asking import ACUSIGHT
from tests.systems.lem.asking import CODE, LEM
from tests.systems.provision_api.asking import PROVISION_API

pytestmark = pytest.mark.usefixtures("unhurried")

REQUEST = {"entryID": 4, "code": CODE, "hostname": "litmus-edge-1"}
DEVICE = {"tenant_id": "tenant-a", "device_id": "edge-042", "status": "ACTIVE", "token_set": True}
TOKEN = {"id": "0b1e", "name": "line 7", "use_count": 1}
CONFIG = {"projectId": "p1", "code": CODE, "expiresAt": 1, "deviceCount": 1}
LISTS = {
    "requests": (LEM, "requests", REQUEST, "entryID"),
    "configs": (LEM, "configs", CONFIG, "code"),
    "devices": (PROVISION_API, "devices", DEVICE, "device_id"),
    "integrations": (PROVISION_API, "integrations", {"integration_id": "a"}, "integration_id"),
    "routes": (PROVISION_API, "routes", {"route_id": "a", "integration_id": "b"}, "route_id"),
    "tokens": (ACUSIGHT, "tokens", TOKEN, "id"),
}


@pytest.fixture(params=LISTS.values(), ids=LISTS)
def listing(request):
    """A list call, a good entry of its answer, and the field without which an entry is none."""
    return request.param


def ask(listing, entries):
    """What the list call makes of `entries`, which are JSON or text that is hardly any."""
    system, name, *_ = listing
    text = entries if isinstance(entries, str) else json.dumps(entries)
    text = text if name != "tokens" else f'{{"success": true, "data": {text}}}'
    return system.ask(system.calls[name][2], lambda _: httpx.Response(200, content=text))


def read(found):
    """The entries in what a list call returned."""
    return next((v for k, v in vars(found).items() if isinstance(v, list)), found)


def millions(part):
    return f"[{f'{part},' * 4_000_000}{part}]"


one_is_fast = pytest.mark.parametrize(
    "listing", one_in(len(LISTS), LISTS.values()), ids=LISTS, indirect=True
)


@one_is_fast
def test_millions_of_parts_are_not_even_parsed(listing):
    with pytest.raises(TooLarge):
        ask(listing, millions("1"))


@pytest.mark.parametrize("part", ["{}", "[]", "null", '"a"'])
def test_whatever_the_millions_of_parts_are_they_are_not_even_parsed(part):
    with pytest.raises(TooLarge):
        ask(LISTS["requests"], millions(part))


@one_is_fast
def test_a_hundred_thousand_wrong_entries_are_one_error(listing):
    with pytest.raises(NotJson):
        ask(listing, most_that_are_read("null"))


@pytest.mark.parametrize("part", ["{}", "1"])
def test_whatever_the_hundred_thousand_wrong_entries_are_they_are_one_error(part):
    with pytest.raises(NotJson):
        ask(LISTS["requests"], most_that_are_read(part))


def most_that_are_read(part):
    return f"[{f'{part},' * (MOST - 1)}{part}]"


@pytest.mark.heavy
@one_is_fast
def test_more_entries_than_any_list_has_are_an_error(listing):
    _, _, good, _ = listing

    with pytest.raises(TooLarge):
        ask(listing, f"[{f'{json.dumps(good)},' * MOST}{json.dumps(good)}]")


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param([{"id": "a"}] * 10_000, id="long pages"),
        pytest.param([{"id": "a"}], id="short pages", marks=pytest.mark.heavy),
        pytest.param([{"id": "a" * 2**20}], id="large pages", marks=pytest.mark.heavy),
    ],
)
def test_pages_without_end_are_an_error(elements):
    def answer(request):
        number = int(request.url.params["requestedPage"])
        page = {"pageNum": number, "pagesCount": 2**53, "totalSize": 2**53}
        return httpx.Response(200, json=page | {"elements": elements})

    with pytest.raises(TooLarge):
        LEM.ask(LEM.calls["devices"][2], answer)


def test_duplicates_are_read_as_they_are(listing):
    _, _, good, _ = listing

    found = ask(listing, [good] * 500)

    assert len(read(found)) == 500


ODD = [None, [], {}, "a", True, float("nan"), -1, 2**64]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_an_entry_that_is_none_blinds_us_to_no_other_and_is_reported(listing, odd):
    system, name, good, _ = listing

    found = ask(listing, [good, odd, good])

    assert len(read(found)) == 2
    (where,) = found.unreadable
    assert where.startswith(f"{system.called(name)}: entry 1")


@pytest.mark.parametrize("odd", [None, [], {}], ids=str)
def test_an_entry_without_what_names_it_blinds_us_to_no_other_and_is_reported(listing, odd):
    system, name, good, field = listing

    found = ask(listing, [good, good | {field: odd}])

    assert len(read(found)) == 1
    (where,) = found.unreadable
    assert where.startswith(f"{system.called(name)}: entry 1.")


def test_a_list_of_which_nothing_can_be_read_is_another_list(listing):
    with pytest.raises(NotJson):
        ask(listing, [{}, {}])


def test_half_a_character_spoils_neither_its_list_nor_its_whole_neighbors():
    text = r'[{"entryID": 1, "code": "a", "hostname": "\ud800 \\ud800 \ud83d\ude00 \udc00\n"}]'

    (found,) = ask(LISTS["requests"], text)

    assert found.hostname == "\ufffd \\ud800 \U0001f600 \ufffd\n"


def test_half_a_character_spoils_no_list_that_is_a_part_of_its_answer(listing):
    _, _, good, _ = listing

    found = ask(listing, [good, good | {"name": "\ud800"}])

    assert len(read(found)) == 2


def test_half_a_character_spoils_no_page():
    text = '{"pageNum": 0, "pagesCount": 1, "totalSize": 1, "elements": [{"id": "\\ud800"}]}'

    (found,) = LEM.ask(LEM.calls["devices"][2], lambda _: httpx.Response(200, content=text))

    assert found.id == "\ufffd"


def test_a_request_without_a_code_is_a_request():
    found = ask(LISTS["requests"], [{"entryID": 1, "code": None}, {"entryID": 2}])

    assert [request.code.get_secret_value() for request in found] == ["", ""]


@pytest.mark.parametrize("name", ["device_id", "site_id", "status", "fw_version"])
def test_what_a_ledger_cannot_hold_is_replaced_and_never_left_out(name):
    found = ask(LISTS["devices"], [DEVICE | {name: "edge-\x00042\u202e"}])

    assert getattr(read(found)[0], name) == "edge-\ufffd042\ufffd"


def test_a_list_shows_no_other_tenants_devices_whatever_a_service_does_with_its_filter():
    api = PROVISION_API

    def answer(_):
        return httpx.Response(200, json=[DEVICE, DEVICE | {"tenant_id": "tenant-b"}])

    own = api.ask(lambda client: client.devices("tenant-a"), answer)
    everybodys = api.ask(lambda client: client.devices(), answer)

    assert [each.tenant_id for each in own.devices] == ["tenant-a"]
    assert len(everybodys.devices) == 2


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00"]
)
def test_a_time_at_the_end_of_time_is_a_time(at):
    (found,) = read(ask(LISTS["devices"], [DEVICE | {"provisioned_at": at}]))

    assert found.provisioned_at is not None
    assert found.provisioned_at.year in {1970, 9999}


@pytest.mark.parametrize("millis", [-(10**30), -1, 0, 10**30])
def test_any_number_is_a_time_in_milliseconds(millis):
    assert 1970 <= from_millis(millis).year <= 9999


def test_what_is_missing_of_integrations_is_unknown_where_an_entry_cannot_be_read():
    lists = {"integrations": [{"integration_id": "a"}], "integration-routes": [{"route_id": 1}]}
    lists["integration-routes"] += [{"route_id": "r", "integration_id": "a"}]

    def answer(request):
        return httpx.Response(200, json=lists[request.url.path.split("/")[-1]])

    settings = PROVISION_API.settings(quota_calls=0)
    found = PROVISION_API.ask(lambda client: ProvisionApi(client, settings).integrations(), answer)

    assert (len(found.webhooks), len(found.routes)) == (1, 1)
    assert "entry 0.integration_id" in found.gap
