from datetime import UTC, datetime

from fleet.admission.evidence import Code, Evidence
from fleet.admission.review import Item, Review, Terms, Vote
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.identity import Identity
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from reports.admission.review import SHOWN, headline, question, to_rows

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAC = "02:00:00:00:00:01"


def item(
    number=1,
    device="edge-1",
    suspicions=(),
    code=ReasonCode.PERSON_DECIDES,
    reason="a person decides here",
    **more,
):
    known = {
        "site": "plant-7",
        "request_key": f"{number}/config-1",
        "request_id": str(number),
        "device": device,
        "code": Code.OWN if device else Code.OTHER,
        "code_of": "",
        "expected": Identity("h1", frozenset({MAC})) if device else Identity(),
        "observed": Identity("h1", frozenset({MAC})),
        "asked_at": AT,
        "suspicions": tuple(suspicions),
    }
    return Item(Evidence(**(known | more)), code, reason)


UNKNOWN_DEVICE = item(
    9,
    None,
    [Suspicion(SuspicionKind.UNKNOWN_DEVICE, "it is no device of the roster")],
    reason="no device",
)


def a_review(*items, **terms):
    deadline = {"deadline": datetime(2026, 3, 3, 9, 0, tzinfo=UTC)}
    return Review("r1", "plant-7", "lem", items, Terms(**(deadline | terms)), AT)


def test_one_request_is_shown_with_what_was_expected_beside_what_was_observed():
    found = item(observed=Identity("h2", frozenset({MAC})), version="3.5.4")

    text = question(a_review(found), "LEM")

    assert "### Request #1: is this edge-1 of plant-7?" in text
    assert "| code | one given to this device | its own | ✓ |" in text
    assert "| host id | h1 | h2 | ✗ |" in text
    assert f"| MACs | {MAC} | {MAC} | ✓ |" in text
    assert "| version | – | 3.5.4 |" in text
    assert "| hardware | – | not reported |" in text
    assert "| asked | – | 2026-03-02 09:00:00 UTC |" in text


def test_what_is_suspicious_is_reported_once():
    suspicions = [
        Suspicion(SuspicionKind.CLONE, "a clone"),
        Suspicion(SuspicionKind.EARLY, "too early"),
    ]

    text = question(
        a_review(item(suspicions=suspicions, code=ReasonCode.CLONE, reason="a clone; too early")),
        "LEM",
    )
    more = question(
        a_review(item(suspicions=suspicions, reason="a clone; too early; rule 'a'")), "LEM"
    )

    assert "**Suspicious:**\n\n- a clone\n- too early\n\nDecide by" in text
    assert "Held because: a clone; too early; rule 'a'." in more


def test_an_unknown_device_is_asked_about_as_one():
    text = question(a_review(UNKNOWN_DEVICE), "LEM")

    assert "### Request #9: unknown device at plant-7. To admit it, add it to the roster" in text
    assert "| code | – | this site's, but no matching roster line | ✗ |" in text
    assert (
        headline(a_review(UNKNOWN_DEVICE))
        == "1 request held at plant-7: no exact match, 1 unknown device."
    )


def test_the_terms_are_reported():
    terms = {"quorum": 2, "requested_by": "Bo Example", "requester_may_approve": False}

    text = question(a_review(item(), **terms), "LEM")

    assert "Decide by **2026-03-03 09:00 UTC**. After that, everything stays held." in text
    assert "An approval needs 2 different people." in text
    assert "Requested by Bo Example (name not proved), who may not decide it." in text
    assert "only after its request is deleted in LEM" in text


def test_the_form_says_whether_names_are_proved():
    typed, proved = (
        question(a_review(item()), "LEM", names_are_proved=is_so) for is_so in (False, True)
    )

    assert "**Names are not proved here:** nobody is enrolled as an approver for plant-7" in typed
    assert "Only enrolled approvers decide here." in proved
    assert "not proved" not in proved


def test_several_requests_are_a_table_with_the_surest_first():
    doubtful = item(2, "edge-2", [Suspicion(SuspicionKind.CLONE, "a clone")], reason="a clone")

    text = question(a_review(UNKNOWN_DEVICE, doubtful, item()), "LEM")
    rows = to_rows(a_review(UNKNOWN_DEVICE, doubtful, item()))

    assert headline(a_review(UNKNOWN_DEVICE, doubtful, item())) == (
        "3 requests held at plant-7: 1 exact match, 1 unknown device."
    )
    assert [row["request"] for row in rows] == ["#1", "#2", "#9"]
    assert [row["exact"] for row in rows] == ["yes", "no", "no"]
    assert [row["agrees"] for row in rows] == ["3 of 3", "3 of 3", "0 of 1"]
    assert [row["device"] for row in rows] == ["edge-1", "edge-2", "unknown device"]
    assert [row["expected"] for row in rows] == [*[f"host id h1, MAC {MAC}"] * 2, ""]
    assert [row["may be approved"] for row in rows] == ["yes", "yes", "no"]
    assert "| #1 | edge-1 | 3 of 3 **exact** |" in text


def test_of_very_many_requests_the_form_shows_the_first_and_the_table_all():
    review = a_review(*(item(n, f"edge-{n}") for n in range(1, SHOWN + 6)))

    text = question(review, "LEM")

    assert "… and 5 more" in text
    assert len(to_rows(review)) == SHOWN + 5


def test_a_refused_answer_and_earlier_votes_are_reported_first():
    items = [item(n, f"edge-{n}") for n in range(1, SHOWN + 3)]
    votes = [Vote(each.key, Decision.APPROVE, "Ada", "seen") for each in items[1:]]
    votes += [Vote(items[0].key, Decision.REJECT, "B_o", "no")]

    text = question(a_review(*items), "LEM", votes, "Give a reason.")

    first, title, said, *_ = text.split("\n\n")
    assert first == "**Your answer was not accepted.** Give a reason."
    assert title == "**Votes so far:**"
    assert said.startswith("- Ada (name not proved): approve edge-2, edge-3, ")
    assert said.endswith(f"edge-{SHOWN + 1} and 1 more\n- B\\_o (name not proved): reject edge-1")
