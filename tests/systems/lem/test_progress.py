"""How far a request has come: read from known words and from its step log, whatever the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.device.request import Progress
from tests.laws import share_of
from tests.systems.lem.observing import (
    ALL_DONE,
    APPROVED,
    CONFIRMED,
    LICENSES,
    RECEIVED,
    entry,
    seen,
    step,
)

LAW = settings(max_examples=share_of(25))  # every example is four calls
KNOWN = {"ACTIVATED", "APPROVED", "REJECTED", "DEACTIVATED"}
RUNNING = {"", "PENDING", "IN_PROGRESS", "RUNNING", "WAITING", "STARTED", "QUEUED"}
GOOD = {"DONE", "SKIPPED", "SUCCESS"}


def says_failed(word):
    return "FAIL" in word.upper() or "ERROR" in word.upper()


words = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["PENDING", "RECEIVED", "WAITING_FOR_APPROVAL", "Waiting for Approval", "approvable", "NEW"]
)
quiet_words = words.filter(lambda word: not says_failed(word))
# What is shown is shown without these.
message = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp"))
around = st.text(message, max_size=12)
failed_words = st.builds(
    "{}{}{}".format, around, st.sampled_from(["FAIL", "failed", "Error", "ERROR"]), around
)
messages = st.text(message, min_size=1, max_size=20)
logs = st.lists(st.sampled_from(ALL_DONE), max_size=5, unique_by=lambda each: each["step"])


def progress(status, *steps, **more):
    return seen(entry(status, *steps, **more)).progress


@LAW
@given(quiet_words.filter(lambda word: word.upper() not in KNOWN), st.none() | words)
def test_a_received_request_waits_whatever_its_word_and_message(word, message):
    assert progress(word, RECEIVED, message=message) is Progress.WAITING


@LAW
@given(failed_words.filter(lambda word: word.upper() not in KNOWN), messages, logs)
def test_a_request_whose_word_says_failed_has_failed_for_its_reason(word, message, log):
    request = seen(entry(word, *log, message=message))

    assert request.progress is Progress.FAILED
    assert request.message == message


@LAW
@given(quiet_words.filter(lambda word: word.upper() not in GOOD | RUNNING), messages)
def test_a_step_of_an_unknown_word_with_a_reason_has_failed(word, reason):
    request = seen(entry("APPROVED", RECEIVED, APPROVED, step("CONFIRMED", word, reason)))

    assert request.progress is Progress.FAILED
    assert request.message == f"CONFIRMED: {reason}"


@LAW
@given(quiet_words.filter(lambda word: word.upper() not in GOOD | RUNNING), messages)
def test_a_request_that_waits_has_not_failed_by_a_step_of_an_unknown_word(word, reason):
    assert progress("PENDING", step("RECEIVED", word, reason)) is Progress.WAITING


@LAW
@given(failed_words, st.none() | messages, st.sampled_from(["ACTIVATED", "APPROVED", "PENDING"]))
def test_a_step_whose_word_says_failed_fails_the_request_even_when_activated(word, reason, status):
    request = seen(entry(status, RECEIVED, APPROVED, CONFIRMED, step("LICENSE", word, reason)))

    assert request.progress is Progress.FAILED
    assert request.message == f"LICENSE: {reason or word}"


@LAW
@given(logs, words, words)
def test_a_rejected_or_deactivated_request_is_that_whatever_its_log(log, word, message):
    failed = step("LICENSE", word, message)

    assert progress("REJECTED", *log, failed) is Progress.REJECTED
    assert progress("Deactivated", *log, failed) is Progress.DEACTIVATED


@LAW
@given(st.sampled_from(sorted(GOOD)), st.none() | messages)
def test_a_step_of_a_good_word_is_done_whatever_its_message(word, message):
    log = [step(name, word, message) for name in ("RECEIVED", "APPROVED", "CONFIRMED")]

    assert progress("ACTIVATED", *log) is Progress.PROVISIONED
    assert progress("ACTIVATED", *(s | {"stepStatus": word.lower()} for s in log)) is (
        Progress.PROVISIONED
    )
    assert progress("PENDING", *log) is Progress.PROVISIONING
    assert progress("PENDING", *log[:1]) is Progress.WAITING


@LAW
@given(st.sampled_from(sorted(RUNNING)), st.none() | messages)
def test_a_running_step_has_not_failed_even_with_a_message(word, message):
    running = step("LICENSE_GENERATED", word, message)

    assert progress("ACTIVATED", RECEIVED, APPROVED, running) is Progress.PROVISIONING
    assert progress("", RECEIVED, APPROVED, running) is Progress.PROVISIONING


@pytest.mark.parametrize(
    ("status", "steps", "expected"),
    [
        ("ACTIVATED", ALL_DONE, Progress.PROVISIONED),
        ("activated", ALL_DONE, Progress.PROVISIONED),
        ("ACTIVATED", [RECEIVED, APPROVED, CONFIRMED], Progress.PROVISIONED),
        ("ACTIVATED", [RECEIVED, step("CONFIRMED", "")], Progress.PROVISIONING),
        ("ACTIVATED", [step("CONFIRMED", stageStatus="FAILED")], Progress.PROVISIONING),
        ("ACTIVATED", [], Progress.PROVISIONED),
        ("ACTIVATED", None, Progress.PROVISIONED),
        ("APPROVED", [RECEIVED], Progress.PROVISIONING),
        ("APPROVED", [RECEIVED, APPROVED], Progress.PROVISIONING),
        ("APPROVED", [], Progress.PROVISIONING),
        ("PROCESSING", [RECEIVED, APPROVED], Progress.PROVISIONING),
        ("PENDING", [RECEIVED, step("APPROVED", "IN_PROGRESS")], Progress.WAITING),
        ("PENDING", [], Progress.WAITING),
        (None, None, Progress.WAITING),
        ("FAILED", None, Progress.FAILED),
        ("PENDING", LICENSES, Progress.WAITING),
    ],
)
def test_known_words_and_steps_are_read_as_the_documents_have_them(status, steps, expected):
    assert progress(status, provisionStatus=steps) is expected


def test_a_retry_in_progress_is_no_failure_any_more():
    log = [RECEIVED, APPROVED, CONFIRMED, step("LICENSE_GENERATED", "IN_PROGRESS")]

    assert progress("APPROVED", *log, message="") is Progress.PROVISIONING
