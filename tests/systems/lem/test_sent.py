"""What exactly is sent for each of the nine calls."""

import json

import httpx
import pytest

from simulator.lem.settings import DEFAULT_TOKEN
from tests.systems.lem.asking import CALLS, CODE, EXPIRY, LEM

pytestmark = pytest.mark.usefixtures("unhurried")

CONFIG = {"projectId": "p1", "code": CODE, "expiresAt": 0, "deviceCount": 1}
EMPTY_PAGE = {"pageNum": 0, "pagesCount": 0, "size": 0, "totalSize": 0, "elements": []}
ANSWERS = {"add_config": CONFIG, "config": CONFIG, "configs": [], "requests": []}
TARGETS = {
    "configs": "/api/v1/activation/config/list?projectId=p1",
    "add_config": "/api/v1/activation/config",
    "config": f"/api/v1/activation/config?code={CODE}&projectId=p1",
    "requests": "/api/v1/activation/request?projectId=p1",
    "approve": "/api/v1/activation/request/status",
    "reject": "/api/v1/activation/request/status",
    "retry_provisioning": (
        "/api/v1/activation/request/request-retry-provision?entryId=4&projectId=p1"
    ),
    "zero_touch_configs": "/api/v1/zt/p1/config?requestedPage=0&limit=500",
    "devices": "/api/v1/device/p1?status=ACTIVE&requestedPage=0&limit=500",
}
# The sample of "Add Activation Config", with our own project, expiry and count.
NEW_CONFIG = {
    "projectId": "p1",
    "code": None,
    "expiresAt": 1773059415123,
    "deviceCount": 40,
    "leaseTtl": 365,
    "licenseSkus": [],
    "templateNames": [],
    "licenseType": "NODE_LOCKED",
    "licenseServerHost": None,
    "licenseServerPort": 5053,
    "options": {"DEFAULT_PASSWORD_POLICY": False},
    "wgPersistentKeepalive": None,
}
BODIES = {
    "add_config": NEW_CONFIG,
    "approve": {"entryID": 4, "projectId": "p1", "status": "APPROVED"},
    "reject": {"entryID": 4, "projectId": "p1", "status": "REJECTED"},
}


def sent(name, **settings):
    """The one HTTP request that the call `name` makes."""
    return LEM.sent(name, ANSWERS.get(name, EMPTY_PAGE), **settings)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_sends_its_documented_request_and_nothing_else(name):
    request = sent(name)

    assert request.method == CALLS[name][0]
    assert request.url.raw_path.decode() == TARGETS[name]
    assert json.loads(request.content or "null") == BODIES.get(name)


@pytest.mark.parametrize("name", CALLS)
def test_the_token_goes_into_its_own_header(name):
    request = sent(name)

    assert request.headers["X-AuthToken"] == DEFAULT_TOKEN
    assert "Authorization" not in request.headers


def test_with_basic_the_token_is_the_user_and_the_password_is_empty():
    request = sent("configs", auth="basic")

    expected = httpx.Request("GET", "http://lem", headers={})
    (expected,) = httpx.BasicAuth(DEFAULT_TOKEN, "").auth_flow(expected)
    assert request.headers["Authorization"] == expected.headers["Authorization"]
    assert "X-AuthToken" not in request.headers


def test_a_lem_may_live_below_a_path():
    request = sent("configs", url="https://plant.test/lem/")

    assert str(request.url) == f"https://plant.test/lem{TARGETS['configs']}"


def test_the_sample_expiry_is_milliseconds():
    assert EXPIRY.timestamp() * 1000 == NEW_CONFIG["expiresAt"]
