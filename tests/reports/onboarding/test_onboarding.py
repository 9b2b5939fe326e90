"""The onboarding table, the held requests and the counts: by hand, and as laws."""

import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.action.action import Hold
from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.device.times import Times
from fleet.planning.assess import Assessment
from fleet.roster.repair import Repair
from fleet.roster.roster import Line, Roster
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.holds import NO_REVIEW
from fleet.status.status import DeviceStatus
from fleet.text.fault import Fault
from fleet.text.place import Place
from reports.onboarding.actions_taken import actions_taken
from reports.onboarding.need import needs
from reports.onboarding.onboarding import (
    FAULTY_LINE,
    REPAIR_PROPOSED,
    OnboardingFacts,
    onboarding_frame,
)
from reports.onboarding.onboarding_page import to_html
from reports.onboarding.summary import ORDER, summary
from reports.page.stages import WAITS, stage_times
from reports.page.wording import brief, clock
from tests.laws import share_of

LAW = settings(max_examples=share_of(20))  # every example builds several frames
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
TIMES = st.builds(Times, *[st.none() | INSTANTS] * 5)


@st.composite
def onboardings(draw) -> OnboardingFacts:
    """Any outcome of any small run, with hostile texts."""
    numbers = draw(st.lists(st.integers(2, 60), unique=True, max_size=12))
    cut = draw(st.integers(0, len(numbers)))
    lines = tuple(Line(Place(n), Device(name=f"edge-{n}"), "lem") for n in sorted(numbers[:cut]))
    fault = st.builds(
        Fault, *(st.sampled_from([Place(n) for n in numbers[cut:] or [2]]), *[st.text()] * 4)
    )
    faults = draw(st.lists(fault, max_size=6)) if numbers[cut:] else []
    repair = st.builds(
        Repair,
        *(st.sampled_from([Place(n) for n in numbers[cut:] or [2]]), *[st.text()] * 6),
        st.booleans(),
    )
    proposed = draw(st.lists(repair, max_size=3)) if numbers[cut:] else []
    texts = st.text(st.characters(exclude_categories=[]), max_size=5)
    requests = st.builds(Request, texts, texts, st.just(Identity()), st.sampled_from(Progress))
    statuses = tuple(
        DeviceStatus(
            line.device,
            draw(st.sampled_from(State)),
            ReasonCode.UNKNOWN,
            draw(texts),
            draw(requests),
        )
        for line in lines
        if draw(st.booleans())
    )
    owners = st.sampled_from([None, *(line.device for line in lines)])
    holds = tuple(draw(st.lists(st.builds(Hold, requests, texts, owners), max_size=4)))
    return OnboardingFacts(
        roster=Roster("plant-7", lines, tuple(faults), proposed=tuple(proposed)),
        assessment=Assessment(statuses, holds),
        times={line.device.name: draw(TIMES) for line in lines},
        run_name="run",
        started_at=datetime(2026, 3, 20, tzinfo=UTC),
        ended_at=datetime(2026, 3, 21, tzinfo=UTC),
        dry_run=draw(st.booleans()),
        system="LEM",
        planned={},
    )


@LAW
@given(onboardings())
def test_every_line_of_the_roster_has_exactly_one_row_in_order(facts):
    roster = facts.roster

    frame = onboarding_frame(facts)

    places = [line.place for line in roster.lines]
    places += [*roster.faulty_lines, *roster.proposed_lines]
    assert frame["line"].tolist() == [str(n) for n in sorted(place.number for place in places)]
    for column in ("state", "reason"):
        assert frame[column].notna().all()


@LAW
@given(onboardings())
def test_the_counts_sum_to_the_number_of_lines_and_agree_with_the_table(facts):
    found = summary(facts)

    frame = onboarding_frame(facts)
    assert sum(found.counts.values()) == found.total == len(frame)
    assert {s: n for s, n in found.counts.items() if n} == dict(Counter(frame["state"]))
    assert tuple(found.counts) == ORDER


@LAW
@given(onboardings())
def test_every_held_request_is_reported_among_the_needs(facts):
    holds = facts.assessment.holds

    assert len(needs(facts)) >= len(holds) + bool(facts.roster.faulty_lines)


@LAW
@given(onboardings())
def test_columns_and_their_types_do_not_depend_on_what_is_known(facts):
    empty = replace(facts, roster=Roster("plant-7", ()), assessment=Assessment((), ()), times={})

    assert onboarding_frame(facts).dtypes.equals(onboarding_frame(empty).dtypes)


@LAW
@given(onboardings())
def test_no_duration_is_negative(facts):
    frame = onboarding_frame(facts)

    assert not any((frame[wait.column] < 0).any() for wait in WAITS)


def test_durations_are_seconds_from_stage_to_stage(facts):
    first, *others = onboarding_frame(facts).to_dict("records")

    assert [first[wait.column] for wait in WAITS] == [30.0, 2.5, 66.5]
    assert all(math.isnan(row[wait.column]) for row in others for wait in WAITS)


def test_a_stage_that_seems_to_come_before_the_one_before_it_has_no_duration(facts):
    at = facts.started_at
    times = {"edge-001": Times(enrolled=at, asked=at - timedelta(hours=1), approved=at)}

    first = onboarding_frame(replace(facts, times=times)).iloc[0]

    assert math.isnan(first["waited_for_request_s"])
    assert first["waited_for_approval_s"] == 3600


def test_times_are_reported_in_utc_whatever_zone_they_came_in(facts):
    berlin = datetime(2026, 3, 20, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    times = {"edge-001": Times(berlin), "edge-002": Times(facts.started_at)}

    enrolled = onboarding_frame(replace(facts, times=times))["enrolled"]

    assert enrolled[0] == enrolled[1] == facts.started_at
    assert str(enrolled.dtype) == "datetime64[us, UTC]"


def test_the_table_has_each_device_as_it_was_judged(facts):
    row = onboarding_frame(facts).iloc[1]

    assert (row["line"], row["device"], row["state"]) == ("3", "edge-002", "failed")
    assert (row["reason"], row["request"]) == ("provisioning failed: no license", "2")


def test_a_faulty_line_says_every_fault_and_its_remedy(facts):
    faults = (
        Fault(Place(5), "mac", "zz", "'zz' is not a MAC address", "Write six pairs"),
        Fault(Place(5), "device", "edge 5", "'edge 5' cannot be a name", "Use letters."),
    )
    roster = Roster("plant-7", facts.roster.lines, faults)

    frame = onboarding_frame(replace(facts, roster=roster))

    row = frame[frame["line"] == "5"].iloc[0]
    assert (row["state"], row["device"], row["mac"]) == ("faulty line", "edge 5", "zz")
    assert row["reason"] == (
        "mac: 'zz' is not a MAC address. Write six pairs. "
        "device: 'edge 5' cannot be a name. Use letters."
    )


def test_faults_of_one_cause_are_one_need_with_the_first_lines(facts):
    faults = tuple(
        Fault(Place(n), "mac", "zz", f"also on another line than {n}", "Keep one", cause="twice")
        for n in range(10, 40)
    )

    (need,) = [
        each
        for each in needs(replace(facts, roster=Roster("plant-7", (), faults)))
        if each.kind == FAULTY_LINE
    ]

    assert need.who == "lines 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and 20 more"
    assert need.reason == "mac: twice"


def a_repair(line, is_safe=True):
    read, use = "1122334455", "001122334455"
    return Repair(Place(line), "host_id", "B", "edge-9", read, use, "the format says so", is_safe)


def test_a_line_that_waits_for_a_yes_says_what_would_be_used_and_why(facts):
    roster = replace(facts.roster, proposed=(a_repair(9), a_repair(10), a_repair(11, False)))
    waiting = replace(facts, roster=roster)

    row = onboarding_frame(waiting).iloc[5]

    assert (row["line"], row["device"], row["state"]) == ("9", "edge-9", "repair proposed")
    assert row["host_id"] == "1122334455"
    assert row["reason"] == str(a_repair(9))
    found = [(need.who, need.detail) for need in needs(waiting) if need.kind == REPAIR_PROPOSED]
    assert found == [("lines 9, 10", "safe"), ("line 11", "a guess")]


def test_an_accepted_repair_is_shown_on_its_line_and_on_the_page(facts):
    repair = a_repair(2)
    repaired = replace(facts, roster=replace(facts.roster, repaired=(repair,)))

    assert onboarding_frame(repaired)["reason"].iloc[0].endswith(repair.accepted)
    assert ".." not in onboarding_frame(repaired)["reason"].iloc[0]
    assert "used &#39;001122334455&#39;" in to_html(repaired)


def test_two_accepted_repairs_of_a_line_are_two_sentences_and_the_page_has_no_markdown(facts):
    repair = a_repair(2)
    roster = replace(facts.roster, repaired=(repair, repair), proposed=(a_repair(9),))
    both = replace(facts, roster=roster)

    assert ".." not in onboarding_frame(both)["reason"].iloc[0]
    assert "*Accept" not in to_html(both)


def test_lines_of_a_connection_that_could_not_be_observed_say_why(facts):
    blind = replace(facts, assessment=Assessment((), ()), not_checked={"lem": "no connection"})

    frame = onboarding_frame(blind)

    assert Counter(frame["state"]) == {"not checked": 4, "faulty line": 1}
    assert frame["reason"].iloc[0] == "no connection"


def test_only_a_dry_run_has_a_column_of_what_is_planned(facts):
    dry = replace(facts, dry_run=True, planned={"edge-004": "enroll it"})

    assert onboarding_frame(dry)["planned"].tolist() == ["", "", "", "", "enroll it"]
    assert "planned" not in onboarding_frame(facts)


def test_a_held_unknown_device_is_taken_for_no_device(facts):
    held = {need.kind: need.who for need in needs(facts)}

    assert held["unknown device"] == "ubuntu"
    assert summary(facts).unknown_devices == 1


def test_what_needs_attention_is_reported_in_order_of_urgency(facts):
    found = [(need.kind, need.who) for need in needs(facts)]

    assert found == [
        ("failed", "edge-002"),
        ("held for a person", "edge-003"),
        ("unknown device", "ubuntu"),
        ("faulty line", "line 6"),
    ]


def test_a_second_request_of_a_device_in_service_is_an_extra_request(facts):
    device = facts.roster.lines[0].device
    request = Request("9", "cfg", Identity("f00d"), Progress.WAITING, hostname="other")
    assessment = replace(
        facts.assessment, holds=(Hold(request, ReasonCode.SECOND, "already asked", device),)
    )

    found = {need.kind: need for need in needs(replace(facts, assessment=assessment))}

    spare = found["extra request"]
    assert spare.detail == "request 9, host id f00d, hostname other"
    assert "run review-requests for this site to reject it" in spare.remedy


def test_a_deactivated_device_is_to_be_activated_or_taken_off_the_roster(facts):
    device = facts.roster.lines[2].device
    request = Request("3", "cfg", Identity(), Progress.DEACTIVATED)
    assessment = replace(
        facts.assessment, holds=(Hold(request, ReasonCode.DEACTIVATED, "deactivated", device),)
    )

    held = next(n for n in needs(replace(facts, assessment=assessment)) if n.who == "edge-003")

    assert held.remedy == "Activate it again in the system, or take its line off the roster."


@pytest.mark.parametrize("progress", [Progress.WAITING, Progress.DEACTIVATED])
def test_what_no_review_can_decide_is_not_sent_to_one(facts, progress):
    """A system that knows devices by our names has no requests; a list cut off shows none."""
    device = facts.roster.lines[2].device
    request = Request("edge-003", "", Identity(), progress, device=device.name)
    hold = Hold(request, ReasonCode.REGISTERED_BY_OTHERS, "no token", device)
    unseen = DeviceStatus(device, State.HELD, ReasonCode.LIST_CUT_OFF, "not shown")

    def remedy(**more):
        assessment = replace(facts.assessment, **({"holds": ()} | more))
        found = needs(replace(facts, assessment=assessment))
        return next(n.remedy for n in found if n.who == "edge-003")

    assert remedy(holds=(hold,)) == remedy(statuses=(unseen,)) == NO_REVIEW


def test_stage_times_know_the_median_and_the_slowest_device(facts):
    at = facts.started_at
    waits = {"edge-001": 10, "edge-002": 50, "edge-003": 20}
    times = {name: Times(at, at + timedelta(seconds=s)) for name, s in waits.items()}

    (asking,) = stage_times(onboarding_frame(replace(facts, times=times)))

    assert (asking.count, asking.median, asking.slowest, asking.device) == (3, 20, 50, "edge-002")


def test_a_run_is_credited_with_what_happened_while_it_ran(facts):
    early = replace(facts, started_at=facts.started_at + timedelta(seconds=60))

    assert actions_taken(early).endswith("During it: 1 confirmed in service.")
    assert actions_taken(replace(facts, times={})).endswith("It changed nothing.")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (4.24, "4.2 s"),
        (9.97, "10 s"),
        (59.6, "1 min"),
        (200.0, "3 min 20 s"),
        (3599.7, "1 h"),
        (7500.0, "2 h 5 min"),
        (86_399.0, "1 d"),
        (100_000.0, "1 d 4 h"),
        (math.nan, ""),
    ],
)
def test_durations_are_reported_in_their_two_largest_units(seconds, text):
    assert brief(seconds) == text


def test_a_day_is_reported_only_when_it_is_another_day():
    at = datetime(2026, 3, 20, 9, 2, 11, tzinfo=UTC)

    assert clock(at, at.date()) == "09:02:11"
    assert clock(at, at.date() + timedelta(days=1)) == clock(at) == "2026-03-20 09:02:11"
