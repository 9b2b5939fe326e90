"""Provisioning tokens: how they are made, listed, used up and revoked."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from simulator.acusight.settings import DEFAULT_JWT

CALLS = [
    ("POST", "provisioning-tokens"),
    ("GET", "provisioning-tokens"),
    ("DELETE", "provisioning-tokens/6f1c2f0e-0000-4000-8000-000000000009"),
    ("PATCH", "core/devices/docker-1"),
]
LISTED = {
    "id",
    "name",
    "single_use",
    "use_count",
    "created_at",
    "expires_at",
    "last_used_at",
    "revoked_at",
}


def moment(text):
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


def code(reply):
    return reply.status_code, reply.json()["error"]["code"]


def test_a_token_is_reported_raw_when_it_is_made(acusight):
    made = acusight.make_token(name="paint shop")

    assert made.keys() == {
        "id",
        "name",
        "token",
        "single_use",
        "created_at",
        "expires_at",
        "setup_command",
    }
    assert (made["name"], made["single_use"]) == ("paint shop", False)
    assert re.fullmatch(r"apt_[0-9a-f]{64}", made["token"])
    assert str(UUID(made["id"])) == made["id"]
    assert made["token"] in made["setup_command"]


def test_a_token_is_never_reported_again(acusight):
    made = acusight.make_token()

    (listed,) = acusight.tokens()

    assert listed.keys() == LISTED
    assert made["token"] not in str(listed)
    assert (listed["use_count"], listed["last_used_at"], listed["revoked_at"]) == (0, None, None)


def test_the_newest_token_is_listed_first(acusight):
    made = [acusight.make_token()["id"] for _ in range(3)]

    assert [token["id"] for token in acusight.tokens()] == made[::-1]


def test_days_left_out_are_thirty_and_null_is_for_ever(acusight):
    absent, never, one = (
        acusight.make_token(**days)
        for days in ({}, {"expires_in_days": None}, {"expires_in_days": 1})
    )

    assert moment(absent["expires_at"]) - moment(absent["created_at"]) == timedelta(days=30)
    assert moment(one["expires_at"]) - moment(one["created_at"]) == timedelta(days=1)
    assert never["expires_at"] is None


def test_a_token_without_end_works_for_ever(acusight):
    token = acusight.make_token(expires_in_days=None)["token"]

    acusight.pass_time(100 * 365 * 24 * 3600)

    assert acusight.provision(token).status_code == 201


def test_a_token_is_made_now(acusight):
    now = datetime.fromtimestamp(acusight.now() / 1000, UTC)

    assert moment(acusight.make_token()["created_at"]) == now


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": 7},
        {"name": "a", "expires_in_days": "30"},
        {"name": "a", "expires_in_days": 0},
        {"name": "a", "expires_in_days": 10**9},
        {"name": "a", "single_use": "yes"},
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(acusight, body):
    reply = acusight.by_user("POST", "provisioning-tokens", body)

    assert code(reply) == (400, "VALIDATION_ERROR")
    assert acusight.tokens() == []


def test_a_token_can_be_made_with_its_time_over(start_acusight):
    acusight = start_acusight(days_below_one="expired")

    token = acusight.make_token(expires_in_days=-1)["token"]

    assert code(acusight.provision(token)) == (401, "TOKEN_EXPIRED")


def test_uses_are_counted(acusight):
    token = acusight.make_token()["token"]
    acusight.provision(token, "docker-1")
    acusight.pass_time(5)
    acusight.provision(token, "docker-2")

    (listed,) = acusight.tokens()

    assert listed["use_count"] == 2
    assert moment(listed["last_used_at"]) - moment(listed["created_at"]) == timedelta(seconds=5)
    assert listed["revoked_at"] is None


def test_a_token_for_one_is_revoked_by_its_use(acusight):
    token = acusight.make_token(single_use=True)["token"]

    assert acusight.provision(token, "docker-1").status_code == 201

    (listed,) = acusight.tokens()
    assert listed["revoked_at"] == listed["last_used_at"] is not None
    assert listed["use_count"] == 1
    assert code(acusight.provision(token, "docker-2")) == (401, "INVALID_TOKEN")
    assert code(acusight.revoke(listed["id"])) == (400, "VALIDATION_ERROR")


def test_a_token_for_one_is_not_spent_by_a_refusal(acusight):
    acusight.new_device("docker-1")
    token = acusight.make_token(single_use=True)["token"]
    body = {"token": token, "device_info": {}}

    assert acusight.call("POST", "devices/provision", body).status_code == 400
    assert acusight.provision(token, "docker-1").status_code == 409
    assert acusight.provision(token, "docker-2").status_code == 201


def test_a_token_is_revoked_once(acusight):
    made = acusight.make_token()

    first, second = acusight.revoke(made["id"]), acusight.revoke(made["id"])

    (listed,) = acusight.tokens()
    assert first.json() == {
        "success": True,
        "data": {"id": made["id"], "revoked_at": listed["revoked_at"]},
    }
    assert code(second) == (400, "VALIDATION_ERROR")


def test_revoking_a_token_leaves_its_devices_alone(acusight):
    made = acusight.make_token()
    key = acusight.provision(made["token"]).json()["data"]["api_key"]

    acusight.revoke(made["id"])

    assert acusight.itself(key)["status"] == "approved"


def test_only_a_token_there_is_can_be_revoked(acusight):
    assert code(acusight.revoke("6f1c2f0e-0000-4000-8000-000000000009")) == (404, "NOT_FOUND")
    assert code(acusight.revoke("not-a-uuid")) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {DEFAULT_JWT}"},
        {"X-Device-Key": DEFAULT_JWT},
    ],
)
def test_a_users_calls_want_the_users_jwt(acusight, method, path, headers):
    assert code(acusight.call(method, path, {}, **headers)) == (401, "UNAUTHORIZED")


def test_the_code_of_a_bad_credential_is_a_switch(start_acusight):
    acusight = start_acusight(unauthorized_code="TOKEN_EXPIRED")

    assert code(acusight.call("GET", "provisioning-tokens")) == (401, "TOKEN_EXPIRED")
