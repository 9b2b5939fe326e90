"""The nine documented calls, at a running simulator."""

import asyncio
import logging

import httpx
import pytest
from pydantic import SecretStr

from simulator.lem.settings import DEFAULT_TOKEN, OUT_OF_SCOPE_TOKEN
from systems.lem.client import PAGE_LIMIT
from systems.lem.wire import to_millis
from systems.shared.errors import (
    Forbidden,
    NotFound,
    NotJson,
    Refused,
    Unanswered,
    Unauthorized,
    Unreachable,
)
from tests.systems.conftest import PROJECTS, Project, running
from tests.systems.lem.asking import CALLS, CODE, EXPIRY

pytestmark = pytest.mark.usefixtures("unhurried")

every_call = pytest.mark.parametrize("call", [call for _, _, call in CALLS.values()], ids=CALLS)


@pytest.fixture
def site(project):
    """A project with a config for ten devices."""
    project.ask(lambda lem: lem.add_config(EXPIRY.replace(year=2999), 10))
    return project


def a_request(site, **behavior):
    """The one request of a device that has just asked."""
    site.boot("edge-1", **behavior)
    return the_request(site)


def the_request(site):
    (request,) = site.ask(lambda lem: lem.requests())
    return request


def test_a_new_config_has_a_code_and_what_was_asked_for(project):
    made = project.ask(lambda lem: lem.add_config(EXPIRY, 3))

    assert (made.project_id, made.device_count, made.usage_count) == (project.name, 3, 0)
    assert made.expires_at == to_millis(EXPIRY)
    assert made.created_on is None
    assert len(made.code.get_secret_value()) == 29


def test_every_config_of_the_project_is_listed(project):
    one = project.ask(lambda lem: lem.add_config(EXPIRY, 3))
    other = project.ask(lambda lem: lem.add_config(EXPIRY, 3))

    listed = project.ask(lambda lem: lem.configs())

    assert [config.code for config in listed] == [one.code, other.code]
    assert all(config.created_on for config in listed)


def test_a_config_is_found_by_its_code(project):
    made = project.ask(lambda lem: lem.add_config(EXPIRY, 3))

    found = project.ask(lambda lem: lem.config(made.code))

    assert (found.code, found.expires_at) == (made.code, made.expires_at)


def test_an_unknown_code_is_not_found_and_not_reported(project):
    with pytest.raises(NotFound) as refusal:
        project.ask(lambda lem: lem.config(SecretStr(CODE)))

    assert str(refusal.value).startswith("GET /api/v1/activation/config: 404 Not Found")
    assert CODE not in str(refusal.value)


def test_a_device_that_asks_is_listed_with_all_it_shows(site):
    macs = ["02:00:00:00:00:01", "02:00:00:00:00:02"]

    request = a_request(site, host_id="00ab12cd34ef", macs=macs)

    assert request.host_id == "00ab12cd34ef"
    assert request.mac_address == ",".join(macs)
    assert [(s.step, s.step_status) for s in request.provision_status] == [("RECEIVED", "DONE")]
    assert request.device_id is None


def test_an_approved_device_is_activated_in_time_and_then_listed(site):
    request = a_request(site)

    site.ask(lambda lem: lem.approve(request.entry_id))
    site.pass_time(5)

    activated = the_request(site)
    assert activated.status == "ACTIVATED"
    assert [d.id for d in site.ask(lambda lem: lem.devices())] == [activated.device_id]


def test_a_rejected_device_stays_out(site):
    request = a_request(site)

    site.ask(lambda lem: lem.reject(request.entry_id))

    assert the_request(site).status == "REJECTED"
    with pytest.raises(Refused):
        site.ask(lambda lem: lem.approve(request.entry_id))


def test_a_retry_runs_failed_provisioning_again(site):
    request = a_request(site, behavior="fails-once")
    site.ask(lambda lem: lem.approve(request.entry_id))
    site.pass_time(5)
    failed = the_request(site)

    site.ask(lambda lem: lem.retry_provisioning(request.entry_id))
    site.pass_time(5)

    assert failed.provision_status[-1].message
    assert the_request(site).status == "ACTIVATED"


@pytest.mark.parametrize("reply", ["empty", "no-content", "object"])
def test_a_decision_is_made_whatever_the_reply_to_it_is(reply):
    with running(status_reply=reply) as simulator:
        site = Project(simulator, PROJECTS[0])
        site.ask(lambda lem: lem.add_config(EXPIRY.replace(year=2999), 10))
        site.boot("edge-1", "edge-2")
        first, second = site.ask(lambda lem: lem.requests())

        site.ask(lambda lem: lem.approve(first.entry_id))
        site.ask(lambda lem: lem.reject(second.entry_id))

        statuses = [request.status for request in site.ask(lambda lem: lem.requests())]
        assert statuses == ["APPROVED", "REJECTED"]


def test_devices_of_every_page_are_listed(project):
    names = [f"edge-{number}" for number in range(PAGE_LIMIT + 1)]
    project.simulator.control("lem/zero-touch", project=project.name, name="lab", device_count=600)
    project.boot(*names, behavior="zero-touch", profile="lab")
    project.pass_time(5)

    devices = project.ask(lambda lem: lem.devices())

    assert len({device.id for device in devices}) == PAGE_LIMIT + 1


def test_devices_of_another_lifecycle_are_listed_when_asked_for(site):
    request = a_request(site)
    site.ask(lambda lem: lem.approve(request.entry_id))
    site.pass_time(5)
    site.simulator.control("lem/deactivate", entryID=request.entry_id)

    assert site.ask(lambda lem: lem.devices()) == []
    (device,) = site.ask(lambda lem: lem.devices("INACTIVE"))
    assert device.status == "INACTIVE"


def test_zero_touch_profiles_are_listed_with_their_codes(project):
    for name in ("lab", "line"):
        project.simulator.control("lem/zero-touch", project=project.name, name=name)

    profiles = project.ask(lambda lem: lem.zero_touch_configs())

    codes = [config.code for config in project.ask(lambda lem: lem.configs())]
    assert [profile.config_name for profile in profiles] == ["lab", "line"]
    assert [profile.zt_config.activation.code for profile in profiles] == codes


@every_call
def test_a_wrong_token_is_unauthorized(project, call):
    with pytest.raises(Unauthorized):
        project.ask(call, token="wrong")


@every_call
def test_a_token_without_scope_is_forbidden(project, call):
    with pytest.raises(Forbidden):
        project.ask(call, token=OUT_OF_SCOPE_TOKEN)


@every_call
def test_an_unknown_project_is_not_found(project, call):
    with pytest.raises(NotFound):
        project.ask(call, project="nowhere")


def test_basic_authentication_works_where_it_is_accepted(project):
    with running(accept_basic=True) as simulator:
        accepting = Project(simulator, PROJECTS[0])

        assert accepting.ask(lambda lem: lem.configs(), auth="basic") == []

    with pytest.raises(Unauthorized):
        project.ask(lambda lem: lem.configs(), auth="basic")


def test_after_a_lost_reply_nobody_knows_although_the_config_was_made(project):
    project.simulator.control("faults", kind="lost-reply", path="activation/config", times=1)

    with pytest.raises(Unanswered) as silence:
        project.ask(lambda lem: lem.add_config(EXPIRY, 1))

    assert silence.value.outcome_unknown
    assert len(project.ask(lambda lem: lem.configs())) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "reset"}, Unanswered),
        ({"kind": "stuck"}, Unanswered),
        ({"kind": "status", "status": 503}, Unanswered),
        ({"kind": "not-json"}, NotJson),
    ],
    ids=lambda value: value.get("kind") if isinstance(value, dict) else value.__name__,
)
def test_every_call_says_what_went_wrong_on_the_way(project, fault, error):
    project.simulator.control("faults", **fault)

    async def all_at_once(lem):
        made = [call(lem) for _, _, call in CALLS.values()]
        return await asyncio.gather(*made, return_exceptions=True)

    found = project.ask(all_at_once, timeout_seconds=0.5)

    assert len(found) == len(CALLS)
    assert all(isinstance(each, error) for each in found)


def test_a_call_fails_once_and_is_not_repeated(project):
    project.simulator.clear("calls")
    project.simulator.control("faults", kind="status", status=503)

    with pytest.raises(Unanswered):
        project.ask(lambda lem: lem.configs())

    assert [c["count"] for c in project.simulator.control("calls")["calls"]] == [1]


def test_where_nobody_listens_is_unreachable_and_nothing_was_sent(project):
    with pytest.raises(Unreachable) as refusal:
        project.ask(lambda lem: lem.add_config(EXPIRY, 1), url="http://127.0.0.1:1")

    assert refusal.value.may_pass
    assert not refusal.value.outcome_unknown


def test_no_log_of_any_level_shows_the_code_or_the_token(project, caplog):
    caplog.set_level(logging.DEBUG)
    made = project.ask(lambda lem: lem.add_config(EXPIRY, 1))

    project.ask(lambda lem: lem.config(made.code))

    assert made.code.get_secret_value() not in caplog.text
    assert DEFAULT_TOKEN not in caplog.text
    assert logging.getLogger(httpx.__name__).getEffectiveLevel() == logging.WARNING
