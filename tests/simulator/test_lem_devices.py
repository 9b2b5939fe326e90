"""The device list, page by page."""

import pytest


@pytest.fixture
def plant(start):
    """A LEM with 23 devices in service."""
    lem = start(seconds_per_step=0)
    lem.add_config(deviceCount=50)
    lem.boot(*({"name": f"edge-{number}"} for number in range(23)))
    for request in lem.requests():
        lem.approve(request["entryID"])
    return lem


def numbers(page):
    return page["pageNum"], page["pagesCount"], page["size"], page["totalSize"]


def test_a_page_has_ten_devices_unless_asked_for_more(plant):
    assert numbers(plant.devices()) == (0, 3, 10, 23)


def test_the_size_is_of_the_page_at_hand(plant):
    page = plant.devices(requestedPage=2)

    assert numbers(page) == (2, 3, 3, 23)
    assert len(page["elements"]) == 3


def test_the_pages_together_hold_each_device_once(plant):
    pages = [plant.devices(requestedPage=number, limit=5) for number in range(5)]

    ids = [device["id"] for page in pages for device in page["elements"]]

    assert len(ids) == len(set(ids)) == 23


def test_a_page_after_the_last_is_empty(plant):
    assert numbers(plant.devices(requestedPage=9)) == (9, 3, 0, 23)


def test_a_list_of_nothing_has_no_pages(lem):
    assert lem.devices() == {
        "pageNum": 0,
        "pagesCount": 0,
        "size": 0,
        "totalSize": 0,
        "elements": [],
    }


@pytest.mark.parametrize(
    "query",
    [
        {"requestedPage": -1},
        {"requestedPage": "x"},
        {"requestedPage": 2**31},
        {"limit": 0},
        {"limit": "²"},
        {"limit": "9" * 5000},
    ],
)
def test_a_malformed_page_is_a_bad_request(plant, query):
    assert plant.get(f"device/{plant.project}", **query).status_code == 400


def test_the_parameters_names_can_be_others(start):
    lem = start(page_parameter="page", limit_parameter="size", page_limit=3)

    assert lem.devices(page=4, size=2)["pageNum"] == 4


def test_a_device_deleted_at_lems_own_page_is_in_no_list(plant):
    missing = plant.devices()["elements"][0]["id"]

    plant.control("lem/delete-device", device_id=missing)

    assert plant.devices()["totalSize"] == 22
    assert missing not in [device["id"] for device in plant.devices(limit=50)["elements"]]
    assert plant.devices(status="INACTIVE")["totalSize"] == 0


def test_a_deleted_device_s_request_and_its_place_stay_as_they_were(plant):
    missing = plant.devices()["elements"][0]["id"]

    plant.control("lem/delete-device", device_id=missing)

    (request,) = (request for request in plant.requests() if request["deviceId"] == missing)
    (config,) = plant.get("activation/config/list", projectId=plant.project).json()
    assert request["status"] == "ACTIVATED"
    assert missing in config["usages"]


def test_a_device_is_deleted_once(plant):
    missing = {"device_id": plant.devices()["elements"][0]["id"]}

    replies = [plant.http.post("/_simulator/lem/delete-device", json=missing) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [200, 404]


def test_an_unknown_device_approved_at_lems_own_page_is_in_the_list(plant):
    plant.boot({"name": "unknown-device", "behavior": "unknown-device"})
    (waiting,) = (request for request in plant.requests() if request["status"] == "PENDING")

    plant.control("lem/approve", entryID=waiting["entryID"], by="a colleague")

    (request,) = (r for r in plant.requests() if r["entryID"] == waiting["entryID"])
    assert request["updatedBy"] == "a colleague"
    assert request["deviceId"] in [d["id"] for d in plant.devices(limit=50)["elements"]]


def test_a_device_may_be_in_the_list_with_no_request_at_all(plant):
    request = plant.requests()[0]

    plant.control("lem/delete-request", entryID=request["entryID"])

    assert request["deviceId"] not in [each["deviceId"] for each in plant.requests()]
    assert request["deviceId"] in [d["id"] for d in plant.devices(limit=50)["elements"]]
