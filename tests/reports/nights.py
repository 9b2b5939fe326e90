"""Nights to report on: a rich one, a quiet one, and any at all."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from reports.nightly.facts import (
    Done,
    NightDevice,
    NightFacts,
    Past,
    Planned,
    QuotaUse,
    ReportedDecision,
    ReportedFinding,
)
from reports.nightly.trend import UNCHECKED

START = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)  # 02:00 in Berlin
PLACES = (("plant-7", "lem-7"), ("plant-8", "acusight"), ("plant-9", "lem-9"))
SECONDS = st.floats(-10, 1e6) | st.sampled_from([float("nan"), float("inf")])


def before(**ago: float) -> datetime:
    return START - timedelta(**ago)


def a_night(**more) -> NightFacts:
    known = {
        "run_name": "reconcile sites",
        "started_at": START,
        "ended_at": START + timedelta(minutes=4, seconds=11),
        "zone": "Europe/Berlin",
        "dry_run": False,
        "devices": (),
        "reported": (),
        "done": (),
        "not_checked": {},
    }
    return NightFacts(**(known | more))


def a_device(name="edge-001", state=State.IN_SERVICE, place=PLACES[0], **more) -> NightDevice:
    return NightDevice(*place, name, state, more.pop("reason", "in the list of devices"), **more)


def a_finding(kind=FindingKind.FAILED, subject="edge-001", place=PLACES[0], **more) -> Finding:
    known = {"reason": "provisioning failed", "since": before(days=2), "device": subject}
    return Finding(kind, *place, subject, **(known | more))


def a_report(
    finding=None, needs_attention=True, is_new=False, remedy="Remove the cause.", actions=0
) -> ReportedFinding:
    finding = finding or a_finding()
    return ReportedFinding(finding, finding.since, actions, needs_attention, remedy, is_new)


def a_past(ago=1, serving=200, failed=0, **more) -> Past:
    started_at = before(days=ago)
    states = {(*PLACES[0], "in_service"): serving, (*PLACES[0], "failed"): failed}
    known = {
        "kinds": {"failed": failed} if failed else {},
        "not_checked": {},
        "needs_attention": failed,
    }
    return Past(
        started_at, started_at + timedelta(minutes=4), **({"states": states} | known | more)
    )


@cache
def quiet() -> NightFacts:
    """200 devices in service at three sites, as in all of the last 30 nights."""
    devices = tuple(
        a_device(f"edge-{n:03}", place=PLACES[n % 3], version="3.5.3", **_way(n, 100 + n % 7))
        for n in range(200)
    )
    states = Counter((each.site, each.connection, "in_service") for each in devices)
    history = [a_past(ago, states=states) for ago in range(30, 0, -1)]
    return a_night(devices=devices, history=history, decisions_head="4711:9f2c61d07ab3")


@cache
def rich() -> NightFacts:
    """Three sites, 200 devices, 30 nights; failures that share a version; a system that is down."""
    devices, findings = [], []
    for n in range(200):
        place = PLACES[0] if n < 80 else PLACES[1] if n < 160 else PLACES[2]
        name = f"edge-{n:03}"
        bad = (n % 8 == 1 and n < 80) or n == 130
        version = "3.5.4" if (bad and n != 9) or n in {10, 20, 30, *range(102, 128, 2)} else "3.5.3"
        hardware = ("n100", "rpi5", "atom")[n % 3]
        common = {"version": version, "hardware": hardware}
        if bad:
            why = "provisioning failed: Install runtime: no space left on device"
            devices.append(
                a_device(
                    name, State.FAILED, place, reason=why, failed_step="Install runtime", **common
                )
            )
            finding = a_finding(
                FindingKind.FAILED,
                name,
                place,
                reason=why,
                since=before(days=n % 5, hours=3),
                **common,
            )
            remedy = "Make room on the device. It was retried three times; retry it yourself then."
            findings.append(a_report(finding, n > 30, n > 60, remedy, actions=3 if n > 30 else 1))
        elif n in {90, 91, 92}:
            devices.append(
                a_device(
                    name,
                    State.WAITING,
                    place,
                    reason="has not asked yet",
                    enrolled=before(days=4),
                    **common,
                )
            )
            finding = a_finding(
                FindingKind.PENDING,
                name,
                place,
                reason="enrolled 4 days ago, and has not asked",
                since=before(days=4),
            )
            findings.append(a_report(finding, False, False, ""))
        elif n == 100:
            devices.append(
                a_device(name, State.KEY_LOST, place, reason="its key was given once and is lost")
            )
            finding = a_finding(
                FindingKind.LOST,
                name,
                place,
                reason="its key was given once and is lost",
                since=before(days=9),
            )
            findings.append(
                a_report(finding, True, False, "Revoke it at the site and enroll it anew.")
            )
        else:
            devices.append(
                a_device(name, State.IN_SERVICE, place, **common, **_way(n, 80 + 13 * (n % 11)))
            )
    unknown_device = Finding(
        FindingKind.HELD,
        *PLACES[0],
        "#912",
        "a request of a machine on no roster",
        before(hours=31),
        None,
        "912/cfg",
    )
    findings.append(
        a_report(
            unknown_device, True, True, "Run review-requests for this site to approve or reject it."
        )
    )
    missing = a_finding(
        FindingKind.MISSING,
        "edge-044",
        reason="it was in service, and is in no list any more",
        since=before(hours=20),
    )
    findings.append(a_report(missing, True, True, "Ask the site whether it was taken away."))
    extra = a_finding(
        FindingKind.UNLISTED,
        "spare-01",
        PLACES[1],
        reason="in service there, and on no roster",
        since=before(days=12),
        device=None,
    )
    findings.append(a_report(extra, True, False, "Add it to the roster, or retire it."))
    done = [Done(*PLACES[0], f"edge-{n:03}", ActionKind.RETRY, is_done=True) for n in (1, 17, 25)]
    done += [Done(*PLACES[0], "edge-009", ActionKind.RETRY, False, "POST /activation/retry: 503")]
    done += [
        Done(*PLACES[1], f"edge-{n}", ActionKind.CONFIRM, is_done=True) for n in range(110, 122)
    ]
    return a_night(
        devices=tuple(devices),
        reported=tuple(findings),
        done=tuple(done),
        not_checked={"lem-9": "GET /dm/api/projects: no connection"},
        history=tuple(_history()),
        missed=(date(2026, 3, 11),),
        quotas=(
            QuotaUse("lem-7", "", 34, 11.2),
            QuotaUse("acusight", "10 calls in 60 s", 36, 238.0, 40),
        ),
        decisions=(
            ReportedDecision(
                before(hours=9),
                "Ada Example",
                "approve",
                "form",
                "plant-7",
                "edge-044",
                "seen at the site",
            ),
            ReportedDecision(
                before(hours=8),
                "policy careful",
                "hold",
                "policy",
                "plant-7",
                "",
                "a machine on no roster",
            ),
        ),
        decisions_head="4711:9f2c61d07ab3c1e8",
        ended_runs=("onboard plant-8",),
    )


def _way(n: int, seconds: int) -> dict[str, object]:
    enrolled = before(days=n % 20 + 1, minutes=n)
    asked = enrolled + timedelta(seconds=40 + n)
    approved = asked + timedelta(seconds=3 + n % 5)
    provisioned = approved + timedelta(seconds=seconds)
    return {
        "enrolled": enrolled,
        "asked": asked,
        "approved": approved,
        "provisioned": provisioned,
        "confirmed": provisioned + timedelta(seconds=9),
        "steps": (
            ("Create device", 4.0 + n % 3),
            ("Open tunnel", 11.0),
            ("Install runtime", seconds - 20.0),
        ),
    }


def _history() -> list[Past]:
    nights = []
    for ago in range(31, 0, -1):
        if ago == 9:
            continue  # missed
        failed = {3: 4, 2: 7, 1: 8}.get(ago, ago % 3)
        blind = {"lem-9": "no connection"} if ago in {17, 18} else {}
        states = {
            (*PLACES[0], "in_service"): 80 - failed - (ago > 20) * (ago - 20) * 4,
            (*PLACES[0], "failed"): failed,
            (*PLACES[0], "waiting"): (ago > 20) * (ago - 20) * 4,
            (*PLACES[1], "in_service"): 76,
            (*PLACES[1], "waiting"): 4,
            (*PLACES[2], UNCHECKED if blind else "in_service"): 40,
        }
        nights.append(
            a_past(
                ago,
                states=states,
                kinds={"failed": failed, "pending": 3},
                not_checked=blind,
                stages={"provisioned": (90.0 + 2 * (ago % 6), 160.0 + 9 * (ago % 4))},
                actions=failed + ago % 4,
                decisions=ago % 3,
            )
        )
    return nights


INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 3, 20), timezones=st.just(UTC))
SCRIPT = "<script src=https://evil.example/x.js>alert(1)</script>"
NASTY = (
    *("", "no space left", SCRIPT, "\"'><img src=x onerror=alert(1)>", "&lt;b&gt; & co"),
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "#REF!", "_x0041_"),
    *("\x00\x07\x1b[31m", "half \ud83d", "\ufffe", "two\r\nlines", "\u202egnp", "Ωμέγα"),
    *("a|b", "[x](https://evil.example)", "![x](y)", "`*_~`", "www.evil.example", "{{ 7 * 7 }}"),
    *("*Register again* would do", "a" * 300, "2026-03-20", "007", "TRUE", "\\|"),
)
KINDS = st.sampled_from(ActionKind)
TEXTS = st.sampled_from(NASTY)
WORDS = st.sampled_from(["", "3.5.3", "3.5.4", "n100", "=cmd()"])
SITES, CONNECTIONS = st.sampled_from(["plant-7", "plant-8", "total"]), st.sampled_from(["lem", "a"])


# A strategy is validated the first time that it is drawn from: these are made once.
DEVICES = st.lists(
    st.builds(
        NightDevice,
        SITES,
        CONNECTIONS,
        st.just("edge"),
        st.sampled_from(State),
        TEXTS,
        version=WORDS,
        hardware=WORDS,
        failed_step=WORDS,
        **dict.fromkeys(("enrolled", "asked", "approved", "provisioned"), st.none() | INSTANTS),
        steps=st.lists(st.tuples(TEXTS, SECONDS), max_size=2).map(tuple),
    ),
    max_size=6,
)
UNCHECKED_PLACES = st.dictionaries(
    st.sampled_from(["lem", "a", "plant-7 by lem", "plant-8 by a"]), TEXTS, max_size=2
)
HISTORY = st.lists(
    st.builds(
        Past,
        INSTANTS,
        INSTANTS,
        st.dictionaries(
            st.tuples(SITES, CONNECTIONS, st.sampled_from([*State, UNCHECKED])), st.integers(0, 99)
        ),
        st.dictionaries(st.sampled_from([*map(str, FindingKind), "of old"]), st.integers(0, 9)),
        UNCHECKED_PLACES,
        st.dictionaries(
            st.sampled_from(["asked", "provisioned", "old"]), st.tuples(SECONDS, SECONDS)
        ),
        st.integers(0, 9),
        st.integers(0, 9),
        st.none() | st.integers(0, 9),
    ),
    max_size=3,
)
NIGHTS = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Los_Angeles"]),
        "dry_run": st.booleans(),
        "not_checked": UNCHECKED_PLACES,
        "history": HISTORY,
        "missed": st.lists(st.dates(date(2020, 1, 1), date(2026, 3, 20)), max_size=7),
        "quotas": st.lists(
            st.builds(QuotaUse, TEXTS, TEXTS, st.integers(0, 99), st.floats(0, 1e6)), max_size=2
        ),
        "decisions": st.lists(st.builds(ReportedDecision, INSTANTS, *[TEXTS] * 6), max_size=3),
        "decisions_head": TEXTS,
        "ended_runs": st.lists(TEXTS, max_size=2),
    }
)


@cache
def said_of(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, object]]:
    """What a night with devices of those names found, did and planned."""
    subjects = st.sampled_from([*names, "#12", "=cmd()"])
    findings = st.builds(
        Finding,
        st.sampled_from(FindingKind),
        SITES,
        CONNECTIONS,
        subjects,
        TEXTS,
        INSTANTS,
        st.none() | subjects,
        st.none(),
        WORDS,
        WORDS,
    )
    any_report = st.builds(
        ReportedFinding, findings, INSTANTS, st.integers(0, 9), st.booleans(), TEXTS, st.booleans()
    )
    done = st.builds(Done, SITES, CONNECTIONS, subjects, KINDS, st.booleans(), TEXTS)
    planned = st.builds(Planned, SITES, CONNECTIONS, subjects, KINDS)
    return st.fixed_dictionaries(
        {
            "reported": st.lists(any_report, max_size=5),
            "done": st.lists(done, max_size=4),
            "planned": st.lists(planned, max_size=3),
        }
    )


@st.composite
def nights(draw) -> NightFacts:
    """Any small night, with hostile texts."""
    devices = [replace(each, device=f"edge-{n}") for n, each in enumerate(draw(DEVICES))]
    names = tuple(each.device for each in devices)
    return a_night(devices=devices, **draw(NIGHTS), **draw(said_of(names)))
