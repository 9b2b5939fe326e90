"""The page as text: what it says, what it escapes, and that it needs nothing else."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.action.action import Hold
from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.device.times import Times
from fleet.planning.assess import Assessment
from fleet.roster.mapping import Column, Mapping, Sureness
from fleet.roster.roster import Line, Roster
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from fleet.text.fault import Fault
from fleet.text.place import Place
from reports.onboarding.onboarding import OnboardingFacts
from reports.onboarding.onboarding_page import TONES, to_html
from reports.onboarding.summary import ORDER
from tests.laws import share_of

HOSTILE = st.text(max_size=8).map(lambda text: f"<script>alert(1)</script>{text}\"'><img src=x>")


def page_text(html: str) -> str:
    """What a person reads of `html`: no markup, single spaces."""
    body = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_the_page_says_whose_it_is_when_it_ran_and_how_it_went(facts):
    text = page_text(to_html(facts))

    assert "Onboarding of plant-7" in text
    assert "onboard plant-7 · 2026-03-20 09:00:00 to 09:07:00 UTC · LEM project 462j1" in text
    assert "1 of 5 lines in service. 4 items need attention." in text


def test_the_page_says_what_to_do_about_everything_that_needs_attention(facts):
    text = page_text(to_html(facts))

    assert "failed edge-002 request 2 provisioning failed: no license" in text
    assert "Compare this with the device. Run review-requests for this site to approve" in text
    assert "unknown device ubuntu request 99, host id beef" in text
    assert "faulty line line 6 mac: &#39;zz&#39; is not a MAC address Write six pairs" in text


@pytest.mark.heavy
def test_the_page_of_a_large_site_stays_small_and_has_the_most_urgent_lines(facts):
    devices = [
        Device(name=f"edge-{n:05}", macs=(f"02:00:00:01:{n >> 8:02x}:{n & 255:02x}",))
        for n in range(12_000)
    ]
    statuses = [
        DeviceStatus(d, State.IN_SERVICE, ReasonCode.IN_SERVICE, "in service, since long ago")
        for d in devices[:9000]
    ] + [DeviceStatus(d, State.HELD, ReasonCode.CLONE, "x" * 120) for d in devices[9000:]]
    lines = tuple(Line(Place(n), device, "lem") for n, device in enumerate(devices, 2))
    large = replace(
        facts,
        roster=Roster("plant-7", lines),
        assessment=Assessment(tuple(statuses), ()),
        times={},
    )

    page = to_html(large)

    assert len(page.encode()) < 5 * 2**20
    assert "3,000 items need attention" in page_text(page)
    assert all(f">edge-{n:05}<" in page for n in range(9000, 12_000))
    assert "7,000 more lines" in page_text(page)


def test_what_needs_attention_comes_first_among_the_tiles(facts):
    tiles = to_html(facts).partition('class="tiles"')[2].partition("</ul>")[0]

    states = re.findall(r'class="state [^"]*">([^<]+)', tiles)

    assert states == [
        "failed",
        "held for a person",
        "faulty line",
        "unknown device",
        "waiting",
        "in service",
    ]


def test_a_dry_run_says_at_once_that_nothing_was_changed(facts):
    planned = {"edge-004": "enroll it with the shared code"}

    text = page_text(to_html(replace(facts, dry_run=True, planned=planned)))

    assert "Dry run: nothing was changed." in text
    assert "enroll it with the shared code" in text
    assert "A real run would change 1 device." in text


def test_a_real_run_has_no_dry_run_banner_and_says_what_it_did(facts):
    text = page_text(to_html(replace(facts, done={"approved": 1, "retried": 2, "rejected": 0})))

    assert "Dry run" not in text
    assert "During it: 1 enrolled, 1 approved, 2 retried, 1 confirmed in service." in text


def test_a_page_of_a_system_that_could_not_be_seen_says_so(facts):
    blind = Assessment((), ())
    reasons = {"lem": "GET /api: no connection"}

    text = page_text(to_html(replace(facts, assessment=blind, times={}, not_checked=reasons)))

    assert "lem was not checked. GET /api: no connection" in text
    assert "0 of 1 line in service, 4 not checked." in text


def test_a_converged_site_needs_no_attention(facts):
    first = facts.roster.lines[0]
    resolved = Assessment(facts.assessment.statuses[:1], ())

    text = page_text(
        to_html(replace(facts, roster=Roster("plant-7", (first,)), assessment=resolved))
    )

    assert "1 of 1 line in service. Nothing needs attention." in text


def column(header: str, field: str, sureness: Sureness, reason: str) -> Column:
    return Column(header, 0, field, sureness, reason)


def test_every_column_is_shown_before_the_lines_and_those_that_are_not_used_by_name(facts):
    columns = (
        column("Hostname", "device", Sureness.SYNONYM, "another name of device"),
        column("<b>", "", Sureness.UNUSED, "no field of a roster"),
        column(" ", "", Sureness.UNUSED, "no field of a roster"),
    )
    mapping = Mapping(columns, "NetBox")

    html = to_html(replace(facts, roster=replace(facts.roster, mapping=mapping)))

    unused = "<code>&lt;b&gt;</code>, <code>column 1, without a name</code>."
    assert 0 < html.find(unused) < html.find('id="lines"')
    assert "as exported by NetBox" in html
    assert "Hostname device synonym another name of device" in page_text(html)


def test_of_columns_that_are_called_as_they_should_be_nothing_is_said(facts):
    mapping = Mapping((column("device", "device", Sureness.EXACT, "Muster calls it so"),))

    html = to_html(replace(facts, roster=replace(facts.roster, mapping=mapping)))

    assert 'id="columns"' not in html


def test_a_devices_label_stands_beside_its_name(facts):
    line = replace(facts.roster.lines[0], label="Bench 4 <b>")

    html = to_html(replace(facts, roster=replace(facts.roster, lines=(line,))))

    assert '<td class="name">edge-001 <small>Bench 4 &lt;b&gt;</small></td>' in html


def test_what_was_not_read_is_said(facts):
    roster = replace(facts.roster, notes=("The sheet 'Old & new' is hidden, and was not read.",))

    text = page_text(to_html(replace(facts, roster=roster)))

    assert "The sheet &#39;Old &amp; new&#39; is hidden, and was not read." in text


def test_a_line_of_a_workbook_is_named_as_the_workbook_names_it(facts):
    place = Place(14, sheet="Devices", position=1)
    fault = Fault(place, "mac", "zz", "'zz' is not a MAC address", "Write six pairs", letters="C")

    text = page_text(to_html(replace(facts, roster=replace(facts.roster, faults=(fault,)))))

    assert "faulty line Devices!14 Devices!C14 mac: &#39;zz&#39; is not a MAC address" in text


def test_an_empty_roster_still_makes_a_page(facts):
    html = to_html(replace(facts, roster=Roster("plant-7", ()), assessment=Assessment((), ())))

    assert "The roster has no lines." in html


def test_the_page_asks_nothing_of_any_network(facts):
    html = to_html(facts)

    assert not re.search(r"(src|href)\s*=|url\(|@import|https?://", html)
    assert "default-src 'none'" in html


def test_half_characters_do_not_stop_the_page_from_being_written(facts):
    html = to_html(replace(facts, run_name="half \ud83d", system="\udfff"))

    assert "half ?" in html.encode("utf-8").decode("utf-8")


def test_every_state_has_a_tone():
    assert set(ORDER) <= set(TONES)


@settings(max_examples=share_of(40))
@given(evil=HOSTILE)
def test_nothing_from_outside_becomes_markup(facts, evil):
    device = Device(name="edge-001", host_id="f00d", zero_touch=evil)
    request = Request(evil, evil, Identity(evil), Progress.WAITING, evil, evil, evil)
    hold = Hold(request, ReasonCode.UNKNOWN, evil, device)
    hostile = replace(
        facts,
        roster=Roster(
            evil,
            (Line(Place(2), device, "lem"),),
            (Fault(Place(3), "device", evil, evil, evil),),
            (evil,),
        ),
        assessment=Assessment(
            (DeviceStatus(device, State.FAILED, ReasonCode.UNKNOWN, evil, request),),
            (hold, Hold(request, ReasonCode.UNKNOWN, evil)),
        ),
        run_name=evil,
        system=evil,
        dry_run=True,
        planned={"edge-001": evil},
    )

    html = to_html(hostile)

    assert html.count("<script") == 1
    assert "<img" not in html


@pytest.mark.heavy
def test_five_thousand_lines_become_a_page(facts):
    devices = [Device(name=f"edge-{n}", host_id=f"{n:012x}") for n in range(1, 5001)]
    at = facts.started_at
    many = OnboardingFacts(
        roster=Roster(
            "plant-7", tuple(Line(Place(n + 2), device, "lem") for n, device in enumerate(devices))
        ),
        assessment=Assessment(
            tuple(DeviceStatus(d, State.IN_SERVICE, ReasonCode.UNKNOWN, "ok") for d in devices), ()
        ),
        times={device.name: Times(at, at, at, at, at) for device in devices},
        run_name="onboard plant-7",
        started_at=at,
        ended_at=at,
        dry_run=False,
        system="LEM",
        planned={},
    )

    html = to_html(many)

    assert html.count("<tr>") > 5000
