"""A night's arithmetic: every fact appears once, and every total is the sum of its parts."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from statistics import quantiles

import pytest
from hypothesis import given, settings

from fleet.nightly.catalog import FindingKind
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from reports.nightly.facts import Done
from reports.nightly.frames import (
    devices_frame,
    findings_frame,
    night_frames,
    quotas_frame,
    sites_frame,
)
from reports.nightly.headline import headline, sentences
from reports.nightly.stages import stages_frame
from reports.nightly.trend import NIGHTS, NOT_CHECKED, as_past, is_checked, trend_frame
from tests.laws import met, share_of
from tests.reports.nights import (
    PLACES,
    START,
    a_device,
    a_finding,
    a_night,
    a_past,
    a_report,
    before,
    nights,
    quiet,
    rich,
)

FEW = settings(max_examples=share_of(8))
STATES = [*(state.record.label for state in State), NOT_CHECKED]


@FEW
@given(facts=nights())
def test_every_device_is_reported_exactly_once(facts):
    frame = devices_frame(facts)

    places = [(s.site, s.connection, s.device) for s in facts.devices]
    reported_of = frame[["site", "connection", "device"]].itertuples(index=False, name=None)
    assert list(reported_of) == places


@FEW
@given(facts=nights())
def test_every_finding_is_reported_exactly_once_and_what_needs_attention_first(facts):
    frame = findings_frame(facts)

    found = Counter(
        (t.finding.kind.record.label, t.finding.subject, t.needs_attention) for t in facts.reported
    )
    assert (
        Counter(zip(frame["kind"], frame["subject"], frame["needs_attention"], strict=True))
        == found
    )
    assert frame["needs_attention"].is_monotonic_decreasing


@FEW
@given(facts=nights())
def test_a_site_s_states_sum_to_its_devices_and_the_last_row_to_the_sites(facts):
    frame = sites_frame(facts)

    sites, total = frame.iloc[:-1], frame.iloc[-1]
    numbers = frame.columns[2:]
    assert (frame[STATES].sum(axis="columns") == frame["devices"]).all()
    assert (sites[numbers].sum() == total[numbers]).all()
    assert (total["devices"], total["findings"]) == (len(facts.devices), len(facts.reported))


@FEW
@given(facts=nights())
def test_the_headline_s_states_sum_to_the_devices_and_its_kinds_to_what_needs_attention(facts):
    counts = headline(facts)

    assert sum(counts.states.values()) == counts.total == len(facts.devices)
    assert sum(counts.kinds.values()) == counts.needs_attention
    assert counts.needs_attention + counts.others == len(facts.reported)


@FEW
@given(facts=nights())
def test_nothing_is_claimed_of_devices_that_were_not_checked(facts):
    frame = devices_frame(facts)

    unseen = [not is_checked(facts, device) for device in facts.devices]
    assert ((frame["state"] == NOT_CHECKED) == unseen).all()
    assert headline(facts).not_checked == sum(unseen)
    assert (frame.loc[unseen, "last_known"] != "").all()


@FEW
@given(tonight=nights(), last=nights())
def test_the_change_since_last_night_is_today_less_before(tonight, last):
    tonight, last = (replace(each, not_checked={}) for each in (tonight, last))

    counts = headline(replace(tonight, history=[as_past(last)]))

    before = headline(last)
    for state, number in counts.states.items():
        assert counts.changes[state] == number - before.states[state]
    assert counts.needs_change == counts.needs_attention - before.needs_attention


def test_a_place_that_one_night_could_not_check_is_not_compared():
    tonight = replace(
        rich(), history=[a_past(states={(*PLACES[0], "in_service"): 69, (*PLACES[2], "failed"): 9})]
    )

    counts = headline(tonight)

    assert counts.changes["failed"] == 11  # and not two: those nine are not checked tonight
    assert counts.changes[NOT_CHECKED] == 40
    assert counts.needs_change is None
    assert (
        "up 76 since last night, counting only what both nights checked." in sentences(tonight)[0]
    )


def test_the_first_night_has_nothing_to_compare_with():
    first = a_night(devices=[a_device()])

    counts = headline(first)

    assert (counts.changes, counts.needs_change, counts.since) == (None, None, "")
    assert sentences(first)[0] == "1 of 1 device is in service."


def test_a_night_before_last_is_named_by_its_date():
    facts = replace(quiet(), history=[a_past(3)])

    assert headline(facts).since == "2026-03-17"


@FEW
@given(facts=nights())
def test_the_trend_ends_with_this_night_and_has_thirty_at_most(facts):
    facts = replace(facts, history=[*facts.history] * 20)

    frame = trend_frame(facts)

    parts = frame["in_service"] + frame["not_in_service"] + frame["not_checked"]
    assert len(frame) == min(NIGHTS, len(facts.history) + 1)
    assert (parts == frame["devices"]).all()
    assert (
        frame[[*(kind.record.label for kind in FindingKind), "other kinds"]].sum(axis="columns")
        == frame["findings"]
    ).all()
    assert frame["devices"].iloc[-1] == len(facts.devices)
    assert frame["needs_attention"].iloc[-1] == sum(
        reported.needs_attention for reported in facts.reported
    )


def test_an_action_that_failed_is_not_counted():
    done = [
        Done(*PLACES[0], "edge-1", ActionKind.RETRY, is_done) for is_done in (True, False, True)
    ]

    assert as_past(a_night(done=done)).actions == 2


def test_half_and_nineteen_of_twenty_took_no_longer():
    seconds = [float(n) for n in range(1, 101)]
    devices = [
        a_device(
            f"edge-{n}",
            asked=before(hours=2),
            approved=before(hours=2) + timedelta(seconds=n),
            steps=(("Open tunnel", 2 * n),),
        )
        for n in seconds
    ]

    frame = stages_frame(a_night(devices=devices)).set_index("name")

    cuts = quantiles(seconds, n=20, method="inclusive")
    row = frame.loc["Waiting for approval"]
    assert (row["p50_s"], row["p95_s"]) == pytest.approx((cuts[9], cuts[18]))
    assert (row["count"], row["slowest_s"], row["slowest_device"]) == (100, 100.0, "edge-100.0")
    assert frame.loc["Open tunnel", "p95_s"] == pytest.approx(2 * cuts[18])


def test_one_stage_and_one_step_are_the_slowest():
    frame = stages_frame(rich())

    slowest = frame[frame["is_slowest"]].set_index("what")["name"]
    assert slowest.to_dict() == {"stage": "Waiting for the request", "step": "Install runtime"}


def test_clocks_that_disagree_give_no_times():
    device = a_device(
        asked=before(hours=1), approved=before(hours=2), steps=(("Open tunnel", -4.0),)
    )

    assert stages_frame(a_night(devices=[device])).empty
    assert devices_frame(a_night(devices=[device]))["steps"].tolist() == [""]


def test_times_of_devices_that_came_in_long_ago_are_not_reported():
    old = a_device(asked=before(days=90), approved=before(days=89))

    assert stages_frame(a_night(devices=[old])).empty


def test_the_age_of_a_finding_is_counted_until_the_night_ended():
    facts = a_night(reported=[a_report(a_finding(since=before(hours=5)))])

    age = findings_frame(facts)["age_h"].iloc[0]

    assert age == pytest.approx(5 + (facts.ended_at - START).total_seconds() / 3600)


def test_a_quota_s_use_is_a_share_of_the_calls_that_it_lets_through():
    used = quotas_frame(rich()).set_index("connection")["used_percent"]

    assert used["acusight"] == 90.0
    assert used.isna()["lem-7"]


@FEW
@given(facts=nights())
def test_columns_and_their_types_do_not_depend_on_what_is_known(facts):
    empty = {name: frame.dtypes.to_dict() for name, frame in night_frames(a_night()).items()}

    found = {name: frame.dtypes.to_dict() for name, frame in night_frames(facts).items()}

    assert found == empty


@FEW
@given(facts=nights())
def test_every_time_is_aware(facts):
    for frame in met(night_frames(facts).values()):
        kinds = [str(kind) for kind in frame.dtypes if str(kind).startswith("datetime")]
        assert set(kinds) <= {"datetime64[us, UTC]"}


def test_a_night_is_reported_in_sentences():
    assert sentences(rich()) == [
        "145 of 160 checked devices are in service, "
        "down 3 since last night, counting only what both nights checked.",
        "11 items need attention, 5 of them new: "
        "7 failed\u00a0· 1 key lost\u00a0· 1 held too long\u00a0· "
        "1 on the roster, missing\u00a0· 1 in service, on no roster. 7 other findings need "
        "no attention yet.",
        "16 actions were taken: 12 × confirm, 4 × retry; 1 failed. "
        "1 run whose worker had died was ended.",
        "Not checked: lem-9 (40 devices). 1 night missed: 2026-03-11.",
        "2 decisions were made.",
    ]


def test_one_device_is_reported_as_one():
    facts = a_night(devices=[a_device(state=State.FAILED)])

    assert sentences(facts)[0] == "0 of 1 device is in service."


def test_an_empty_and_a_quiet_night_are_reported_too():
    assert sentences(a_night())[0] == "No roster lists a device yet."
    assert sentences(quiet()) == [
        "All 200 devices are in service, unchanged since last night.",
        "Nothing needs attention.",
        "Nothing had to be done.",
        "Everything was checked.",
        "No decisions were made.",
    ]


def test_a_night_that_could_check_nothing_claims_nothing():
    facts = replace(quiet(), not_checked={connection: "down" for _, connection in PLACES})

    assert sentences(facts)[0] == "None of 200 devices could be checked."
