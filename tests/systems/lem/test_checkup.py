"""A check of a LEM connection, against the simulator and against answers that it never gives."""

from collections import Counter
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN, OUT_OF_SCOPE_TOKEN
from simulator.running import RunningSimulator
from systems.lem.adapter import Lem
from systems.lem.client import LemClient
from systems.lem.settings import LemSettings
from tests.systems.lem.observing import page
from tests.systems.shared.checkups import answered, at, checked, faults, message

LIST = "GET /api/v1/activation/config/list"
OBSERVATIONS = "sees activation configs, requests, devices, zero-touch profiles"
SKEWS = [
    (timedelta(minutes=-2), "120 s behind ours"),
    (timedelta(minutes=2), "120 s ahead of ours"),
]


@pytest.fixture(scope="module")
def simulator():
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def lem(simulator):
    """Checks the simulated LEM; with other settings, if any are given."""

    def check(**changes):
        own = {"url": simulator.url, "project": DEFAULT_PROJECT, "token": DEFAULT_TOKEN}
        return checked(Lem, LemSettings(_env_file=None, **(own | changes)))

    simulator.clear("calls")
    yield check
    simulator.clear("faults")


def empty(request):
    """A LEM with nothing in it."""
    paged = "/zt/" in request.url.path or "/device/" in request.url.path
    return httpx.Response(200, json=page([]) if paged else [])


def of_answers(answer, **changes):
    own = {"url": "https://lem.test", "project": "p1", "token": SecretStr("t"), "verify": False}
    settings = LemSettings(_env_file=None, **(own | changes))
    return answered(Lem, LemClient, settings, answer)


def test_all_is_well_with_a_lem_that_lists_what_muster_needs(lem):
    checkup = lem(quota_calls=100)

    assert faults(checkup) == {}
    assert checkup.who == f"project {DEFAULT_PROJECT}, 0 active devices"
    assert message(checkup, "permission") == [OBSERVATIONS]
    assert message(checkup, "quota") == ["100 calls in 60 s"]
    assert abs(checkup.skew) < timedelta(seconds=5)


def test_a_check_is_one_call_of_each_list(lem, simulator):
    lem()

    calls = simulator.control("calls")["calls"]
    assert Counter(call["method"] for call in calls) == {"GET": 4}
    assert {call["count"] for call in calls} == {1}


def test_a_wrong_token_is_one_fault_and_tried_once(lem, simulator):
    checkup = lem(token="wrong")

    remedy = "Check the token: it may be wrong, revoked or expired"
    assert faults(checkup) == {"credential": (f"{LIST}: 401 Unauthorized", remedy)}
    assert message(checkup, "reachable") == ["yes"]
    assert len(simulator.control("calls")["calls"]) == 1


def test_a_token_without_scope_is_accepted_and_may_do_nothing(lem):
    checkup = lem(token=OUT_OF_SCOPE_TOKEN)

    assert message(checkup, "credential") == ["accepted"]
    assert faults(checkup) == {
        "permission": (
            f"{LIST}: 403 Forbidden (and 3 more)",
            "The token lacks the scope for this project or action",
        )
    }


def test_one_call_that_fails_does_not_keep_the_others_from_being_tried(lem, simulator):
    simulator.control("faults", path="/activation/request", kind="status", status=403)

    checkup = lem()

    assert message(checkup, "permission") == [
        "GET /api/v1/activation/request: 403 Forbidden",
        "sees activation configs, devices, zero-touch profiles",
    ]
    assert not faults(checkup).keys() - {"permission"}


def test_a_project_that_is_not_there_is_reported_with_its_remedy(lem):
    what, remedy = faults(lem(project="0" * 25))["permission"]

    assert what.startswith(f"{LIST}: 404 Not Found")
    assert remedy == "Check the address and the project"


def test_a_lem_that_nobody_reaches_is_that_and_no_more():
    settings = LemSettings(_env_file=None, url="http://127.0.0.1:9")

    checkup = checked(Lem, settings)

    assert {f.subject for f in checkup.checks} == {"reachable", "quota"}
    what, remedy = faults(checkup)["reachable"]
    assert what == f"{LIST}: no connection to 127.0.0.1:9 (ConnectError)"
    assert remedy == "Check the address, and whether the system is up"


def test_a_lem_that_answers_nothing_but_errors_is_not_reachable(lem, simulator):
    simulator.control("faults", path="/api/", kind="status", status=502)

    assert faults(lem())["reachable"][0] == f"{LIST}: 502 Bad Gateway (and 3 more)"


@pytest.mark.parametrize(("skew", "words"), SKEWS)
def test_a_clock_that_is_off_is_a_fault(skew, words):
    def answer(request):
        return httpx.Response(200, headers=at(skew), json=empty(request).json())

    (subject, (what, remedy)), *others = faults(of_answers(answer)).items()

    assert (subject, others) == ("clock", [])
    assert abs(int(what.split()[0]) - 120) <= 1
    assert what.split()[2:] == words.split()[2:]
    assert remedy.startswith("Set both clocks by NTP")


def test_a_clock_that_agrees_is_none():
    def answer(request):
        return httpx.Response(200, headers=at(timedelta()), json=empty(request).json())

    checkup = of_answers(answer)

    assert (message(checkup, "clock"), faults(checkup)) == (["agrees with ours"], {})


def test_a_clock_that_is_not_reported_is_none():
    checkup = of_answers(empty)

    assert (message(checkup, "clock"), faults(checkup)) == (
        ["unknown: the system sends no time"],
        {},
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verify": False}, ["yes", "its certificate is not verified"]),
        ({"url": "http://lem.test"}, ["yes", "without TLS"]),
        ({"url": "http://127.0.0.1:8020"}, ["yes"]),
    ],
)
def test_a_credential_that_others_can_read_is_reported_and_no_fault(changes, words):
    checkup = of_answers(empty, **changes)

    assert (message(checkup, "reachable"), faults(checkup)) == (words, {})


def test_no_finding_holds_the_token(lem):
    assert DEFAULT_TOKEN not in repr(lem()) + repr(lem(auth="basic"))
