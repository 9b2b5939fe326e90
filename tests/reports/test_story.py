"""A device's story as people read it: complete, plain, and harmless whoever wrote in it."""

import re
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
    Enrolled,
    Event,
    Found,
    Held,
    Home,
    Reached,
    Received,
    Reviewed,
    Sight,
    Story,
    Tried,
)
from fleet.planning.pipeline_step import PipelineStep
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.record import Kept
from fleet.status.status import Standing
from reports.device.story import SHOWN, Telling

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
    return Home(Kept(**(facts | more)), "so it stood")


def a_sight(state: State = State.IN_SERVICE, reason: str = "it is there", **more: Any) -> Sight:
    request = more.pop("request", SERVING)
    facts: dict[str, Any] = {
        "place": LEM,
        "connection": "lem",
        "home": a_home(),
        "looked_at": NOW,
        "standing": Standing(DEVICE, state, reason, request),
        "is_serving": True,
    }
    return Sight(**(facts | more))


def telling(*sights: Sight, events: tuple[Event, ...] = ()) -> Telling:
    story = Story("plant-7", "edge-001", events=events)
    return Telling(story, sights or (a_sight(),), NightRules(), NOW)


def one_line(event: Event) -> str:
    return telling(events=(event,)).lines()[-1].strip()


def test_the_headline_says_where_it_stands_why_and_what_is_next():
    assert telling().headline == (
        "edge-001 of plant-7: in service (it is there). Next: Nothing, for it is in service."
    )


def test_what_a_night_would_find_is_the_reason_that_is_told():
    gone = Finding(FindingKind.MISSING, "plant-7", "lem", "edge-001", "LEM shows it no more", NOW)

    headline = telling(a_sight(State.WAITING, "has not asked yet", findings=(gone,))).headline

    assert headline.startswith("edge-001 of plant-7: waiting (LEM shows it no more). Next: ")


def test_the_roster_line_the_record_and_the_system_are_told_of_each_place():
    told = telling().lines()

    assert told[2:6] == [
        "Now, by lem (LEM project a)",
        f"  roster: listed; host id 0000000000aa, MAC {MAC}",
        "  ledger: in service since 2026-03-20 09:00 UTC (so it stood)",
        "  its system at 2026-03-20 09:00:00 UTC: request 12: ACTIVATED, calls itself litmus-edge, "
        f"shows MAC {MAC}, host id 0000000000aa, version 3.5.4, asked at 2026-03-20 08:00 UTC, "
        "last step License DONE; in its list of devices",
    ]


def test_a_stuck_device_is_told_with_its_step_and_the_files_to_open():
    stuck = a_sight(
        step=PipelineStep.WAIT_FOR_PROVISIONING, modules=("a/assess.py", "b/adapter.py")
    )
    done = a_sight(step=PipelineStep.DONE)

    assert (
        "  pipeline: wait for provisioning: its system has not brought it into service yet "
        "(a/assess.py, b/adapter.py)"
    ) in telling(stuck).lines()
    assert "- **pipeline**: wait for provisioning: " in telling(stuck).markdown()
    assert "  pipeline: done: nothing is left to do" in telling(done).lines()
    assert not [line for line in telling().lines() if line.startswith("  pipeline")]


def test_a_line_that_is_taken_off_or_gives_no_identity_is_told_as_such():
    bare = Device(name="edge-001", host_id="aa", zero_touch="line-3")
    home = a_home(device=bare, is_listed=False)
    nothing = a_home(device=Device(name="edge-001"))

    told = "\n".join(telling(a_sight(home=home)).lines())
    bare_told = "\n".join(telling(a_sight(home=nothing)).lines())

    assert "roster: on no roster any more; host id aa, zero-touch profile line-3" in told
    assert "roster: listed; known by its name and code alone" in bare_told


def test_a_place_that_was_not_looked_at_tells_what_the_ledger_has():
    down = Sight(LEM, "lem", a_home(), not_checked="no connection to it.")

    told = telling(down)

    assert told.not_checked == ["lem (LEM project a)"]
    assert told.headline.startswith(
        "edge-001 of plant-7: not checked: no connection to it. Since 2026-03-20 09:00 UTC the "
        "ledger has: in service (so it stood). Next: That depends on "
    )
    assert "  its system: not checked: no connection to it." in told.lines()


def test_of_several_places_the_one_that_a_roster_lists_comes_first():
    before = Sight(API, "provision-api", a_home(API, is_listed=False), not_checked="it is down")

    told = telling(before, a_sight(), events=(Reached(NOW, API, "it was first seen"),))

    assert told.headline.startswith("edge-001 of plant-7: in service")
    assert "Also by provision-api (provision_api tenant b): not checked: it is down" in (
        told.headline
    )
    assert [line for line in told.lines() if line.startswith("Now")] == [
        "Now, by lem (LEM project a)",
        "Now, by provision-api (provision_api tenant b)",
    ]
    assert told.lines()[-1].endswith("it was first seen [provision-api]")


def test_a_secret_is_told_with_since_when_until_when_and_who_has_it():
    held = Received(NOW, LEM, "API key", NOW + HOUR, (Taking("Ada", NOW),))
    endless = Received(NOW, LEM, "edge key", NOW.replace(year=9999))

    assert (
        "  secrets held: API key, since 2026-03-20 09:00 UTC, good until 2026-03-20 10:00 UTC, "
        "handed to Ada at 2026-03-20 09:00 UTC; edge key, since 2026-03-20 09:00 UTC, not handed "
        "over"
    ) in telling(events=(held, endless)).lines()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Reached(NOW, LEM, "it asked to be let in"), "reached: it asked to be let in"),
        (Enrolled(NOW, LEM, 18), "enrolled: for 18 devices"),
        (
            Enrolled(NOW, LEM, 1, is_known=False),
            "enrolled: for 1 device; nobody knows whether it was made",
        ),
        (
            Enrolled(NOW, LEM, 2, adopted=True),
            "enrolled: by one that somebody else had made, for 2 devices",
        ),
        (
            Tried(NOW, LEM, "run 1", ActionKind.RETRY, "as told", "done"),
            "retry failed provisioning: done; why: as told; run 'run 1'",
        ),
        (
            Tried(NOW, LEM, "run 1", ActionKind.APPROVE, "", "refused", "POST /x: 403"),
            "approve: refused: POST /x: 403; run 'run 1'",
        ),
        (
            Tried(NOW, LEM, "run 1", ActionKind.APPROVE, ""),
            "approve: not answered, so that nobody knows whether it happened; run 'run 1'",
        ),
        (
            Held(NOW, LEM, "12", "it is odd", "box", "MAC 1"),
            "held: request 12: it is odd; it calls itself box; it shows MAC 1",
        ),
        (
            Held(NOW, LEM, "9", "a stranger", "edge-001", is_own=False),
            "held: request 9 of something that calls itself so: a stranger; it calls itself "
            "edge-001",
        ),
        (
            Decided(NOW, LEM, 4, "12", "approve", "Ada", "person", "seen", 2, ("another MAC",)),
            "decision 4: approve: request 12, Ada: seen; 2 names are needed. Not as expected: "
            "another MAC",
        ),
        (
            Decided(NOW, LEM, 5, "12", "reject", "policy x", "shadow", "odd"),
            "decision 5: reject: request 12, policy x would have, and was not let: odd",
        ),
        (
            Reviewed(NOW, LEM, "12", "odd", NOW + HOUR, 2),
            "put before people: request 12, until 2026-03-20 10:00 UTC by 2 people; why: odd; "
            "still open",
        ),
        (
            Reviewed(NOW, LEM, "12", "odd", NOW, closed_at=NOW, closed_as="decided"),
            "put before people: request 12, until 2026-03-20 09:00 UTC; why: odd; ended "
            "2026-03-20 09:00 UTC: decided",
        ),
        (
            Found(NOW, LEM, FindingKind.FAILED, "no licence", NOW, 2, NOW),
            "found: failed: no licence; last seen 2026-03-20 09:00 UTC, still so; acted on 2 "
            "times, last 2026-03-20 09:00 UTC",
        ),
        (
            Found(NOW, LEM, FindingKind.FAILED, "no licence", NOW, ended_at=NOW),
            "found: failed: no licence; last seen 2026-03-20 09:00 UTC, gone by 2026-03-20 09:00 "
            "UTC",
        ),
        (Received(NOW, LEM, "API key"), "secret received: API key"),
    ],
)
def test_each_event_is_told_in_one_line(event, expected):
    assert one_line(event) == f"2026-03-20 09:00:00  {expected}"


def test_of_very_many_events_the_last_are_told_and_the_others_counted():
    events = tuple(Reached(NOW, LEM, f"stage {n}") for n in range(SHOWN + 2))

    told = telling(events=events)

    assert "2 earlier events left out." in told.lines()
    assert "2 earlier events left out." in told.markdown()
    assert "stage 1" not in [line.rpartition(": ")[2] for line in told.lines()]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_devices_and_people_wrote_does_nothing_in_markdown_or_on_a_terminal(text):
    request = Request("12", "cfg", Identity(), Progress.WAITING, hostname=text, message=text)
    events = (
        Held(NOW, LEM, "12", text, text),
        Tried(NOW, LEM, text, ActionKind.APPROVE, text, "done"),
    )
    told = telling(a_sight(State.HELD, text, request=request), events=events)

    markdown, lines = told.markdown(), told.lines()

    headings = [line for line in markdown.splitlines() if line.startswith("#")]
    assert headings == [
        "# edge-001 of plant-7",
        "## Now, by lem (LEM project a)",
        "## What happened (UTC)",
    ]
    for mark in ("<", "`", "!", "~"):
        assert markdown.count(mark) == markdown.count(f"\\{mark}")
    assert not re.search(r"(?<!\\)(\]\(|://|@)|www\.", markdown)
    rows = [line for line in markdown.splitlines() if line.startswith("| 2026")]
    assert [row.count("|") - row.count("\\|") for row in rows] == [5, 5]
    assert all(line.isprintable() for line in [*lines, told.headline])
    assert "\n".join([markdown, *lines]).encode()
