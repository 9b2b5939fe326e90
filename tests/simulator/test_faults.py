"""What goes wrong when told to; over real TCP where it matters."""

import time

import httpx
import pytest

from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.running import RunningSimulator
from simulator.settings import AcusightSettings
from tests.simulator.conftest import Asked

LIST = f"/api/v1/activation/config/list?projectId={DEFAULT_PROJECT}"
ADD = "/api/v1/activation/config"
BODY = {"projectId": DEFAULT_PROJECT, "expiresAt": 1999999999000, "deviceCount": 1}


def listed(lem):
    return lem.get("activation/config/list", projectId=lem.project)


@pytest.fixture(scope="module")
def running():
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    yield running
    running.clear("faults")
    running.clear("calls")


@pytest.fixture
def http(simulator):
    headers = {"X-AuthToken": DEFAULT_TOKEN}
    with httpx.Client(base_url=simulator.url, headers=headers, trust_env=False) as client:
        yield client


def test_a_lost_reply_is_lost_after_the_work(simulator, http):
    simulator.control("faults", kind="lost-reply", method="POST", times=1)
    before = len(http.get(LIST).json())

    with pytest.raises(httpx.RemoteProtocolError):
        http.post(ADD, json=BODY)

    assert len(http.get(LIST).json()) == before + 1
    assert simulator.control("calls")["configs_added"] == 1


def test_a_reset_comes_before_any_work(simulator, http):
    simulator.control("faults", kind="reset", method="post", times=1)
    before = len(http.get(LIST).json())

    with pytest.raises(httpx.ReadError):
        http.post(ADD, json=BODY)

    assert len(http.get(LIST).json()) == before
    assert simulator.control("calls")["configs_added"] == 0


def test_a_call_can_be_stuck_for_as_long_as_the_client_waits(simulator, http):
    simulator.control("faults", kind="stuck", times=1)

    with pytest.raises(httpx.ReadTimeout):
        http.get(LIST, timeout=0.05)

    assert http.get(LIST).status_code == 200


def test_a_stuck_call_can_be_broken_off(simulator, http):
    simulator.control("faults", kind="stuck", seconds=0.02)

    with pytest.raises(httpx.RemoteProtocolError):
        http.get(LIST)


def test_a_slow_call_is_answered_all_the_same(simulator, http):
    simulator.control("faults", kind="slow", seconds=0.05)
    start = time.perf_counter()

    assert http.get(LIST).status_code == 200
    assert time.perf_counter() - start >= 0.05


def test_a_status_comes_without_any_work(lem):
    lem.control("faults", kind="status", status=502, path="config$")

    assert lem.post("activation/config", lem.body()).status_code == 502
    assert lem.get("activation/config/list", projectId=lem.project).json() == []


def test_a_status_is_503_unless_another_is_named(lem):
    lem.control("faults", kind="status")

    assert lem.get("activation/request", projectId=lem.project).status_code == 503


def test_a_status_may_be_one_without_a_name(lem):
    lem.control("faults", kind="status", status=499)

    assert lem.get("activation/request", projectId=lem.project).status_code == 499


def test_a_reply_can_be_a_page_that_is_not_json(lem):
    lem.control("faults", kind="not-json")

    reply = lem.get("activation/request", projectId=lem.project)

    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")


def test_a_fault_strikes_as_often_as_it_was_reported(lem):
    lem.control("faults", kind="status", times=2)

    replies = [lem.get("activation/request", projectId=lem.project) for _ in range(4)]

    assert [reply.status_code for reply in replies] == [503, 503, 200, 200]
    assert lem.observation("faults")["faults"][0]["struck"] == 2


@pytest.mark.heavy
def test_a_fault_strikes_its_share_of_calls_and_the_same_ones_each_time(start):
    def struck():
        lem = start()
        lem.control("faults", kind="status", share=0.2)
        replies = (lem.get("activation/request", projectId=lem.project) for _ in range(200))
        return [reply.status_code == 503 for reply in replies]

    first, second = struck(), struck()

    assert first == second
    assert 20 <= sum(first) <= 60


def test_a_fault_strikes_only_its_method_and_path(lem):
    lem.control("faults", kind="status", method="GET", path="/activation/(request|nothing)")

    assert lem.get("activation/request", projectId=lem.project).status_code == 503
    assert lem.get("activation/config/list", projectId=lem.project).status_code == 200
    assert lem.approve(1).status_code == 404


def test_a_fault_can_be_taken_away(lem):
    lem.control("faults", kind="status")

    lem.http.delete("/_simulator/faults")

    assert lem.get("activation/request", projectId=lem.project).status_code == 200
    assert lem.observation("faults") == {"faults": []}


def test_the_control_surface_never_suffers(lem):
    lem.control("faults", kind="status")

    assert lem.http.get("/_simulator/clock").status_code == 200


@pytest.mark.parametrize("fault", [{}, {"kind": "sabotage"}, {"kind": "status", "path": "("}])
def test_a_fault_that_makes_no_sense_is_refused(lem, fault):
    reply = lem.http.post("/_simulator/faults", json=fault)

    assert reply.status_code == 400
    assert reply.json()["detail"]


def test_without_tcp_a_broken_connection_is_an_error_of_its_own(lem):
    lem.control("faults", kind="reset")

    with pytest.raises(ConnectionResetError):
        lem.get("activation/request", projectId=lem.project)


def test_a_system_that_is_down_answers_nothing_until_it_is_up(lem):
    assert lem.control("down", system="lem") == {"down": ["lem"]}
    lem.pass_time(2 * 86_400)

    assert [listed(lem).status_code, lem.approve(1).status_code] == [503, 503]
    assert lem.observation("down") == {"down": ["lem"]}
    assert lem.control("up", system="lem") == {"down": []}
    assert listed(lem).status_code == 200


@pytest.mark.parametrize("down", ["lem", "acusight", "provision_api"])
def test_one_system_that_is_down_leaves_the_others_alone(lem, down):
    lem.control("down", system=down, status=502)

    codes = {
        "lem": listed(lem).status_code,
        "acusight": lem.http.get("/acusight/api/organization").status_code,
        "provision_api": lem.http.get("/provision/health").status_code,
    }

    assert codes == {"lem": 200, "acusight": 401, "provision_api": 200} | {down: 502}


def test_a_system_that_is_down_is_so_wherever_it_was_put(build):
    world = build(Asked, acusight=AcusightSettings(base="/eyes"))
    world.control("down", system="acusight")

    assert world.http.get("/eyes/organization").status_code == 503
    assert world.http.get("/eyesight").status_code == 404


def test_a_system_that_is_down_may_break_connections_off(simulator, http):
    simulator.control("down", system="lem", kind="reset")

    with pytest.raises(httpx.ReadError):
        http.get(LIST)


def test_an_outage_comes_before_whatever_else_goes_wrong(lem):
    lem.control("faults", kind="not-json")
    lem.control("down", system="lem")

    assert listed(lem).status_code == 503


def test_clearing_the_faults_ends_outages_too(lem):
    lem.control("down", system="lem")

    lem.http.delete("/_simulator/faults")

    assert listed(lem).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("down", {"system": "mainframe"}),
        ("down", {"system": "lem", "kind": "slow"}),
        ("down", {"system": "lem", "status": 404}),
        ("up", {}),
    ],
)
def test_an_outage_that_makes_no_sense_is_refused(lem, path, body):
    assert lem.http.post(f"/_simulator/{path}", json=body).status_code == 400
