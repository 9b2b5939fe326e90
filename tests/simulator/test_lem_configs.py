"""Activation configs on the wire."""

import re

import pytest

CODE = re.compile(r"[A-Z0-9]{5}(-[A-Z0-9]{5}){4}")
COMMON = {
    "projectId",
    "code",
    "expiresAt",
    "deviceCount",
    "usageCount",
    "usages",
    "templateNames",
    "leaseTtl",
    "licenseType",
    "licenseServerHost",
    "licenseServerPort",
    "options",
    "createdOn",
    "wgPersistentKeepalive",
}


def test_an_added_config_has_the_documented_keys_and_no_creation_time(lem):
    config = lem.add_config()

    assert config.keys() == COMMON | {"licenseSkus"}
    assert config["createdOn"] is None
    assert (config["usageCount"], config["usages"]) == (0, [])


def test_a_listed_config_has_license_keys_instead_of_skus(lem):
    lem.add_config()

    (config,) = lem.get("activation/config/list", projectId=lem.project).json()

    assert config.keys() == COMMON | {"licenseKeys", "firstUnusedLicense"}
    assert config["createdOn"] == lem.now()
    assert (config["licenseKeys"], config["firstUnusedLicense"]) == ([], None)


def test_a_config_with_skus_has_a_first_unused_license(lem):
    code = lem.add_config(licenseSkus=["EDGE-50"])["code"]

    config = lem.get("activation/config", projectId=lem.project, code=code).json()

    assert config["firstUnusedLicense"] == config["licenseKeys"][0]


def test_a_config_is_found_by_its_code_in_the_shape_of_the_list(lem):
    code = lem.add_config()["code"]

    found = lem.get("activation/config", projectId=lem.project, code=code)

    assert found.status_code == 200
    assert [found.json()] == lem.get("activation/config/list", projectId=lem.project).json()


def test_an_unknown_code_is_not_found(lem):
    reply = lem.get("activation/config", projectId=lem.project, code="AAAAA-AAAAA")

    assert reply.status_code == 404


def test_the_license_servers_port_comes_back_as_zero(lem):
    assert lem.add_config(licenseServerPort=5053)["licenseServerPort"] == 0


def test_equal_posts_make_two_configs_with_codes_of_their_own(lem):
    body = lem.body()

    codes = {lem.post("activation/config", body).json()["code"] for _ in range(2)}

    assert len(codes) == 2
    assert all(CODE.fullmatch(code) for code in codes)


def test_a_code_of_the_clients_own_is_stored(lem):
    assert lem.add_config(code="AAAAA-BBBBB-CCCCC-DDDDD-EEEEE")["code"].startswith("AAAAA-BBBBB")


def test_a_code_that_is_taken_is_refused(lem):
    code = lem.add_config()["code"]

    assert lem.post("activation/config", lem.body(code=code)).status_code == 400


def test_the_milliseconds_of_an_expiry_are_stored(lem):
    assert lem.add_config(expiresAt=1999999999123)["expiresAt"] == 1999999999123


def test_an_expiry_can_be_stored_to_the_second(start):
    lem = start(expiry_stored_to="second")

    assert lem.add_config(expiresAt=1999999999123)["expiresAt"] == 1999999999000


def test_a_past_expiry_makes_a_dead_code(lem):
    lem.add_config(expiresAt=1756191600000)

    lem.boot({"name": "edge-1"})

    assert lem.requests() == []


def test_a_past_expiry_can_be_refused(start):
    lem = start(past_expiry="refused")

    assert lem.post("activation/config", lem.body(expiresAt=1756191600000)).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"projectId": None},
        {"expiresAt": "tomorrow"},
        {"expiresAt": 1.5},
        {"deviceCount": 0},
        {"deviceCount": "10"},
        {"deviceCount": 2**31},
        {"expiresAt": 2**63},
        {"options": {"a": 2**64}},
        {"code": "short"},
        {"licenseSkus": None},
    ],
)
def test_a_malformed_config_is_a_bad_request(lem, changes):
    assert lem.post("activation/config", lem.body(**changes)).status_code == 400


@pytest.mark.parametrize("key", ["projectId", "expiresAt", "deviceCount"])
def test_a_config_without_a_needed_key_is_a_bad_request(lem, key):
    body = lem.body()
    del body[key]

    assert lem.post("activation/config", body).status_code == 400


def test_a_body_that_is_no_json_is_a_bad_request(lem):
    reply = lem.http.post("/api/v1/activation/config", content=b"{")

    assert reply.status_code == 400


def test_projects_do_not_see_each_others_configs(start):
    lem = start(projects=["plant-a", "plant-b"])
    code = lem.add_config(projectId="plant-a")["code"]

    assert lem.get("activation/config/list", projectId="plant-b").json() == []
    assert lem.get("activation/config", projectId="plant-b", code=code).status_code == 404
