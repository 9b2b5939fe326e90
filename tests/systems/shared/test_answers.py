"""What answers, and the lack of one, mean at each system; and that no error shows a secret."""

import json
import traceback

import httpx
import pytest

from systems.shared.errors import (
    ApiError,
    BadAddress,
    Contradictory,
    DeviceExists,
    Forbidden,
    NotFound,
    NotJson,
    NotReady,
    Refused,
    TooManyRequests,
    Unanswered,
    Unauthorized,
    Unreachable,
    Untrusted,
)
from tests.laws import met
from tests.systems.acusight.asking import ACUSIGHT
from tests.systems.lem.asking import CODE, LEM
from tests.systems.provision_api.asking import PROVISION_API

pytestmark = pytest.mark.usefixtures("unhurried")

SYSTEMS = {"lem": LEM, "acusight": ACUSIGHT, "provision_api": PROVISION_API}
MEANINGS = {
    400: (Refused, "400 Bad Request"),
    401: (Unauthorized, "401 Unauthorized"),
    403: (Forbidden, "403 Forbidden"),
    404: (NotFound, "404 Not Found"),
    405: (Refused, "405 Method Not Allowed"),
    408: (Unanswered, "408 Request Timeout"),
    409: (Refused, "409 Conflict"),
    422: (Refused, "422 Unprocessable Entity"),
    429: (TooManyRequests, "429 Too Many Requests"),
    499: (Refused, "499"),
    500: (Unanswered, "500 Internal Server Error"),
    502: (Unanswered, "502 Bad Gateway"),
    503: (Unanswered, "503 Service Unavailable"),
    599: (Unanswered, "599"),
    302: (NotJson, "302 Found, which leads elsewhere"),
    307: (NotJson, "307 Temporary Redirect, which leads elsewhere"),
}


def story_report(status, body="in-the-body", content_type="application/json"):
    """An answer that repeats everything it was sent, and more, wherever it can."""

    def answer(request):
        echo = f"{body} {request.url} {request.content} {dict(request.headers)}"
        headers = {"Location": "http://in-a-header", "Content-Type": content_type}
        phrase = {"reason_phrase": f"in-the-phrase {CODE}".encode()}
        return httpx.Response(status, content=echo, headers=headers, extensions=phrase)

    return answer


def breaking(error):
    def answer(request):
        raise error(f"{request.url} {request.content} {dict(request.headers)}")

    return answer


def message(error):
    return "".join(traceback.format_exception(error)) + repr(error)


def planted(system, error):
    """What the error shows of what came back or what was sent."""
    secrets = ("in-the-body", "in-a-header", "in-the-phrase", *system.secrets)
    shown = message(error)
    return [secret for secret in secrets if secret in shown]


def remedy_of(error):
    return f". {error.remedy}" if error.remedy else ""


@pytest.fixture(params=SYSTEMS.values(), ids=SYSTEMS)
def system(request):
    return request.param


@pytest.mark.parametrize(("status", "meaning"), MEANINGS.items(), ids=map(str, MEANINGS))
def test_a_status_becomes_its_error_and_says_only_the_call_and_itself(system, status, meaning):
    usual, what = meaning

    for name, error in met(system.errors(story_report(status)).items()):
        kind = system.meaning(name, status, usual)
        assert type(error) is kind
        assert str(error) == f"{system.called(name)}: {what}{remedy_of(kind)}"
        assert not planted(system, error)


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_without_a_connection_nothing_was_sent(system, kind):
    for name, error in met(system.errors(breaking(kind)).items()):
        assert type(error) is Unreachable
        said = str(error)
        assert said.startswith(f"{system.called(name)}: no connection to ")
        assert said.endswith(f" ({kind.__name__}){remedy_of(error)}")
        assert not planted(system, error)


@pytest.mark.parametrize(
    "kind",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
        httpx.DecodingError,
    ],
)
def test_after_that_silence_means_that_nobody_knows(system, kind):
    for name, error in met(system.errors(breaking(kind)).items()):
        assert type(error) is Unanswered
        assert str(error) == f"{system.called(name)}: no answer ({kind.__name__}){remedy_of(error)}"
        assert not planted(system, error)


def test_an_answer_that_cannot_be_unpacked_is_none(system):
    packed = httpx.ByteStream(b"in-the-body")

    failed = system.errors(
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=packed)
    )

    assert {type(error) for error in failed.values()} == {Unanswered}


def test_a_web_page_is_no_success(system):
    page = story_report(200, "<html>in-the-body", "text/html; charset=utf-8")

    for name, error in met(system.errors(page).items()):
        assert str(error).startswith(f"{system.called(name)}: 200 OK, but a web page. ")
        assert type(error) is NotJson
        assert not planted(system, error)


@pytest.mark.parametrize("body", ["", "in-the-body", "{", '"in-the-body"', "7", b"\xff\xfe"])
def test_what_is_not_the_promised_json_is_not_reported(system, body):
    failed = system.errors(lambda _: httpx.Response(200, content=body), *system.parsed)

    for name, error in met(failed.items()):
        assert type(error) is NotJson
        assert str(error).startswith(f"{system.called(name)}: the answer is ")
        assert str(error).endswith(NotJson.remedy)
        assert "in-the-body" not in message(error)


def test_an_unlike_answer_names_the_place_and_not_what_stood_there():
    config = {"projectId": "p1", "code": CODE, "expiresAt": "in-the-body", "deviceCount": 1}
    answer = httpx.Response(200, content=json.dumps([config]))

    (error,) = LEM.errors(lambda _: answer, "configs").values()

    assert str(error) == (
        f"{LEM.called('configs')}: the answer is unlike its document at '0.expiresAt'. "
        f"{NotJson.remedy}"
    )
    assert not planted(LEM, error)


def test_only_what_may_pass_is_worth_another_try():
    kinds = {
        kind: (kind.may_pass, kind.outcome_unknown)
        for kind in (
            Unreachable,
            Untrusted,
            Unanswered,
            TooManyRequests,
            NotReady,
            NotJson,
            Contradictory,
            BadAddress,
            Refused,
            DeviceExists,
            Forbidden,
        )
    }

    assert kinds == {
        Unreachable: (True, False),
        Untrusted: (False, False),
        Unanswered: (True, True),
        TooManyRequests: (True, False),
        NotReady: (True, False),
        NotJson: (False, True),
        Contradictory: (False, True),
        BadAddress: (False, False),
        Refused: (False, False),
        DeviceExists: (False, False),
        Forbidden: (False, False),
    }


def test_every_call_is_tried_here():
    assert [len(system.calls) for system in SYSTEMS.values()] == [9, 8, 11]
    assert all(issubclass(kind, ApiError) for kind, _ in MEANINGS.values())
