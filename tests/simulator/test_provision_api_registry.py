"""provision_api's registry: devices made, made anew, activated, revoked and given new tokens."""

import hashlib
import re
from datetime import datetime, timedelta

import pytest

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")


def digest(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


def works(api, token):
    """Whether `token` is the one that the registry knows its device by."""
    return api.state()["devices"][0]["token_hash"] == digest(token)


def detail(reply):
    return reply.status_code, reply.json()["detail"]


def token(reply):
    assert reply.status_code == 200, reply.text
    return reply.json()["provision_token"]


def test_a_device_is_registered_with_a_code(api):
    made = api.register("dev-1", site_id="site-9")

    assert [*made] == ["tenant_id", "device_id", "site_id", "activation_code", "expires_at"]
    assert (made["tenant_id"], made["device_id"], made["site_id"]) == (
        "tenant-a",
        "dev-1",
        "site-9",
    )
    assert re.fullmatch(r"[\w-]{24}", made["activation_code"], re.ASCII)
    assert INSTANT.fullmatch(made["expires_at"])


def test_a_code_lives_for_an_hour(api):
    until = datetime.fromisoformat(api.register()["expires_at"])

    assert round(until.timestamp() * 1000) == api.now() + 3600_000


def test_a_registered_device_is_listed(api):
    api.register(fw_version="1.2")

    (listed,) = api.devices()

    assert INSTANT.fullmatch(listed.pop("provisioned_at"))
    assert listed == {
        "tenant_id": "tenant-a",
        "device_id": "dev-1",
        "site_id": "site-1",
        "status": "ACTIVE",
        "fw_version": "1.2",
        "token_set": False,
    }


@pytest.mark.heavy
def test_some_codes_and_tokens_begin_with_a_dash(api):
    codes = [api.register(f"dev-{number}")["activation_code"] for number in range(150)]
    tokens = [api.rotate().json()["new_provision_token"] for _ in range(150)]

    assert any(code.startswith("-") for code in codes)
    assert any(token.startswith("tok--") for token in tokens)
    assert len({*codes, *tokens}) == 300


def test_the_same_seed_draws_the_same_codes(start_provision_api):
    codes = [start_provision_api({"seed": seed}).register() for seed in (1, 1, 2)]

    assert codes[0]["activation_code"] == codes[1]["activation_code"]
    assert codes[1]["activation_code"] != codes[2]["activation_code"]


def test_keys_nobody_knows_are_ignored(api):
    assert api.register(color="red").keys() == api.register().keys()


def test_registering_again_makes_the_device_anew(api):
    api.register(site_id="old", fw_version="1.2", metadata={"line": 4})
    first = api.device()["provisioned_at"]
    api.revoke()
    api.pass_time(60)

    api.register(site_id="new")

    listed = api.device()
    assert (listed["site_id"], listed["status"], listed["fw_version"]) == ("new", "ACTIVE", "1.2")
    assert listed["provisioned_at"] == first
    assert api.state()["devices"][0]["metadata"] == {}


def test_registering_again_leaves_older_codes_and_the_token_alive(api):
    first, second = (api.register()["activation_code"] for _ in range(2))
    earlier = token(api.activate(first))
    api.register()
    assert works(api, earlier)

    later = token(api.activate(second))

    assert works(api, later)
    assert not works(api, earlier)


def test_a_device_is_activated_with_its_code(api):
    code = api.register()["activation_code"]

    reply = api.activate(code)

    assert [*reply.json()] == ["tenant_id", "device_id", "provision_token"]
    assert re.fullmatch(r"tok-[\w-]{32}", token(reply), re.ASCII)
    assert works(api, token(reply))
    assert api.device()["token_set"]


def test_a_code_works_once(api):
    code = api.register()["activation_code"]
    api.activate(code)

    assert detail(api.activate(code)) == (400, "Activation code already used")


def test_a_code_works_up_to_its_last_moment(api):
    codes = [api.register()["activation_code"] for _ in range(2)]

    api.pass_time(3600)
    assert api.activate(codes[0]).status_code == 200
    api.pass_time(0.001)

    assert detail(api.activate(codes[1])) == (400, "Activation code expired")


def test_how_long_a_code_lives_is_a_switch(start_provision_api):
    api = start_provision_api(code_minutes=1)
    code = api.register()["activation_code"]

    api.pass_time(61)

    assert detail(api.activate(code)) == (400, "Activation code expired")


def test_used_is_said_before_expired(api):
    code = api.register()["activation_code"]
    api.activate(code)
    api.pass_time(3601)

    assert detail(api.activate(code)) == (400, "Activation code already used")


@pytest.mark.parametrize("other", [{"device_id": "dev-2"}, {"tenant_id": "tenant-b"}, {}])
def test_a_code_is_no_other_devices(api, other):
    code = api.register("dev-1")["activation_code"] if other else "nonsense"
    api.register("dev-2")

    assert detail(api.activate(code, **other)) == (400, "Invalid activation code")


def test_revoking_voids_neither_code_nor_token(api):
    codes = [api.register()["activation_code"] for _ in range(2)]
    api.activate(codes[0])

    assert api.revoke().json() == {"ok": True}

    assert (api.device()["status"], api.device()["token_set"]) == ("REVOKED", True)
    assert api.activate(codes[1]).status_code == 200
    assert api.device()["status"] == "ACTIVE"


def test_revoking_nobody_is_fine(api):
    assert (api.revoke("nobody").status_code, api.devices()) == (200, [])


def test_rotating_replaces_the_token_and_leaves_the_status(api):
    before = token(api.activate(api.register()["activation_code"]))
    api.revoke()

    reply = api.rotate()

    after = reply.json()["new_provision_token"]
    assert [*reply.json()] == ["tenant_id", "device_id", "new_provision_token"]
    assert works(api, after)
    assert not works(api, before)
    assert api.device()["status"] == "REVOKED"


def test_rotating_for_nobody_gives_a_token_that_belongs_to_nothing(api):
    reply = api.rotate("nobody")

    assert reply.json()["new_provision_token"].startswith("tok-")
    assert api.devices() == []
    assert [row["device_id"] for row in api.state()["tokens"]] == ["nobody"]


def test_only_rotating_revokes_older_tokens(api):
    for _ in range(2):
        api.activate(api.register()["activation_code"])
    assert [row["revoked_at"] for row in api.state()["tokens"]] == [None, None]

    api.rotate()

    assert [row["reason"] for row in api.state()["tokens"]] == ["ROTATED", "ROTATED", None]


def test_an_id_may_hold_a_line_end(api):
    api.register("dev\n1")

    assert api.revoke("dev%0A1").json() == {"ok": True}
    assert api.device()["status"] == "REVOKED"


@pytest.mark.parametrize("call", ["revoke", "rotate-token"])
def test_an_id_with_a_slash_is_out_of_reach(api, call):
    api.register("dev/1")

    reply = api.admin("POST", f"devices/tenant-a/dev%2F1/{call}")

    assert detail(reply) == (404, "Not Found")


def test_the_list_is_in_order(api):
    for tenant, site, device in ["bzc", "aya", "axd", "axb"]:
        api.register(device, tenant_id=tenant, site_id=site)

    assert [device["device_id"] for device in api.devices()] == ["b", "d", "a", "c"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["dev-1", "dev-2", "dev-3"]),
        ({"tenant_id": "tenant-a"}, ["dev-1", "dev-2"]),
        ({"tenant_id": "tenant-a", "site_id": "site-2"}, ["dev-2"]),
        ({"tenant_id": "tenant"}, []),
        ({"status": "ACTIVE"}, ["dev-2", "dev-3"]),
        ({"status": "REVOKED"}, ["dev-1"]),
        ({"status": "active"}, []),
        ({"tenant_id": "", "site_id": "", "status": ""}, ["dev-1", "dev-2", "dev-3"]),
        ({"limit": 2}, ["dev-1", "dev-2"]),
    ],
)
def test_the_list_is_filtered_exactly(api, query, found):
    api.register("dev-1")
    api.register("dev-2", site_id="site-2")
    api.register("dev-3", tenant_id="tenant-b")
    api.revoke("dev-1")

    assert [device["device_id"] for device in api.devices(**query)] == found


def test_the_list_holds_two_hundred_unless_reported(api):
    for number in range(201):
        api.register(f"dev-{number}")

    assert len(api.devices()) == 200
    assert len(api.devices(limit=1000)) == 201


def test_secrets_are_stored_as_digests(start_provision_api, tmp_path):
    api = start_provision_api({"state": tmp_path / "state.db"})
    codes = [api.register(name)["activation_code"] for name in ("dev-1", "dev-2")]
    secrets = [*codes, token(api.activate(codes[0])), api.rotate().json()["new_provision_token"]]
    api.boot({"device_id": "dev-2", "code": codes[1], "after": 60})

    record = (tmp_path / "state.db").read_bytes().decode("latin-1") + str(api.state())

    assert not any(secret in record for secret in secrets)
    assert digest(codes[0]) in record


def test_a_second_start_knows_the_same_registry(start_provision_api, tmp_path):
    before = start_provision_api({"state": tmp_path / "state.db"})
    code = before.register("dev-1")["activation_code"]
    waiting = before.register("dev-2")["activation_code"]
    before.boot({"device_id": "dev-2", "code": waiting, "after": 60})

    after = start_provision_api({"state": tmp_path / "state.db"})
    after.pass_time(60)

    assert after.activate(code).status_code == 200
    assert after.fates() == {"dev-2": "active"}
    assert after.register()["activation_code"] not in (code, waiting)


def test_devices_activate_themselves_when_they_have_booted(api):
    code = api.register("dev-1")["activation_code"]
    api.boot(
        {"device_id": "dev-1", "code": code, "after": 30},
        {"tenant": "tenant-b", "device_id": "dev-2", "code": code},
    )
    refused = "refused: Invalid activation code"

    assert api.fates() == {"dev-1": "booting", "dev-2": refused}
    api.pass_time(30)

    assert api.fates() == {"dev-1": "active", "dev-2": refused}
    assert api.device()["token_set"]


def test_a_booted_device_is_judged_by_the_time_it_came(api):
    in_time, late = (api.register(name)["activation_code"] for name in ("dev-1", "dev-2"))
    api.boot(
        {"device_id": "dev-1", "code": in_time, "after": 3600},
        {"device_id": "dev-2", "code": late, "after": 3601},
    )

    api.pass_time(86400)

    assert api.fates() == {"dev-1": "active", "dev-2": "refused: Activation code expired"}


def test_booting_again_changes_nothing_unless_there_is_another_code(api):
    order = {"device_id": "dev-1", "code": "nonsense"}
    first, again = api.boot(order), api.boot(order)

    other = api.boot({**order, "code": api.register()["activation_code"]})

    assert [first, again, other] == [
        {"booting": 1, "already": 0},
        {"booting": 0, "already": 1},
        {"booting": 1, "already": 0},
    ]
    assert api.fates() == {"dev-1": "active"}


def test_a_device_handed_another_code_in_time_forgets_the_first(api):
    codes = [api.register()["activation_code"] for _ in range(2)]
    api.boot({"device_id": "dev-1", "code": codes[0], "after": 10})
    api.boot({"device_id": "dev-1", "code": codes[1], "after": 20})

    api.pass_time(60)

    assert [code["used_at"] is None for code in api.state()["codes"]] == [True, False]


def test_the_fate_of_a_booted_device_follows_the_registry(api):
    api.boot({"device_id": "dev-1", "code": api.register()["activation_code"]})
    assert api.fates() == {"dev-1": "active"}

    api.revoke()
    assert api.fates() == {"dev-1": "revoked"}
    api.rotate()

    assert api.fates() == {"dev-1": "token replaced"}


def test_what_was_done_is_counted_by_device(api):
    codes = [api.register()["activation_code"] for _ in range(2)]
    api.activate(codes[0])
    api.activate(codes[0])

    calls = api.observation("calls")

    assert (calls["registrations"], calls["activations"]) == (
        {"tenant-a/dev-1": 2},
        {"tenant-a/dev-1": 1},
    )
    path = "/provision/api/device/activate"
    assert {"method": "POST", "path": path, "count": 2} in calls["calls"]


def test_calls_about_one_device_are_counted_under_their_template(api):
    api.revoke()
    api.revoke("dev-2")

    path = "/provision/api/admin/devices/{tenant_id}/{device_id}/revoke"
    assert api.observation("calls")["calls"] == [{"method": "POST", "path": path, "count": 2}]


def test_what_was_provisioned_is_dated_by_the_first_registration(api):
    api.register()
    first = datetime.fromisoformat(api.device()["provisioned_at"])
    api.pass_time(5)
    api.register("dev-2")

    second = datetime.fromisoformat(api.devices()[1]["provisioned_at"])

    assert second - first == timedelta(seconds=5)


def by_people(api, *devices):
    return api.control("provision_api/register", devices=list(devices))["codes"]


def test_another_administrator_registers_under_any_site(api):
    by_people(api, {"device_id": "dev-1", "site_id": "site-9"})

    assert (api.device()["site_id"], api.device()["status"]) == ("site-9", "ACTIVE")


def test_registering_by_hand_moves_a_device_to_another_site(api):
    api.register()

    by_people(api, {"device_id": "dev-1", "site_id": "site-9"})

    assert api.device()["site_id"] == "site-9"


def test_what_others_do_by_hand_costs_nothing_of_our_quota(start_provision_api):
    api = start_provision_api(rate_calls=1)
    by_people(api, {"device_id": "dev-1", "site_id": "site-1"})
    api.control("provision_api/revoke", device_id="dev-1")

    assert api.admin("GET", "devices").status_code == 200
    assert api.admin("GET", "devices").status_code == 429


def test_a_device_revoked_by_hand_is_revived_by_a_code_that_nobody_used(api):
    codes = by_people(api, {"device_id": "dev-1", "site_id": "site-1"})

    api.control("provision_api/revoke", device_id="dev-1")
    revoked = api.device()["status"]
    api.boot({"device_id": "dev-1", "code": codes["dev-1"]})

    assert (revoked, api.device()["status"]) == ("REVOKED", "ACTIVE")


@pytest.mark.heavy
def test_a_list_is_cut_off_at_a_thousand_without_a_word(api):
    by_people(api, *({"device_id": f"dev-{n}", "site_id": "site-1"} for n in range(1005)))

    assert len(api.devices(limit=1000)) == 1000
    assert api.admin("GET", "devices", limit=1001).status_code == 422


@pytest.mark.parametrize("device", [{"device_id": "dev-1"}, {"device_id": "", "site_id": "s"}])
def test_a_registration_by_hand_that_makes_no_sense_is_refused(api, device):
    reply = api.http.post("/_simulator/provision_api/register", json={"devices": [device]})

    assert reply.status_code == 400


def test_a_status_that_no_call_gives_is_set_by_hand(api):
    api.register("dev-1")

    api.control("provision_api/status", device_id="dev-1", status="SUSPENDED")

    assert api.state()["devices"][0]["status"] == "SUSPENDED"
