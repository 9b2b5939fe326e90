"""Who may call LEM, and how it refuses."""

import pytest

from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN, OUT_OF_SCOPE_TOKEN

BODY = {"projectId": DEFAULT_PROJECT, "expiresAt": 1999999999000, "deviceCount": 1}
CALLS = [
    ("GET", f"activation/config/list?projectId={DEFAULT_PROJECT}", None),
    ("POST", "activation/config", BODY),
    ("GET", f"activation/config?projectId={DEFAULT_PROJECT}&code=A", None),
    ("GET", f"activation/request?projectId={DEFAULT_PROJECT}", None),
    (
        "POST",
        "activation/request/status",
        {"entryID": 1, "projectId": DEFAULT_PROJECT, "status": "APPROVED"},
    ),
    (
        "POST",
        "activation/request/status",
        {"entryID": 1, "projectId": DEFAULT_PROJECT, "status": "REJECTED"},
    ),
    (
        "POST",
        f"activation/request/request-retry-provision?projectId={DEFAULT_PROJECT}&entryId=1",
        None,
    ),
    ("GET", f"zt/{DEFAULT_PROJECT}/config", None),
    ("GET", f"device/{DEFAULT_PROJECT}", None),
]
every_call = pytest.mark.parametrize(("method", "path", "body"), CALLS)


def ask(lem, method, path, body, **headers):
    lem.http.headers.pop("X-AuthToken", None)
    return lem.http.request(method, f"/api/v1/{path}", json=body, headers=headers)


@every_call
def test_every_call_wants_a_token(lem, method, path, body):
    assert ask(lem, method, path, body).status_code == 401


@every_call
def test_no_call_takes_a_wrong_token(lem, method, path, body):
    assert ask(lem, method, path, body, **{"X-AuthToken": "wrong"}).status_code == 401


@every_call
def test_a_token_without_scope_is_forbidden(lem, method, path, body):
    reply = ask(lem, method, path, body, **{"X-AuthToken": OUT_OF_SCOPE_TOKEN})

    assert reply.status_code == 403


@every_call
def test_an_unknown_project_is_not_found(start, method, path, body):
    lem = start(projects=["elsewhere"])

    assert ask(lem, method, path, body, **{"X-AuthToken": DEFAULT_TOKEN}).status_code == 404


def test_a_bad_token_is_refused_before_a_bad_body(lem):
    assert ask(lem, "POST", "activation/config", None).status_code == 401


@pytest.mark.parametrize(
    "path", ["activation/config/list", "activation/request", "activation/config"]
)
def test_a_missing_project_is_a_bad_request(lem, path):
    assert lem.get(path).status_code == 400


def test_a_missing_code_is_a_bad_request(lem):
    assert lem.get("activation/config", projectId=lem.project).status_code == 400


def test_basic_credentials_are_refused(lem):
    lem.http.headers.pop("X-AuthToken")

    assert lem.http.get(f"/api/v1/device/{lem.project}", auth=(DEFAULT_TOKEN, "")).is_client_error


def test_basic_credentials_can_be_accepted(start):
    lem = start(accept_basic=True)
    lem.http.headers.pop("X-AuthToken")

    assert lem.http.get(f"/api/v1/device/{lem.project}", auth=(DEFAULT_TOKEN, "")).is_success


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Basic /w==", f"Bearer {DEFAULT_TOKEN}"])
def test_broken_basic_credentials_are_refused(start, header):
    lem = start(accept_basic=True)

    reply = ask(lem, "GET", f"device/{lem.project}", None, Authorization=header)

    assert reply.status_code == 401


def test_an_error_says_nothing_a_client_could_rely_on(lem):
    reply = lem.get("activation/request")

    assert reply.json() == {"error": "E400"}
    assert "projectId" in reply.headers["X-Simulator-Reason"]


def test_an_error_can_be_a_page(start):
    reply = start(error_body="html").get("activation/request")

    assert reply.status_code == 400
    assert reply.headers["content-type"].startswith("text/html")


def test_a_call_that_is_not_documented_is_not_found(lem):
    assert lem.get("activation/nonsense").status_code == 404
