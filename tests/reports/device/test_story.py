"""A device's story for people: complete, plain, and harmless whatever others wrote in it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleet.device.device import Device
from fleet.device.handover import Taking
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request, Step
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.rules import NightRules
from fleet.nightly.story import (
    Decided,
    DeviceObservation,
    Enrolled,
    Event,
    Found,
    Held,
    Home,
    Reached,
    Received,
    Reviewed,
    Story,
    Tried,
)
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.pipeline_step import PipelineStep
from fleet.state.reason_code import ReasonCode
from fleet.state.record import DeviceRecord
from fleet.status.status import DeviceStatus
from reports.device.story import SHOWN, StoryReport
from tests.fleet.builders import ASKED, an_enrollment
from tests.fleet.planning.test_forecast import SHORT
from tests.fleet.status.test_by_code import EXCHANGED

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MAC = "02:00:00:00:00:01"
LEM, API = "LEM project a", "provision_api tenant b"
DEVICE = Device(name="edge-001", host_id="0000000000aa", macs=(MAC,))
SERVING = Request(
    "12",
    "cfg",
    Identity("0000000000aa", frozenset({MAC})),
    Progress.PROVISIONED,
    status="ACTIVATED",
    hostname="litmus-edge",
    device_id="d1",
    asked_at=NOW - HOUR,
    steps=(Step("License", "DONE"),),
    version="3.5.4",
)
HOSTILE = [
    "[a](javascript:x)",
    "<script>x</script>",
    "a|b",
    "`x`",
    "**x**",
    "![a](http://e.example/x.png)",
    "https://evil.example",
    "www.evil.example",
    "a@evil.example",
    "# x",
    "a\nb\n\n# c",
    "\x1b[31mred\x1b]0;title\x07",
    "\u202egnp.exe",
    "a\rb",
    "[bold red]x[/]",
    "\ud800",
]


def a_home(place: str = LEM, state: State = State.IN_SERVICE, **more: Any) -> Home:
    facts: dict[str, Any] = {
        "site": "plant-7",
        "scope": place,
        "connection": "lem" if place == LEM else "provision-api",
        "device": DEVICE,
        "state": state,
        "is_listed": True,
        "confirmed_as": None,
        "changed_at": NOW,
    }
    return Home(DeviceRecord(**(facts | more)), "as last seen")


def an_observation(
    state: State = State.IN_SERVICE, reason: str = "it is there", **more: Any
) -> DeviceObservation:
    request = more.pop("request", SERVING)
    facts: dict[str, Any] = {
        "place": LEM,
        "connection": "lem",
        "home": a_home(),
        "observed": NOW,
        "status": DeviceStatus(DEVICE, state, ReasonCode.UNKNOWN, reason, request),
        "is_serving": True,
    }
    return DeviceObservation(**(facts | more))


def story_report(*observations: DeviceObservation, events: tuple[Event, ...] = ()) -> StoryReport:
    story = Story("plant-7", "edge-001", events=events)
    return StoryReport(story, observations or (an_observation(),), NightRules(), NOW)


def one_line(event: Event) -> str:
    return story_report(events=(event,)).lines()[-1].strip()


def test_the_headline_has_the_status_its_reason_and_what_is_next():
    assert story_report().headline == (
        "edge-001 of plant-7: in service (it is there). Next: Nothing: it is in service."
    )


def test_what_a_night_would_find_is_the_reason_that_is_reported():
    missing = Finding(
        FindingKind.MISSING, "plant-7", "lem", "edge-001", "LEM does not show it any more", NOW
    )

    headline = story_report(
        an_observation(State.WAITING, "has not asked yet", findings=(missing,))
    ).headline

    assert headline.startswith(
        "edge-001 of plant-7: waiting (LEM does not show it any more). Next: "
    )


def test_the_roster_line_the_record_and_the_system_are_reported_of_each_place():
    lines = story_report().lines()

    assert lines[2:6] == [
        "Now, via lem (LEM project a)",
        f"  roster: listed; host id 0000000000aa, MAC {MAC}",
        "  ledger: in service since 2026-03-20 09:00 UTC (as last seen)",
        "  its system at 2026-03-20 09:00:00 UTC: request 12: ACTIVATED, hostname litmus-edge, "
        f"identity MAC {MAC}, host id 0000000000aa, version 3.5.4, asked at 2026-03-20 08:00 UTC, "
        "last step License DONE; in its device list",
    ]


@pytest.mark.parametrize(
    ("profile", "enrollment", "expected"),
    [
        (ASKED, an_enrollment(), "no request"),
        (SHORT, an_enrollment(), "registered, and not activated"),
        (SHORT, None, "nothing is shown of it"),
        (replace(EXCHANGED, shares_enrollments=True), an_enrollment(), "nothing is shown of it"),
    ],
    ids=["LEM", "its own code", "no code", "a token for many"],
)
def test_what_a_system_shows_of_a_device_that_does_not_ask(profile, enrollment, expected):
    waits = an_observation(
        State.WAITING, request=None, system_profile=profile, enrollment=enrollment
    )

    assert f"  its system at 2026-03-20 09:00:00 UTC: {expected}" in story_report(waits).lines()


def test_a_retired_device_that_its_system_keeps_out_is_called_retired():
    revivable = Finding(
        FindingKind.REVIVABLE, "plant-7", "lem", "edge-001", "a code would admit it", NOW
    )
    stays_out = an_observation(State.HELD, home=a_home(state=State.RETIRED), findings=(revivable,))

    assert story_report(stays_out).headline.startswith(
        "edge-001 of plant-7: retired (a code would admit it). Next: "
    )


def test_a_stuck_device_is_reported_with_its_step_and_the_files_to_open():
    stuck = an_observation(
        step=PipelineStep.WAIT_FOR_PROVISIONING, modules=("a/assess.py", "b/adapter.py")
    )
    done = an_observation(step=PipelineStep.DONE)

    assert (
        "  pipeline: wait for provisioning: its system has not brought it into service yet "
        "(a/assess.py, b/adapter.py)"
    ) in story_report(stuck).lines()
    assert "- **pipeline**: wait for provisioning: " in story_report(stuck).markdown()
    assert "  pipeline: done: nothing is left to do" in story_report(done).lines()
    assert not [line for line in story_report().lines() if line.startswith("  pipeline")]


def test_a_line_that_is_taken_off_or_gives_no_identity_is_reported_as_such():
    bare = Device(name="edge-001", host_id="aa", zero_touch="line-3")
    home = a_home(device=bare, is_listed=False)
    nothing = a_home(device=Device(name="edge-001"))

    text = "\n".join(story_report(an_observation(home=home)).lines())
    bare_text = "\n".join(story_report(an_observation(home=nothing)).lines())

    assert "roster: no longer on a roster; host id aa, zero-touch profile line-3" in text
    assert "roster: listed; identified by its name and code alone" in bare_text


def test_a_place_that_was_not_observed_says_what_the_ledger_has():
    down = DeviceObservation(LEM, "lem", a_home(), not_checked="no connection to it.")

    report = story_report(down)

    assert report.not_checked == ["lem (LEM project a)"]
    assert report.headline.startswith(
        "edge-001 of plant-7: not checked: no connection to it. In the ledger since "
        "2026-03-20 09:00 UTC: in service (as last seen). Next: That depends on "
    )
    assert "  its system: not checked: no connection to it." in report.lines()


def test_of_several_places_the_one_that_a_roster_lists_comes_first():
    before = DeviceObservation(
        API, "provision-api", a_home(API, is_listed=False), not_checked="it is down"
    )

    report = story_report(
        before, an_observation(), events=(Reached(NOW, API, "it was first seen"),)
    )

    assert report.headline.startswith("edge-001 of plant-7: in service")
    assert "Also via provision-api (provision_api tenant b): not checked: it is down" in (
        report.headline
    )
    assert [line for line in report.lines() if line.startswith("Now")] == [
        "Now, via lem (LEM project a)",
        "Now, via provision-api (provision_api tenant b)",
    ]
    assert report.lines()[-1].endswith("it was first seen [provision-api]")


def test_a_secret_is_reported_with_since_when_until_when_and_who_has_it():
    held = Received(NOW, LEM, "API key", NOW + HOUR, (Taking("Ada", NOW),))
    endless = Received(NOW, LEM, "edge key", NOW.replace(year=9999))

    assert (
        "  secrets held: API key, since 2026-03-20 09:00 UTC, valid until 2026-03-20 10:00 UTC, "
        "handed to Ada at 2026-03-20 09:00 UTC; edge key, since 2026-03-20 09:00 UTC, not handed "
        "over"
    ) in story_report(events=(held, endless)).lines()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Reached(NOW, LEM, "it asked to be admitted"), "reached: it asked to be admitted"),
        (Enrolled(NOW, LEM, 18), "enrolled: for 18 devices"),
        (
            Enrolled(NOW, LEM, 1, is_known=False),
            "enrolled: for 1 device; outcome unknown",
        ),
        (
            Enrolled(NOW, LEM, 2, adopted=True),
            "enrolled: with an existing enrollment, for 2 devices",
        ),
        (
            Tried(NOW, LEM, "run 1", ActionKind.RETRY, "as this run was asked", "done"),
            "retry failed provisioning: done; reason: as this run was asked; run 'run 1'",
        ),
        (
            Tried(NOW, LEM, "run 1", ActionKind.APPROVE, "", "refused", "POST /x: 403"),
            "approve: refused: POST /x: 403; run 'run 1'",
        ),
        (
            Tried(NOW, LEM, "run 1", ActionKind.APPROVE, ""),
            "approve: no answer, so the outcome is unknown; run 'run 1'",
        ),
        (
            Held(NOW, LEM, "12", "it is odd", "box", "MAC 1"),
            "held: request 12: it is odd; hostname box; MAC 1",
        ),
        (
            Held(NOW, LEM, "9", "unknown device", "edge-001", is_own=False),
            "held: request 9 of an unknown device with this name: unknown device; hostname "
            "edge-001",
        ),
        (
            Decided(NOW, LEM, 4, "12", "approve", "Ada", "person", "seen", 2, ("another MAC",)),
            "decision 4: approve: request 12, Ada (name not proved): seen; needs 2 people. "
            "Not as expected: another MAC",
        ),
        (
            Decided(NOW, LEM, 4, "12", "approve", "Ada", "person", "seen", proved_at=NOW),
            "decision 4: approve: request 12, Ada (enrolled, by digits of 2026-03-20 09:00 UTC): "
            "seen",
        ),
        (
            Decided(NOW, LEM, 5, "12", "reject", "policy x", "shadow", "odd"),
            "decision 5: reject: request 12, policy x (in shadow mode, not enforced): odd",
        ),
        (
            Reviewed(NOW, LEM, "12", "odd", NOW + HOUR, 2),
            "review: request 12, until 2026-03-20 10:00 UTC, needs 2 people; reason: odd; "
            "still open",
        ),
        (
            Reviewed(NOW, LEM, "12", "odd", NOW, closed_at=NOW, closed_as="decided"),
            "review: request 12, until 2026-03-20 09:00 UTC; reason: odd; ended "
            "2026-03-20 09:00 UTC: decided",
        ),
        (
            Found(NOW, LEM, FindingKind.FAILED, "no license", NOW, 2, NOW),
            "found: failed: no license; last seen 2026-03-20 09:00 UTC, still so; 2 "
            "actions, last 2026-03-20 09:00 UTC",
        ),
        (
            Found(NOW, LEM, FindingKind.FAILED, "no license", NOW, ended_at=NOW),
            "found: failed: no license; last seen 2026-03-20 09:00 UTC, over by 2026-03-20 09:00 "
            "UTC",
        ),
        (Received(NOW, LEM, "API key"), "secret received: API key"),
    ],
)
def test_each_event_is_reported_in_one_line(event, expected):
    assert one_line(event) == f"2026-03-20 09:00:00  {expected}"


def test_of_very_many_events_the_last_are_reported_and_the_others_counted():
    events = tuple(Reached(NOW, LEM, f"stage {n}") for n in range(SHOWN + 2))

    report = story_report(events=events)

    assert "2 earlier events left out." in report.lines()
    assert "2 earlier events left out." in report.markdown()
    assert "stage 1" not in [line.rpartition(": ")[2] for line in report.lines()]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_devices_and_people_wrote_does_nothing_in_markdown_or_on_a_terminal(text):
    request = Request("12", "cfg", Identity(), Progress.WAITING, hostname=text, message=text)
    events = (
        Held(NOW, LEM, "12", text, text),
        Tried(NOW, LEM, text, ActionKind.APPROVE, text, "done"),
    )
    report = story_report(an_observation(State.HELD, text, request=request), events=events)

    markdown, lines = report.markdown(), report.lines()

    headings = [line for line in markdown.splitlines() if line.startswith("#")]
    assert headings == [
        "# edge-001 of plant-7",
        "## Now, via lem (LEM project a)",
        "## What happened (UTC)",
    ]
    for sign in ("<", "`", "!", "~"):
        assert markdown.count(sign) == markdown.count(f"\\{sign}")
    assert not re.search(r"(?<!\\)(\]\(|://|@)|www\.", markdown)
    rows = [line for line in markdown.splitlines() if line.startswith("| 2026")]
    assert [row.count("|") - row.count("\\|") for row in rows] == [5, 5]
    assert all(line.isprintable() for line in [*lines, report.headline])
    assert "\n".join([markdown, *lines]).encode()
