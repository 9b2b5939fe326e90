"""Evidence: what fits, how well, in which words; and that it can be stored and compared."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.admission.evidence import WINDOWS, Code, Evidence, canonical, digest
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.identity import Identity
from fleet.state.reason_code import ReasonCode
from tests.fleet.builders import NOW, mac

CLONE = Suspicion(SuspicionKind.CLONE, "another shows the same MAC")
SECOND = Suspicion(SuspicionKind.SECOND, "the device already asked as request 1")
BOTH = Identity("h1", frozenset({mac(1), mac(2)}))


def evidence(**more: Any) -> Evidence:
    """Evidence of a request that fits its line; `more` says where it does not."""
    own = {
        "site": "plant-7",
        "request_key": "1/config-1",
        "request_id": "1",
        "device": "edge-1",
        "code": Code.OWN,
        "code_of": "",
        "expected": BOTH,
        "observed": BOTH,
    }
    return Evidence(**(own | more))


identities = st.builds(
    Identity, st.none() | st.text(), st.frozensets(st.integers(0, 9).map(mac), max_size=4)
)
anything = st.builds(
    Evidence,
    site=st.text(),
    request_key=st.text(),
    request_id=st.text(),
    device=st.none() | st.text(),
    code=st.sampled_from(Code),
    code_of=st.text(),
    expected=identities,
    observed=identities,
    hostname=st.text(),
    hardware=st.text(),
    version=st.text(),
    asked_at=st.none()
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])),
    machines=st.integers(),
    listed=st.integers(),
    arrivals=st.none() | st.dictionaries(st.text(), st.integers()),
    suspicions=st.lists(st.builds(Suspicion, st.sampled_from(SuspicionKind), st.text())).map(tuple),
)


# Stored and compared


@given(anything)
def test_evidence_is_the_same_after_it_was_stored_as_json(given_: Evidence) -> None:
    record = json.loads(canonical(given_.facts()))

    again = Evidence.from_facts(record)

    assert again == given_
    assert again.facts() == given_.facts()
    assert (again.fingerprint, again.is_exact) == (given_.fingerprint, given_.is_exact)


def test_evidence_is_stored_with_all_that_it_says() -> None:
    whole = evidence(
        code=Code.OTHER,
        code_of=", but to edge-2",
        observed=Identity("h2", frozenset({mac(2), mac(1)})),
        hostname="kiosk",
        hardware="physical",
        version="3.5",
        asked_at=NOW,
        machines=7,
        listed=9,
        arrivals={"minute": 3},
        suspicions=(CLONE,),
    )

    assert whole.facts() == {
        "site": "plant-7",
        "request_key": "1/config-1",
        "request_id": "1",
        "device": "edge-1",
        "code": "other",
        "code_of": ", but to edge-2",
        "expected": {"host_id": "h1", "macs": [mac(1), mac(2)]},
        "observed": {"host_id": "h2", "macs": [mac(1), mac(2)]},
        "hostname": "kiosk",
        "hardware": "physical",
        "version": "3.5",
        "asked_at": "2026-03-02T09:00:00+00:00",
        "machines": 7,
        "listed": 9,
        "arrivals": {"minute": 3},
        "suspicions": [["clone", "another shows the same MAC"]],
    }
    assert Evidence.from_facts(whole.facts()) == whole
    assert Evidence.from_facts(evidence().facts()) == evidence()


def test_arrivals_are_counted_within_a_minute_ten_and_an_hour() -> None:
    assert WINDOWS == {"minute": 60, "10 minutes": 600, "hour": 3600}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, ReasonCode.EXACT_MATCH),
        ({"expected": Identity(), "observed": Identity("h9")}, ReasonCode.EXACT_MATCH),
        ({"suspicions": (CLONE, SECOND)}, ReasonCode.CLONE),
        ({"device": None, "expected": Identity()}, ReasonCode.UNKNOWN_DEVICE),
        ({"code": Code.OTHER}, ReasonCode.OTHER_CODE),
        ({"observed": Identity()}, ReasonCode.OTHER_IDENTITY),
        ({"observed": replace(BOTH, host_id="h2")}, ReasonCode.OTHER_IDENTITY),
    ],
    ids=["fits", "own code", "suspicious", "unknown", "code", "shows nothing", "contradicts"],
)
def test_why_it_does_not_fit_has_a_code(more: dict[str, Any], code: ReasonCode) -> None:
    assert evidence(**more).misfit_code is code


def test_a_code_of_its_own_has_to_do_only_for_a_line_without_identity() -> None:
    assert evidence(expected=Identity()).has_own_code_alone
    assert not evidence().has_own_code_alone
    assert not evidence(device=None, expected=Identity()).has_own_code_alone


def test_evidence_of_release_0_1_is_read_and_its_former_word_is_translated() -> None:
    record = evidence(suspicions=(CLONE,)).facts()
    record["suspicions"] = [["stranger", "it is no device of the roster"], ["clone", "alike"]]

    kinds = [each.kind for each in Evidence.from_facts(record).suspicions]

    assert kinds == [SuspicionKind.UNKNOWN_DEVICE, SuspicionKind.CLONE]


def test_a_word_of_no_release_is_refused_in_evidence() -> None:
    record = evidence(suspicions=(CLONE,)).facts()
    record["suspicions"] = [["clon", "alike"]]

    with pytest.raises(ValueError, match="clon"):
        Evidence.from_facts(record)


@given(anything)
def test_evidence_that_is_equal_hashes_alike(given_: Evidence) -> None:
    assert len({given_, Evidence.from_facts(given_.facts())}) == 1


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_a_digest_does_not_change_with_the_order_of_facts(facts: dict[str, Any]) -> None:
    turned = dict(reversed(facts.items()))

    assert digest(turned) == digest(facts)
    assert json.loads(canonical(facts)) == facts


def test_the_digest_of_a_fact_does_not_change_from_release_to_release() -> None:
    message = digest({"name": "Zürich", "list": [1, None]})

    assert message == "e6926e0f468ea98833d050ac036d113d170e786c89e0555b18bdd06376bda769"


@pytest.mark.parametrize(
    "more",
    [
        {"observed": replace(BOTH, macs=frozenset([mac(2), mac(1)]))},
        {"machines": 7, "listed": 9, "arrivals": {"minute": 3}},
        {"suspicions": (CLONE,)},
        {"code": Code.OTHER, "code_of": ", but to another"},
        {"asked_at": NOW},
    ],
    ids=["order of MACs", "counts", "suspicions", "whose code", "time"],
)
def test_a_fingerprint_does_not_change_with_what_others_do(more: dict[str, Any]) -> None:
    assert evidence(**more).fingerprint == evidence().fingerprint


@pytest.mark.parametrize(
    "more",
    [
        {"observed": replace(BOTH, host_id="h2")},
        {"observed": replace(BOTH, macs=frozenset({mac(1)}))},
        {"expected": replace(BOTH, host_id=None)},
        {"hostname": "kiosk"},
        {"hardware": "virtual"},
        {"version": "3.5"},
        {"device": "edge-2"},
        {"device": None},
        {"site": "plant-9"},
        {"request_key": "2/config-1"},
    ],
    ids=[
        "host id",
        "MACs",
        "line",
        "hostname",
        "hardware",
        "version",
        "device",
        "no device",
        "site",
        "request",
    ],
)
def test_a_fingerprint_changes_with_who_it_says_it_is_and_whom_it_is_taken_for(
    more: dict[str, Any],
) -> None:
    assert evidence(**more).fingerprint != evidence().fingerprint


@given(anything, anything)
def test_two_requests_that_say_different_things_have_different_fingerprints(
    one: Evidence, other: Evidence
) -> None:
    says = [(e.site, e.request_key, e.device, e.observed, e.hostname) for e in (one, other)]

    assert (one.fingerprint == other.fingerprint) <= (says[0] == says[1])


# What fits


@pytest.mark.parametrize(
    ("more", "misfit"),
    [
        ({}, ""),
        ({"observed": Identity("h1")}, ""),
        ({"expected": Identity(), "observed": Identity()}, ""),
        (
            {"code": Code.OTHER, "code_of": ", but to edge-2"},
            "it asks by a code that was not given to this device, but to edge-2",
        ),
        (
            {"observed": Identity("h2", frozenset({mac(3)})), "hostname": "edge-1"},
            f"its host id is h2, and the roster says h1; its MACs are {mac(3)}, and the roster "
            f"says {mac(1)}, {mac(2)}",
        ),
        (
            {"observed": Identity("h2", frozenset({mac(1)}))},
            "its host id is h2, and the roster says h1",
        ),
        (
            {"observed": Identity(), "hostname": "edge-1"},
            "neither its host id nor any MAC is this device's",
        ),
        ({"device": None}, "it is no device of the roster"),
        ({"device": None, "suspicions": (CLONE,)}, CLONE.message),
    ],
    ids=[
        "all",
        "host id",
        "own code alone",
        "code",
        "identity",
        "other host id",
        "nothing",
        "no line",
        "suspicious",
    ],
)
def test_a_misfit_is_said_in_words(more: dict[str, Any], misfit: str) -> None:
    given_ = evidence(**more)

    assert given_.misfit == misfit
    assert given_.is_exact is not bool(misfit)


def test_what_fits_and_is_suspicious_is_not_exact() -> None:
    given_ = evidence(suspicions=(CLONE,))

    assert (given_.misfit, given_.is_exact) == ("", False)
    assert given_.suspected_of(SuspicionKind.CLONE)
    assert not given_.suspected_of(SuspicionKind.UNKNOWN_DEVICE)


def test_a_proof_names_all_that_is_shared() -> None:
    shown = Identity("h1", frozenset({mac(2), mac(9)}))

    assert (
        evidence(observed=shown).proof
        == f"it shows this site's code and host id h1 and MAC {mac(2)}"
    )


def test_a_code_of_its_own_is_proof_where_the_line_gives_no_identity() -> None:
    given_ = evidence(expected=Identity())

    assert given_.has_own_code_alone
    assert given_.proof == "it shows the code made for this device alone"


@pytest.mark.parametrize(
    ("more", "score"),
    [
        ({}, (3, 3)),
        ({"code": Code.OTHER}, (2, 3)),
        ({"observed": Identity("h2", BOTH.macs)}, (2, 3)),
        ({"observed": Identity("h1", frozenset({mac(9)}))}, (2, 3)),
        ({"observed": Identity("h1", frozenset({mac(1), mac(9)}))}, (3, 3)),
        ({"observed": Identity()}, (1, 3)),
        ({"expected": Identity("h1")}, (2, 2)),
        ({"expected": Identity(None, BOTH.macs)}, (2, 2)),
        ({"expected": Identity()}, (1, 1)),
        ({"device": None, "expected": Identity(), "code": Code.OTHER}, (0, 1)),
    ],
    ids=[
        "all",
        "another code",
        "another host id",
        "other MACs",
        "one MAC is enough",
        "shows nothing",
        "host id alone",
        "MACs alone",
        "own code alone",
        "no line",
    ],
)
def test_a_score_counts_what_agrees_of_what_could(
    more: dict[str, Any], score: tuple[int, int]
) -> None:
    assert evidence(**more).score == score


@given(anything)
def test_what_agrees_is_never_more_than_what_could(given_: Evidence) -> None:
    agrees, could = given_.score

    assert 0 <= agrees <= could <= 3


@pytest.mark.parametrize(
    ("more", "may_be"),
    [
        ({}, True),
        ({"code": Code.OTHER, "suspicions": (CLONE,)}, True),
        ({"device": None}, False),
        ({"suspicions": (CLONE, SECOND)}, False),
    ],
    ids=["exact", "suspicious", "no line", "second request"],
)
def test_a_person_may_approve_whatever_is_the_only_one_of_a_line(
    more: dict[str, Any], may_be: bool
) -> None:
    assert evidence(**more).may_be_approved is may_be


def test_evidence_says_when_a_device_asked_to_the_microsecond() -> None:
    at = datetime(2026, 3, 2, 9, 0, 0, 123456, UTC)

    assert Evidence.from_facts(evidence(asked_at=at).facts()).asked_at == at
