"""Requests: their shape, and what may be decided about them."""

import pytest

from simulator.lem.settings import DEFAULT_PROJECT

KEYS = {
    "entryID",
    "code",
    "hostname",
    "macAddress",
    "info",
    "status",
    "message",
    "projectId",
    "deviceId",
    "createdOn",
    "hostID",
    "provisionStatus",
    "zerotierNodeId",
    "prettyName",
    "templates",
    "licenseType",
    "updatedBy",
}
IDENTITY = {"host_id": "94c6911b9c77", "macs": ["a1:b2:c3:d4:e5:00", "a0:c5:89:af:cd:af"]}


def steps(request):
    return {step["step"]: step["stepStatus"] for step in request["provisionStatus"]}


def test_a_request_has_the_documented_keys(site):
    request = site.ask_from(**IDENTITY)

    assert request.keys() == KEYS
    assert request["hostname"] == "litmus-edge-94c6911b9c77"
    assert request["macAddress"] == "a1:b2:c3:d4:e5:00,a0:c5:89:af:cd:af"
    assert (request["entryID"], request["deviceId"]) == (1, None)
    assert request["createdOn"] == site.now()


def test_a_waiting_request_has_reached_one_step(site):
    request = site.ask_from()

    (step,) = request["provisionStatus"]
    assert (request["status"], step["step"], step["stepStatus"]) == ("PENDING", "RECEIVED", "DONE")
    assert step.keys() == {
        "stage",
        "stageName",
        "stageStatus",
        "step",
        "stepName",
        "properties",
        "stepStatus",
        "message",
        "updatedAt",
    }


def test_the_words_nobody_has_published_can_be_any(start):
    lem = start(
        pending_status="NEU", processing_status="BUSY", running_status="GO", failed_status="BROKEN"
    )
    lem.add_config()

    waiting = lem.ask_from(behavior="fails-always")
    lem.approve(1)
    (under_way,) = lem.requests()
    lem.pass_time(60)
    (failed,) = lem.requests()

    assert waiting["status"] == "NEU"
    assert (under_way["status"], steps(under_way)["CONFIRMED"]) == ("BUSY", "GO")
    assert (failed["status"], steps(failed)["LICENSE_GENERATED"]) == ("BROKEN", "BROKEN")
    assert failed["provisionStatus"][-1]["stageStatus"] == "BROKEN"


def test_an_approval_answers_with_nothing(site):
    site.ask_from()

    reply = site.approve(1)

    assert (reply.status_code, reply.content) == (200, b"")


@pytest.mark.parametrize(("kind", "status"), [("no-content", 204), ("object", 200)])
def test_the_reply_to_an_approval_can_be_another(start, kind, status):
    lem = start(status_reply=kind)
    lem.add_config()
    lem.ask_from()

    assert lem.approve(1).status_code == status


def test_an_approval_bears_its_users_name(start):
    lem = start(token_user="ann")
    lem.add_config()
    lem.ask_from()

    lem.approve(1)

    assert lem.requests()[0]["updatedBy"] == "ann"


def test_approving_twice_changes_nothing_but_is_counted(site):
    site.ask_from()

    replies = [site.approve(1).status_code for _ in range(2)]

    assert replies == [200, 200]
    assert list(steps(site.requests()[0])) == ["RECEIVED", "APPROVED", "CONFIRMED"]
    assert site.observation("calls")["approvals"] == {"1": 2}


def test_approving_twice_can_be_refused(start):
    lem = start(approve_twice="refused")
    lem.add_config()
    lem.ask_from()
    lem.approve(1)

    assert lem.approve(1).status_code == 400
    assert lem.observation("calls")["approvals"] == {"1": 1}


def test_a_rejected_request_cannot_be_approved(site):
    site.ask_from()

    site.reject(1)

    assert site.approve(1).status_code == 400
    assert site.requests()[0]["status"] == "REJECTED"


def test_a_broken_rule_can_be_a_conflict(start):
    lem = start(rule_status=409)
    lem.add_config()
    lem.ask_from()
    lem.reject(1)

    assert [lem.approve(1).status_code, lem.reject(1).status_code] == [409, 409]


def test_an_activated_request_cannot_be_rejected(site):
    site.ask_from()
    site.approve(1)
    site.pass_time(60)

    assert site.reject(1).status_code == 400
    assert site.requests()[0]["status"] == "ACTIVATED"


def test_a_deactivated_request_can_be_neither_rejected_nor_approved(site):
    site.ask_from()
    site.approve(1)
    site.pass_time(60)
    site.control("lem/deactivate", entryID=1)

    assert site.requests()[0]["status"] == "DEACTIVATED"
    assert [site.reject(1).status_code, site.approve(1).status_code] == [400, 400]


def test_rejecting_a_request_under_way_stops_it(site):
    site.ask_from()
    site.approve(1)
    site.pass_time(3)

    site.reject(1)
    site.pass_time(60)

    assert site.requests()[0]["status"] == "REJECTED"
    assert site.devices()["totalSize"] == 0


def test_a_rejected_request_cannot_be_retried(site):
    site.ask_from()
    site.reject(1)

    assert site.retry(1).status_code == 400


def test_a_retry_of_what_has_not_failed_is_accepted_and_does_nothing(site):
    before = site.ask_from()

    reply = site.retry(1)

    assert (reply.status_code, reply.content) == (204, b"")
    assert site.requests() == [before]


def test_a_retry_of_what_has_not_failed_can_be_refused(start):
    lem = start(retry_unfailed="refused")
    lem.add_config()
    lem.ask_from()

    assert lem.retry(1).status_code == 400


def test_an_unknown_request_is_not_found(site):
    replies = [site.approve(99), site.reject(99), site.retry(99)]

    assert [reply.status_code for reply in replies] == [404, 404, 404]


def test_a_request_of_another_project_is_not_found(start):
    lem = start(projects=[DEFAULT_PROJECT, "plant-b"])
    lem.add_config(projectId="plant-b")
    lem.boot({"name": "edge-1"}, project="plant-b")
    assert len(lem.requests("plant-b")) == 1

    assert lem.approve(1).status_code == 404
    assert lem.requests() == []


@pytest.mark.parametrize(
    "changes", [{"entryID": "1"}, {"entryID": None}, {"status": "MAYBE"}, {"projectId": None}]
)
def test_a_malformed_decision_is_a_bad_request(site, changes):
    site.ask_from()
    body = {"entryID": 1, "projectId": site.project, "status": "APPROVED", **changes}

    assert site.post("activation/request/status", body).status_code == 400


@pytest.mark.parametrize("query", [{}, {"entryID": 1}, {"entryId": "one"}])
def test_a_retry_wants_the_entry_id_in_its_other_spelling(site, query):
    site.ask_from()
    path = "activation/request/request-retry-provision"

    assert site.post(path, projectId=site.project, **query).status_code == 400
