"""Acusight's devices once they are in: who they are, how they look home, who changes them."""

import pytest


def code(reply):
    return reply.status_code, reply.json()["error"]["code"]


def test_a_device_reads_about_itself(acusight):
    key = acusight.new_device("docker-1", name="Cam")["api_key"]

    assert acusight.itself(key) == {
        "device_id": "docker-1",
        "endpoint_id": "docker-1",
        "organization_id": "6f1c2f0e-0000-4000-8000-000000000001",
        "status": "approved",
        "name": "Cam",
    }


def test_a_user_reads_about_the_organization_of_its_devices(acusight):
    reply = acusight.by_user("GET", "organization")

    assert reply.json() == {
        "success": True,
        "data": {
            "id": "6f1c2f0e-0000-4000-8000-000000000001",
            "name": "Simulated Works",
            "slug": "simulated-works",
        },
    }


def test_an_organization_is_reported_to_its_users_alone(acusight):
    key = acusight.new_device()["api_key"]

    assert code(acusight.call("GET", "organization")) == (401, "UNAUTHORIZED")
    assert code(acusight.by_device(key, "GET", "organization")) == (401, "UNAUTHORIZED")


def test_a_device_can_be_pending_for_a_while(start_acusight):
    acusight = start_acusight(approval_seconds=10)
    key = acusight.new_device()["api_key"]

    acusight.pass_time(9.999)
    assert acusight.itself(key)["status"] == "pending"
    acusight.pass_time(0.001)

    assert acusight.itself(key)["status"] == "approved"


@pytest.mark.parametrize(("call", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_a_device_can_be_pending_until_somebody_decides(start_acusight, call, status):
    acusight = start_acusight(approval_seconds=None)
    key = acusight.new_device("docker-1")["api_key"]
    acusight.pass_time(10**6)
    assert acusight.itself(key)["status"] == "pending"

    acusight.control(f"acusight/{call}", device_id="docker-1")

    assert acusight.itself(key)["status"] == status


def test_nobody_decides_about_a_device_that_is_not_there(acusight):
    reply = acusight.http.post("/_simulator/acusight/reject", json={"device_id": "nobody"})

    assert (reply.status_code, reply.json()) == (404, {"detail": "no device has this id"})


def test_a_deleted_device_can_come_again(acusight):
    key = acusight.new_device("docker-1")["api_key"]

    acusight.control("acusight/delete-device", device_id="docker-1")

    assert acusight.by_device(key, "GET", "device/self").status_code == 401
    assert acusight.new_device("docker-1")["api_key"] != key


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "device/self"), ("POST", "device/checkin"), ("POST", "core/agent/checkin")],
)
def test_a_devices_calls_want_the_devices_key(acusight, method, path):
    acusight.new_device()

    assert code(acusight.call(method, path, {})) == (401, "UNAUTHORIZED")
    assert code(acusight.by_device("adk_wrong", method, path, {})) == (401, "UNAUTHORIZED")
    assert code(acusight.by_user(method, path, {})) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("status", ["healthy", "degraded", "error"])
def test_a_device_says_its_health(acusight, status):
    key = acusight.new_device()["api_key"]

    reply = acusight.by_device(
        key, "POST", "device/checkin", {"status": status, "metrics": {"cpu": 3}}
    )

    assert reply.json() == {"success": True, "data": {"actions": []}}
    assert acusight.observation("acusight/state")["devices"][0]["health"] == status


def test_a_health_nobody_knows_is_refused(acusight):
    key = acusight.new_device()["api_key"]

    reply = acusight.by_device(key, "POST", "device/checkin", {"status": "splendid"})

    assert code(reply) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(("kind", "shape"), [("integer", int), ("string", str)])
def test_a_device_is_reported_once_what_to_do(start_acusight, kind, shape):
    acusight = start_acusight(action_id=kind)
    key = acusight.new_device("docker-1")["api_key"]
    action = acusight.control("acusight/action", device_id="docker-1", type="restart")

    replies = [
        acusight.by_device(key, "POST", "device/checkin", {"status": "healthy"}) for _ in range(2)
    ]

    assert [reply.json()["data"]["actions"] for reply in replies] == [[action], []]
    assert type(action["id"]) is shape


def test_an_agents_heartbeat_is_answered_without_envelope(acusight):
    key = acusight.new_device("docker-1")["api_key"]
    acusight.control("acusight/action", device_id="docker-1", type="restart", payload={"in": 5})

    reply = acusight.by_device(key, "POST", "core/agent/checkin", {"device_id": "docker-1"})

    assert reply.json().keys() == {"success", "pending_actions"}
    assert reply.json()["pending_actions"][0]["payload"] == {"in": 5}


def test_a_heartbeat_is_its_own_devices(acusight):
    key = acusight.new_device("docker-1")["api_key"]

    reply = acusight.by_device(key, "POST", "core/agent/checkin", {"device_id": "docker-2"})

    assert code(reply) == (400, "VALIDATION_ERROR")


def test_a_user_changes_a_device_whose_id_has_colons(acusight):
    acusight.new_device("ABCD:1234")

    reply = acusight.by_user("PATCH", "core/devices/ABCD%3A1234", {"name": "Cam 7"})

    assert (reply.status_code, reply.json()["data"]["name"]) == (200, "Cam 7")
    assert reply.json()["data"]["status"] == "approved"


def test_a_user_decides_about_a_device(start_acusight):
    acusight = start_acusight(approval_seconds=None)
    key = acusight.new_device("docker-1")["api_key"]

    body = {"status": "rejected", "auto_assignment": True}
    acusight.by_user("PATCH", "core/devices/docker-1", body)

    assert acusight.itself(key)["status"] == "rejected"


def test_a_change_that_makes_no_sense_is_refused(acusight):
    acusight.new_device("docker-1")

    unknown = acusight.by_user("PATCH", "core/devices/nobody", {"name": "x"})
    odd = acusight.by_user("PATCH", "core/devices/docker-1", {"status": "splendid"})

    assert code(unknown) == (404, "NOT_FOUND")
    assert code(odd) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "core/devices", (404, "NOT_FOUND")),
        ("DELETE", "core/devices/docker-1", (405, "METHOD_NOT_ALLOWED")),
    ],
)
def test_what_is_not_documented_is_not_served(acusight, method, path, said):
    assert code(acusight.by_user(method, path)) == said


def test_devices_provision_themselves_when_they_have_booted(acusight):
    token = acusight.make_token()["token"]
    acusight.boot(
        {"device_id": "docker-1", "token": token, "after": 10, "name": "Cam"},
        {"device_id": "docker-2", "token": "apt_wrong"},
    )

    assert acusight.fates() == {"docker-1": "booting", "docker-2": "refused: INVALID_TOKEN"}
    acusight.pass_time(10)

    assert acusight.fates()["docker-1"] == "approved"
    (device,) = acusight.observation("acusight/state")["devices"]
    assert (device["name"], device["created_at"]) == ("Cam", acusight.now())


def test_booting_again_changes_nothing_unless_there_is_another_token(acusight):
    token = acusight.make_token()["token"]
    order = {"device_id": "docker-1", "token": "apt_wrong"}

    first, again = acusight.boot(order), acusight.boot(order)
    other = acusight.boot({**order, "token": token})

    assert [first, again, other] == [
        {"booting": 1, "already": 0},
        {"booting": 0, "already": 1},
        {"booting": 1, "already": 0},
    ]
    assert acusight.fates() == {"docker-1": "approved"}


def test_a_device_handed_another_token_in_time_forgets_the_first(acusight):
    token = acusight.make_token()["token"]
    acusight.boot({"device_id": "docker-1", "token": "apt_wrong", "after": 10})
    acusight.boot({"device_id": "docker-1", "token": token, "after": 20})
    acusight.pass_time(30)

    assert acusight.fates() == {"docker-1": "approved"}


def test_the_fate_of_a_booted_device_follows_what_is_decided(acusight):
    token = acusight.make_token()["token"]
    acusight.boot({"device_id": "docker-1", "token": token})
    assert acusight.fates() == {"docker-1": "approved"}

    acusight.control("acusight/reject", device_id="docker-1")
    assert acusight.fates() == {"docker-1": "rejected"}
    acusight.control("acusight/delete-device", device_id="docker-1")

    assert acusight.fates() == {"docker-1": "deleted"}


def test_what_was_done_is_counted_by_device(acusight):
    token = acusight.make_token(name="line-1")["token"]
    acusight.provision(token, "docker-1")
    acusight.provision(token, "docker-1")
    acusight.boot({"device_id": "docker-2", "token": token})

    calls = acusight.observation("calls")

    assert calls["provisions"] == {"docker-1": 1, "docker-2": 1}
    assert calls["tokens_made"] == {"line-1": 1}
    assert {
        "method": "POST",
        "path": "/acusight/api/devices/provision",
        "count": 2,
    } in calls["calls"]
