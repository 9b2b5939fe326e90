"""One device's story, on a site that Muster itself brought in; explaining changes nothing."""

import asyncio
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from prefect.artifacts import Artifact
from prefect.client.orchestration import get_client
from prefect.states import Scheduled
from sqlalchemy import text
from sqlmodel import SQLModel

from fleet.device.secret import SecretKind
from flows.explain_device import explain_device
from flows.onboard_site import onboard_site
from flows.reconcile_sites import reconcile_sites
from flows.review_requests import review_requests
from tasks.device.explain import artifact_key, main
from tests.conftest import LEDGER_KEY
from tests.flows.answering import answered
from tests.flows.site import (
    SITE,
    device,
    devices,
    mixed,
    posts,
    roster,
    secrets_of,
    without_wait_limit,
)

LEM = "lem (LEM project 462j1mq70mph31wa100t1yuxa)"


@pytest.fixture
def explained(lem, engine, caplog):
    """Explains a device; its run's state, and all that its log and artifact say.

    It always checks that nothing was claimed or changed.
    """

    def explain(name="edge-001", **more):
        lem.clear("calls")
        before = everything(engine)
        caplog.clear()
        with caplog.at_level(logging.INFO):
            state = without_wait_limit(explain_device, SITE, name, **more)
        assert everything(engine) == before
        assert posts(lem) == {}
        artifact = asyncio.run(Artifact.aget(artifact_key(SITE, name)))
        log = "\n".join(record.getMessage() for record in caplog.records)
        return state, f"{log}\n{artifact.description}\n{artifact.data}"

    return explain


def everything(engine):
    with engine.connect() as connection:
        return {
            name: connection.execute(text(f'SELECT * FROM "{name}"')).all()
            for name in SQLModel.metadata.tables
        }


def test_a_device_in_service_says_how_it_came_in(lem, ended, explained):
    lem.control("lem/boot", devices=devices(2))
    ended(onboard_site, SITE, roster(devices(2)))

    state, message = explained()

    assert (state.name, state.message) == (
        "Completed",
        "edge-001 of plant-7: in service (provisioned and in the list of devices). Next: "
        "Nothing: it is in service.",
    )
    for part in (
        f"Now, via {LEM}",
        "roster: listed; host id 000000000001",
        "enrolled: for 2 devices",
        "reached: it asked to be admitted",
        "decision 1: approve: request",
        "approve: done; reason: it shows this site's code and host id 000000000001; run 'onboard",
        "reached: it was first seen in service",
        "in its device list",
    ):
        assert part in message, part


def test_no_code_is_reported(lem, ended, explained):
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)))
    codes = [config["code"] for config in lem.control("lem/state")["configs"]]

    message = explained()[1]

    assert codes
    assert not any(code in message for code in codes)


def test_a_device_that_waits_says_until_when_and_what_to_do(ended, explained):
    ended(onboard_site, SITE, roster(devices(1)), wait_minutes=0)

    state, message = explained()

    assert re.match(
        r"edge-001 of plant-7: waiting \(has not asked yet; boot it with the code ending in \w+\)\."
        r" Next: The next ten-minute run checks whether that has changed\. Its code expires at "
        r".* UTC\. From .* UTC on it is reported as 'pending too long'\. Boot it with its code",
        state.message,
    )
    assert "its system at" in message
    assert ": no request" in message
    assert "pipeline" in message
    assert "wait for request: the device has not asked yet (tasks/pipeline/converge.py" in message


def test_a_device_stuck_in_approved_is_reported_with_the_files_to_open(lem, ended, explained):
    lem.control("lem/boot", devices=[device(1, "stuck-approved")])
    ended(onboard_site, SITE, roster([device(1)]), wait_minutes=0)
    ended(onboard_site, SITE, roster([device(1)]), wait_minutes=0)

    _, message = explained()

    assert "wait for provisioning: its system has not brought it into service yet" in message
    assert "(fleet/status/judge.py, fleet/status/by_approval.py, systems/lem/adapter.py)" in (
        message
    )


@pytest.fixture
def scheduled(lem):
    """A night in two days and a run without a report in one, as their schedules would make them."""
    first = datetime.now(UTC) + timedelta(days=1)

    async def schedule():
        async with get_client() as client:
            runs = [
                await client.create_flow_run(
                    reconcile_sites,
                    parameters={"report": report},
                    state=Scheduled(scheduled_time=at),
                )
                for report, at in ((False, first), (True, first + timedelta(days=1)))
            ]
            return [run.id for run in runs]

    async def forget():
        async with get_client() as client:
            for each in ids:
                await client.delete_flow_run(each)

    ids = asyncio.run(schedule())
    yield f"{first:%Y-%m-%d %H:%M} UTC", f"{first + timedelta(days=1):%Y-%m-%d %H:%M} UTC"
    asyncio.run(forget())


def test_the_run_that_observes_next_is_reported_with_its_moment(lem, ended, explained, scheduled):
    frequent, nightly = scheduled
    lem.control("lem/boot", devices=[device(1, "fails-always")])
    ended(onboard_site, SITE, roster([device(1)]), wait_minutes=1)
    failed = explained()[0].message
    ended(onboard_site, SITE, roster(devices(2)), wait_minutes=0)

    waiting = explained("edge-002")[0].message

    assert f"It is retried by the run at {nightly}" in failed
    assert f"Next: The run at {frequent} checks whether that has changed" in waiting


def test_a_failed_device_says_its_retries_and_those_to_come(lem, ended, explained, monkeypatch):
    monkeypatch.setenv("MUSTER_RETRIES", "1")
    lem.control("lem/boot", devices=[device(1, "fails-always")])
    ended(onboard_site, SITE, roster([device(1)]))
    fresh = explained()[0]
    without_wait_limit(reconcile_sites)

    state, message = explained()

    assert "0 of 3 retries done" in fresh.message
    assert "It is retried after " in state.message
    assert "1 of 3 retries done" in state.message
    assert message.count("retry failed provisioning: done; reason: ") >= 2
    assert "as the night's rules say" in message
    assert "found: failed: provisioning failed: " in message


def test_a_held_device_says_why_and_what_people_decided(
    lem, ended, explained, tmp_path, monkeypatch
):
    (tmp_path / "policies" / "sites").mkdir(parents=True)
    (tmp_path / "policies" / "sites" / f"{SITE}.yaml").write_text("policy: human")
    monkeypatch.setenv("MUSTER_POLICIES", str(tmp_path / "policies"))
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)))
    held = explained()[0]
    answered(
        review_requests,
        SITE,
        answers=[{"name": "Ada Example", "reason": "seen", "decision": "approve"}],
    )

    _, message = explained()

    assert held.message.startswith("edge-001 of plant-7: held for a person (")
    assert held.message.endswith("Run review-requests for this site.")
    assert "review: request " in message
    assert ", Ada Example (name not proved): seen" in message


def test_an_unknown_device_of_the_same_name_is_distinguished(lem, ended, explained):
    name = "litmus-edge-00000000000b"  # the name that the unknown device's host gives
    ours = device(1) | {"name": name}
    lem.control("lem/boot", devices=[ours, device(11, "unknown-device")])
    ended(onboard_site, SITE, roster([ours]))

    state, message = explained(name)

    assert state.message.startswith(f"{name} of plant-7: in service")
    assert "of an unknown device with this name: it shows this site's code but is no " in message


def test_what_is_only_an_unknown_device_is_said_to_be_one(lem, ended):
    lem.control("lem/boot", devices=[device(1), device(11, "unknown-device")])
    ended(onboard_site, SITE, roster([device(1)]))

    state = without_wait_limit(explain_device, SITE, "litmus-edge-00000000000b")

    assert state.is_failed()
    assert "but request " in state.message
    assert state.message.endswith("Run review-requests for this site.")


@pytest.mark.parametrize(
    ("name", "scope", "kind"),
    [("cam-1", "acusight", SecretKind.API_KEY), ("gw-1", "api", SecretKind.PROVISION_TOKEN)],
)
def test_a_secret_is_reported_as_held_and_never_what_it_is(
    ended, explained, tmp_path, name, scope, kind
):
    ended(onboard_site, SITE, mixed(cameras=1, gateways=1))
    values = [s.value.get_secret_value() for s in secrets_of(scope).secrets]

    state, message = explained(name)

    assert state.message.startswith(f"{name} of plant-7: in service")
    assert f"{kind.value}, since " in message
    assert "not handed over" in message
    assert len(values) >= 1
    assert not any(value in message for value in values)


def test_a_system_that_is_down_is_not_checked_and_the_rest_is_reported(lem, ended, engine):
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)))
    lem.control("down", system="lem")
    before = everything(engine)

    state = without_wait_limit(explain_device, SITE, "edge-001")
    message = asyncio.run(Artifact.aget(artifact_key(SITE, "edge-001"))).data

    assert state.name == "Not checked"
    assert "edge-001 of plant-7: not checked: " in state.message
    assert "UTC: in service (provisioned" in state.message
    assert "reached | it was first seen in service" in message
    assert everything(engine) == before


def test_where_the_key_is_not_none_is_made(lem, ended, tmp_path, monkeypatch):
    (tmp_path / "ledger.key").touch(0o600)
    (tmp_path / "ledger.key").write_text(LEDGER_KEY)
    monkeypatch.delenv("MUSTER_LEDGER_KEY")
    ended(onboard_site, SITE, mixed(gateways=1))
    (tmp_path / "ledger.key").unlink()

    state = without_wait_limit(explain_device, SITE, "gw-1")

    assert "not checked: The key that opens the ledger's secrets is not at " in state.message
    assert not (tmp_path / "ledger.key").exists()


def test_a_connection_that_there_is_not_is_reported_with_those_there_are(lem, ended):
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)))

    state = without_wait_limit(explain_device, SITE, "edge-001", connection="lem-north")

    assert "not checked: There is no connection 'lem-north'. There are: lem (LEM)" in state.message


def test_what_is_misspelt_is_reported_with_what_is_near(lem, ended):
    ended(onboard_site, SITE, roster(devices(2)), wait_minutes=0)
    ended(onboard_site, "plant-8", roster([device(9)]), wait_minutes=0)

    device_message, site_message, other_message = (
        without_wait_limit(explain_device, site, name)
        for site, name in ((SITE, "edge-01"), ("plan-7", "edge-001"), (SITE, "edge-009"))
    )

    assert device_message.is_failed()
    assert "knows no device 'edge-01' at plant-7. Did you mean edge-001" in device_message.message
    assert "knows no site 'plan-7'. Did you mean plant-7" in site_message.message
    assert other_message.message.endswith(
        "knows no device 'edge-009' at plant-7. It knows one at plant-8."
    )


def test_the_terminal_says_the_same(lem, ended, capsys):
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)))

    status = main([SITE, "edge-001"])
    out, err = capsys.readouterr()

    assert (status, err) == (0, "")
    assert out.startswith("edge-001 of plant-7: in service (provisioned and in the list of ")
    assert "approve: done; reason: it shows this site's code and " in out


def test_the_terminal_fails_where_the_connection_that_was_named_is_not_there(lem, ended, capsys):
    ended(onboard_site, SITE, roster(devices(1)), wait_minutes=0)

    status = main([SITE, "edge-001", "--connection", "nope"])
    out, _ = capsys.readouterr()

    assert status == 1
    assert "not checked: There is no connection 'nope'. There are: " in out


def test_the_terminal_says_a_mistake_on_stderr_alone(lem, ended, capsys):
    ended(onboard_site, SITE, roster(devices(1)), wait_minutes=0)

    status = main([SITE, "edge-01"])
    out, err = capsys.readouterr()

    assert (status, out) == (1, "")
    assert err.startswith("The ledger knows no device 'edge-01' at plant-7. Did you mean edge-001")
