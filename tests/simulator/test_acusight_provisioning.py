"""How devices provision themselves with Acusight, and what is checked in which order."""

import re

import pytest

KEY = re.compile(r"adk_[0-9a-f]{64}")


def code(reply):
    assert reply.json()["success"] is False
    return reply.status_code, reply.json()["error"]["code"]


def test_a_device_is_reported_its_secrets_once(acusight):
    messages = acusight.new_device("ABCD:1234")

    assert messages.keys() == {"device_id", "endpoint_id", "api_key", "api_endpoint"}
    assert messages["device_id"] == messages["endpoint_id"] == "ABCD:1234"
    assert KEY.fullmatch(messages["api_key"])


def test_a_device_is_reported_to_come_back_to_where_it_was(acusight):
    assert acusight.new_device()["api_endpoint"] == "http://simulator.test/acusight/api"


def test_the_api_endpoint_can_be_elsewhere(start_acusight):
    acusight = start_acusight(api_endpoint="https://api.acusight.invalid")

    assert acusight.new_device()["api_endpoint"] == "https://api.acusight.invalid"


def test_with_portainer_there_are_two_secrets_and_an_endpoint(start_acusight):
    acusight = start_acusight(portainer=True)

    first, second = acusight.new_device("docker-1"), acusight.new_device("docker-2")

    assert first["edge_key"] != second["edge_key"]
    assert first["portainer_endpoint_id"] < second["portainer_endpoint_id"]


def test_a_device_without_a_name_is_given_one(acusight):
    unnamed, named = acusight.new_device("docker-1"), acusight.new_device("docker-2", name="Cam")

    assert acusight.itself(unnamed["api_key"])["name"] == "device-docker-1"
    assert acusight.itself(named["api_key"])["name"] == "Cam"


def test_keys_are_their_devices_own(acusight):
    token = acusight.make_token()["token"]

    keys = [acusight.provision(token, name).json()["data"]["api_key"] for name in "abc"]

    assert [acusight.itself(key)["device_id"] for key in keys] == ["a", "b", "c"]


@pytest.mark.parametrize("token", ["", "apt_0123", "nonsense"])
def test_a_token_nobody_made_is_invalid(acusight, token):
    assert code(acusight.provision(token)) == (401, "INVALID_TOKEN")


def test_a_token_whose_time_is_over_has_expired(acusight):
    token = acusight.make_token(expires_in_days=1)["token"]

    acusight.pass_time(24 * 3600 - 0.001)
    assert acusight.provision(token, "in-time").status_code == 201
    acusight.pass_time(0.001)

    assert code(acusight.provision(token, "late")) == (401, "TOKEN_EXPIRED")


@pytest.mark.parametrize("said", ["INVALID_TOKEN", "TOKEN_EXPIRED"])
def test_a_revoked_token_is_refused_in_either_way(start_acusight, said):
    acusight = start_acusight(spent_token=said)
    token = acusight.make_token()
    acusight.revoke(token["id"])

    assert code(acusight.provision(token["token"])) == (401, said)


def test_a_device_provisions_itself_once(acusight):
    message = acusight.new_device()

    again = acusight.provision(acusight.make_token()["token"])

    assert code(again) == (409, "DEVICE_EXISTS")
    assert message["api_key"] not in again.text


def test_the_token_is_observed_before_the_device(acusight):
    acusight.new_device()

    assert code(acusight.provision("apt_wrong")) == (401, "INVALID_TOKEN")


def test_the_device_can_be_observed_before_the_token(start_acusight):
    acusight = start_acusight(check_order="duplicate-first")
    acusight.new_device()

    assert code(acusight.provision("apt_wrong")) == (409, "DEVICE_EXISTS")
    assert code(acusight.provision("apt_wrong", "docker-2")) == (401, "INVALID_TOKEN")


def test_the_body_is_observed_before_all_else(acusight):
    acusight.new_device()
    body = {"token": "apt_wrong", "device_info": {"device_id": "docker-1", "name": 7}}

    assert code(acusight.call("POST", "devices/provision", body)) == (400, "VALIDATION_ERROR")


def test_a_validation_error_says_where_and_repeats_nothing(acusight):
    reply = acusight.call("POST", "devices/provision", {"token": "apt_secret"})

    assert "device_info" in reply.json()["error"]["details"]
    assert "apt_secret" not in reply.text


def test_secrets_are_stored_as_digests(start_acusight, tmp_path):
    acusight = start_acusight({"state": tmp_path / "state.db"}, portainer=True)
    token = acusight.make_token()["token"]
    message = acusight.provision(token).json()["data"]
    acusight.boot({"device_id": "docker-2", "token": token, "after": 60})

    record = (tmp_path / "state.db").read_bytes() + acusight.http.get(
        "/_simulator/acusight/state"
    ).content

    for secret in (token, message["api_key"], message["edge_key"]):
        assert secret.encode() not in record


def test_a_second_start_knows_the_same_devices(start_acusight, tmp_path):
    before = start_acusight({"state": tmp_path / "state.db"})
    token = before.make_token()
    key = before.provision(token["token"], "docker-1").json()["data"]["api_key"]
    before.boot({"device_id": "docker-2", "token": token["token"], "after": 60})

    after = start_acusight({"state": tmp_path / "state.db"})
    after.pass_time(60)

    assert after.itself(key)["status"] == "approved"
    assert after.fates() == {"docker-2": "approved"}
    assert after.make_token()["token"] != token["token"]
