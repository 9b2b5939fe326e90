"""A check of an Acusight connection: who we are there, for how long, and what we may do."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import httpx
import pytest

from simulator.acusight.settings import DEFAULT_BASE, DEFAULT_JWT
from simulator.running import RunningSimulator
from systems.acusight.adapter import Acusight
from systems.acusight.client import AcusightClient
from systems.acusight.settings import AcusightSettings
from tests.systems.shared.checkups import NOW, answered, checked, faults, message

ORGANIZATION = {"id": "o-1", "name": "Plant AG", "slug": "plant-ag"}


@pytest.fixture(scope="module")
def simulator():
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def acusight(simulator):
    """Checks the simulated Acusight; with other settings, if any are given."""

    def check(**changes):
        own = {"url": f"{simulator.url}{DEFAULT_BASE}", "token": DEFAULT_JWT}
        return checked(Acusight, AcusightSettings(_env_file=None, **(own | changes)))

    yield check
    simulator.clear("faults")


def of_answers(organization_message=ORGANIZATION, /, **changes):
    """What is found where everything is answered, and the organization is the one named."""
    own = {"url": "https://acusight.test/api", "token": "t", "verify": False}

    def answer(request):
        data = organization_message if request.url.path == "/api/organization" else []
        return httpx.Response(200, json={"success": True, "data": data})

    settings = AcusightSettings(_env_file=None, **(own | changes))
    return answered(Acusight, AcusightClient, settings, answer)


def jwt(**claims):
    body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.signature"


def test_all_is_well_with_an_acusight_that_says_who_we_are(acusight):
    checkup = acusight()

    assert faults(checkup) == {}
    assert checkup.who.startswith("organization Simulated Works")
    assert message(checkup, "permission") == ["sees its organization, provisioning tokens"]
    assert message(checkup, "credential") == ["accepted"]
    assert message(checkup, "quota") == ["none known"]


def test_a_jwt_that_is_refused_is_one_fault(acusight):
    checkup = acusight(token="wrong")

    remedy = "Check the token: it may be wrong, revoked or expired"
    assert faults(checkup) == {"credential": ("GET /organization: 401 Unauthorized", remedy)}
    assert checkup.who == "organization acusight"


def test_tokens_are_tried_although_the_organization_may_not_be_read(acusight, simulator):
    simulator.control("faults", path="/organization", kind="status", status=403)

    checkup = acusight()

    assert message(checkup, "permission") == [
        "GET /organization: 403 Forbidden",
        "sees provisioning tokens",
    ]


@pytest.mark.parametrize("ours", ["plant-ag", "Plant AG", "PLANT-AG", "o-1"])
def test_an_organization_that_the_connection_names_is_reported_once(ours):
    checkup = of_answers(organization=ours)

    assert checkup.who == "organization Plant AG (plant-ag)"
    assert (message(checkup, "who"), faults(checkup)) == ([], {})


def test_an_organization_that_the_connection_does_not_name_is_a_fault():
    what, remedy = faults(of_answers(organization="plant-7"))["who"]

    assert what == "the connection calls it 'plant-7'"
    assert remedy.startswith("Give a JWT of the organization that is meant. Or name this one")


def test_a_connection_that_names_none_fits_any():
    checkup = of_answers()

    assert message(checkup, "who") == ["the connection calls it 'acusight'"]
    assert faults(checkup) == {}


def test_an_organization_without_a_name_is_reported_by_its_id():
    assert of_answers({"id": "o-1"}).who == "organization o-1"


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (jwt(exp=NOW.timestamp() + 3600), ["accepted", "expires 2026-03-09 13:30 UTC"]),
        (jwt(), ["accepted"]),
        (jwt(exp="soon"), ["accepted"]),
        (jwt(exp=10**30), ["accepted"]),
        ("no.jwt", ["accepted"]),
        ("a.bm90LWpzb24.c", ["accepted"]),
        ("a.W10.c", ["accepted"]),
    ],
)
def test_a_jwt_is_reported_with_its_expiry_if_it_has_one(token, words):
    checkup = of_answers(token=token)

    assert (message(checkup, "credential"), faults(checkup)) == (words, {})


def test_a_jwt_that_has_expired_is_a_fault():
    token = jwt(exp=(NOW - timedelta(minutes=30)).timestamp())

    assert faults(of_answers(token=token)) == {
        "credential": ("expired 2026-03-09 12:00 UTC", "Give a new JWT")
    }


def test_no_finding_holds_a_token(acusight):
    assert DEFAULT_JWT not in repr(acusight(provisioning_token="apt_secret"))
    assert "apt_secret" not in repr(acusight(provisioning_token="apt_secret"))
