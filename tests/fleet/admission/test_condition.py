"""Conditions, word by word: true, false or undecided."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fleet.admission.condition import Arrival, Burst, Condition, Undecided
from fleet.admission.evidence import Code, Evidence
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.identity import Identity
from tests.fleet.builders import NOW, mac

CLONE = Suspicion(SuspicionKind.CLONE, "another shows the same MAC")
LINE = Identity("h1", frozenset({mac(1), mac(2)}))


def evidence(**more: Any) -> Evidence:
    """Evidence of a request of which nothing is known but what `more` says."""
    own = {
        "site": "plant-7",
        "request_key": "1/config-1",
        "request_id": "1",
        "device": "edge-1",
        "code": Code.OWN,
        "code_of": "",
        "expected": Identity(),
        "observed": Identity(),
    }
    return Evidence(**(own | more))


def shown(host_id: str | None = None, *macs: str, line: Identity = LINE) -> dict[str, Identity]:
    return {"expected": line, "observed": Identity(host_id, frozenset(macs))}


def arriving(**words: Any) -> dict[str, Any]:
    return {"arrived": words}


MET = {
    "own code": ({"code": "own"}, {}),
    "another's code": ({"code": "other"}, {"code": Code.OTHER}),
    "same host id": ({"host_id": "same"}, shown("h1")),
    "another host id": ({"host_id": "differs"}, shown("h2")),
    "no host id": ({"host_id": "not shown"}, shown(None, mac(1))),
    "all MACs": ({"macs": "all"}, shown(None, mac(1), mac(2), mac(3))),
    "all are also any": ({"macs": "any"}, shown(None, mac(1), mac(2))),
    "any MAC": ({"macs": "any"}, shown(None, mac(1), mac(3))),
    "other MACs": ({"macs": "none"}, shown(None, mac(3))),
    "no MACs": ({"macs": "none"}, shown("h1")),
    "OUI": ({"oui": "02:00:00"}, shown(None, mac(1), mac(3))),
    "hostname": ({"hostname": ["kiosk", "edge-*"]}, {"hostname": "EDGE-7"}),
    "hostname in capitals": ({"hostname": "EDGE-?"}, {"hostname": "edge-7"}),
    "hardware": ({"hardware": ["Physical", "box"]}, {"hardware": "PHYSICAL"}),
    "the very version": ({"version_at_least": "3.5"}, {"version": "3.5.0"}),
    "a newer version": ({"version_at_least": "3.5"}, {"version": "3.10"}),
    "an older version": ({"version_below": "3.10"}, {"version": "3.9.9"}),
    "a release candidate": ({"version_below": "3.5"}, {"version": "3.5rc1"}),
    "arrival": (arriving(after=NOW), {"asked_at": NOW}),
    "burst": ({"burst": {"more_than": 3}}, {"arrivals": {"minute": 0, "10 minutes": 4}}),
    "burst of a minute": (
        {"burst": {"more_than": 0, "within": "minute"}},
        {"arrivals": {"minute": 1, "10 minutes": 1}},
    ),
    "company": ({"machines_more_than": 2}, {"machines": 3, "listed": 9}),
    "more than the roster": ({"machines_more_than": "roster"}, {"machines": 10, "listed": 9}),
    "suspicion": ({"suspicion": "clone"}, {"suspicions": (CLONE,)}),
    "one suspicion of several": ({"suspicion": ["early", "clone"]}, {"suspicions": (CLONE,)}),
}
UNMET = {
    "own code": ({"code": "own"}, {"code": Code.OTHER}),
    "another's code": ({"code": "other"}, {}),
    "same host id": ({"host_id": "same"}, shown("h2")),
    "host id that is not shown": ({"host_id": "same"}, shown()),
    "another host id": ({"host_id": "differs"}, shown("h1")),
    "no host id to differ": ({"host_id": "differs"}, shown()),
    "no host id": ({"host_id": "not shown"}, shown("h1")),
    "all MACs": ({"macs": "all"}, shown(None, mac(1))),
    "any MAC": ({"macs": "any"}, shown(None, mac(3))),
    "other MACs": ({"macs": "none"}, shown(None, mac(1), mac(3))),
    "OUI": ({"oui": "02:00:00"}, shown(None, mac(1), "00:1a:2b:00:00:01")),
    "hostname": ({"hostname": ["kiosk", "edge-*"]}, {"hostname": "my-edge-7"}),
    "hardware": ({"hardware": "physical"}, {"hardware": "physical-ish"}),
    "a newer version": ({"version_at_least": "3.10"}, {"version": "3.9"}),
    "the very version": ({"version_below": "3.5"}, {"version": "3.5.0"}),
    "arrival": (arriving(before=NOW), {"asked_at": NOW}),
    "burst": ({"burst": {"more_than": 4}}, {"arrivals": {"10 minutes": 4, "hour": 9}}),
    "company": ({"machines_more_than": 3}, {"machines": 3}),
    "more than the roster": ({"machines_more_than": "roster"}, {"machines": 9, "listed": 9}),
    "suspicion": ({"suspicion": "unknown device"}, {"suspicions": (CLONE,)}),
    "no suspicion": ({"suspicion": [kind.value for kind in SuspicionKind]}, {}),
}
OPEN = {
    "a host id": ({"host_id": "same"}, shown("h1", line=Identity()), "its line gives no host id"),
    "MACs": ({"macs": "none"}, shown(None, mac(1), line=Identity("h1")), "its line gives no MAC"),
    "OUI": ({"oui": "02:00:00"}, shown("h1"), "it shows no MAC"),
    "hostname": ({"hostname": "*"}, {}, "it reports no hostname"),
    "hardware": ({"hardware": "physical"}, {}, "it reports no hardware"),
    "version": ({"version_at_least": "1"}, {}, "it reports no version"),
    "odd version": (
        {"version_below": "1"},
        {"version": "nightly"},
        "its version 'nightly' cannot be compared",
    ),
    "a number too long to be read": (
        {"version_at_least": "1"},
        {"version": "1" * 5000},
        f"its version '{'1' * 60}' cannot be compared",
    ),
    "arrival": (arriving(after=NOW), {}, "its system does not say when it asked"),
    "arrival in the year one": (
        arriving(zone="America/New_York"),
        {"asked_at": datetime(1, 1, 1, tzinfo=UTC)},
        "its system gives an impossible time for its request",
    ),
    "burst": ({"burst": {"more_than": 1}}, {}, "its system does not say when it asked"),
    "burst that was not counted": (
        {"burst": {"more_than": 1, "within": "hour"}},
        {"arrivals": {"minute": 1}},
        "its system does not say when it asked",
    ),
}


@pytest.mark.parametrize(("words", "known"), MET.values(), ids=MET)
def test_a_word_is_true(words: dict[str, Any], known: dict[str, Any]) -> None:
    assert Condition(**words).is_met(evidence(**known))


@pytest.mark.parametrize(("words", "known"), UNMET.values(), ids=UNMET)
def test_a_word_is_false(words: dict[str, Any], known: dict[str, Any]) -> None:
    assert not Condition(**words).is_met(evidence(**known))


@pytest.mark.parametrize(("words", "known", "why"), OPEN.values(), ids=OPEN)
def test_a_word_is_undecided_and_says_why(
    words: dict[str, Any], known: dict[str, Any], why: str
) -> None:
    with pytest.raises(Undecided) as undecided:
        Condition(**words).is_met(evidence(**known))

    assert str(undecided.value) == why


def test_a_condition_without_words_is_true_of_everything() -> None:
    assert Condition().is_met(evidence())


def test_every_word_is_asked_of_and_all_must_be_true() -> None:
    asked = {word for words, _ in MET.values() for word in words}

    assert asked == set(Condition.model_fields)


# Several words


def three_valued(words: dict[str, Any], known: Evidence) -> bool | None:
    try:
        return Condition(**words).is_met(known)
    except Undecided:
        return None


someone = st.builds(
    evidence,
    code=st.sampled_from(Code),
    expected=st.sampled_from([LINE, Identity()]),
    observed=st.sampled_from([LINE, Identity("h2"), Identity(None, frozenset({mac(3)}))]),
    hostname=st.sampled_from(["", "edge-1", "kiosk"]),
    hardware=st.sampled_from(["", "physical", "virtual"]),
    version=st.sampled_from(["", "3.5", "3.10", "odd"]),
    asked_at=st.sampled_from([None, NOW, NOW - timedelta(seconds=1)]),
    arrivals=st.sampled_from([None, {"10 minutes": 4}, {"10 minutes": 3}]),
    machines=st.integers(0, 3),
    suspicions=st.sampled_from([(), (CLONE,)]),
)
some_words = st.dictionaries(
    st.sampled_from(["host_id", "oui", "hostname", "hardware", "version_below", "arrived"])
    | st.sampled_from(["code", "macs", "version_at_least", "burst", "suspicion"]),
    st.just(None),
).map(
    lambda chosen: {
        word: value for words, _ in MET.values() for word, value in words.items() if word in chosen
    }
)


@given(some_words, someone)
def test_all_is_true_when_each_is_and_undecided_only_when_nothing_is_false(
    words: dict[str, Any], known: Evidence
) -> None:
    each = [three_valued({word: value}, known) for word, value in words.items()]

    together = three_valued(words, known)

    assert together is (False if False in each else None if None in each else True)


# Spellings


@pytest.mark.parametrize("text", ["00:1a:2b", "00:1A:2B", "00-1A-2b"])
def test_an_oui_is_the_same_in_every_spelling(text: str) -> None:
    assert Condition(oui=text).oui == ("00:1a:2b",)


@pytest.mark.parametrize(
    "text", ["", "00:1a", "00:1a:2b:3c", "00:1a:2g", "001a2b", "0:1a:2b", "00::2b"]
)
def test_what_is_not_three_bytes_is_no_oui(text: str) -> None:
    with pytest.raises(ValidationError, match="an OUI is the first three bytes of a MAC"):
        Condition(oui=(text,))


@pytest.mark.parametrize("text", ["", "new", "3,5", "3.5-"])
def test_what_cannot_be_compared_is_no_version(text: str) -> None:
    with pytest.raises(ValidationError, match="it is not a version, such as"):
        Condition(version_at_least=text)


@pytest.mark.parametrize("text", ["", "Mars/Base", "../UTC", "Europe", "CEST+2"])
def test_what_no_clock_shows_is_no_zone(text: str) -> None:
    with pytest.raises(ValidationError, match="it is not a time zone, such as Europe/Berlin"):
        Arrival(zone=text)


@pytest.mark.parametrize("text", ["6:00", "24:00", "06:60", "06:00:00", "noon", "18:30\n"])
def test_what_is_not_a_minute_of_the_day_is_no_time(text: str) -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        Arrival(until=text)


@pytest.mark.parametrize("kind", [Condition, Arrival])
def test_what_is_no_mapping_is_refused_as_it_was_written(kind: type[Condition | Arrival]) -> None:
    with pytest.raises(ValidationError) as refusal:
        kind.model_validate("own")

    assert [error["input"] for error in refusal.value.errors()] == ["own"]


def test_a_condition_stays_as_it_was_written() -> None:
    condition = Condition(code="own")

    with pytest.raises(ValidationError, match="frozen"):
        condition.code = "other"


def test_a_list_within_a_list_is_no_suspicion() -> None:
    with pytest.raises(ValidationError):
        Condition.model_validate({"suspicion": [["clone"]]})


@pytest.mark.parametrize("written", [7, 1.5])
def test_one_thing_that_is_no_text_is_refused_as_the_first_of_a_list(written: float) -> None:
    with pytest.raises(ValidationError) as refusal:
        Condition.model_validate({"hostname": written})

    assert [error["loc"] for error in refusal.value.errors()] == [("hostname", 0)]


@pytest.mark.parametrize("word", ["oui", "hostname", "hardware", "suspicion"])
def test_a_list_that_names_nothing_is_refused(word: str) -> None:
    with pytest.raises(ValidationError, match="the list is empty"):
        Condition(**{word: []})


@pytest.mark.parametrize(
    "words",
    [
        {"from": "06:00", "until": "06:00"},
        {"until": "00:00"},
        {"after": NOW, "before": NOW},
        {"days": []},
    ],
    ids=["no time of day", "until the day begins", "no instant", "no day"],
)
def test_an_arrival_at_no_time_at_all_is_refused(words: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Arrival(**words)


# Hours and days


def holds(at: str, **words: Any) -> bool:
    words = {word.removesuffix("_"): value for word, value in words.items()}
    return Arrival(**words).holds(datetime.fromisoformat(at))


@pytest.mark.parametrize(
    ("at", "within"),
    [
        ("2026-03-02T05:59:59+00:00", False),
        ("2026-03-02T06:00:00+00:00", True),
        ("2026-03-02T18:29:59+00:00", True),
        ("2026-03-02T18:30:00+00:00", False),
    ],
)
def test_hours_begin_with_the_first_minute_and_end_before_the_last(at: str, within: bool) -> None:
    assert holds(at, from_="06:00", until="18:30") is within


@pytest.mark.parametrize(
    ("at", "within"),
    [
        ("2026-03-02T21:59:59+00:00", False),
        ("2026-03-02T22:00:00+00:00", True),
        ("2026-03-03T00:00:00+00:00", True),
        ("2026-03-03T05:59:59+00:00", True),
        ("2026-03-03T06:00:00+00:00", False),
    ],
)
def test_hours_may_go_past_midnight(at: str, within: bool) -> None:
    assert holds(at, from_="22:00", until="06:00") is within


@pytest.mark.parametrize(
    ("at", "within"),
    [
        ("2026-03-06T05:00:00+00:00", False),
        ("2026-03-06T22:00:00+00:00", True),
        ("2026-03-07T05:59:00+00:00", True),
        ("2026-03-07T22:00:00+00:00", False),
    ],
    ids=["Friday morning", "Friday night", "Saturday morning", "Saturday night"],
)
def test_the_hours_after_midnight_belong_to_the_day_on_which_the_night_began(
    at: str, within: bool
) -> None:
    assert holds(at, days=["fri"], from_="22:00", until="06:00") is within


@pytest.mark.parametrize(
    ("words", "within"),
    [
        ({"from_": "23:59"}, True),
        ({"until": "23:59"}, False),
        ({"until": "00:01"}, False),
        ({"from_": "22:00", "until": "00:00"}, True),
        ({}, True),
    ],
    ids=["from", "until", "until early", "until midnight", "all day"],
)
def test_a_day_lasts_to_its_last_microsecond(words: dict[str, str], within: bool) -> None:
    assert holds("2026-03-02T23:59:59.999999+00:00", **words) is within


@pytest.mark.parametrize(
    ("day", "date"),
    [("mon", 2), ("tue", 3), ("wed", 4), ("thu", 5), ("fri", 6), ("sat", 7), ("sun", 8)],
)
def test_a_day_of_the_week_is_that_day_alone(day: str, date: int) -> None:
    within = [each for each in range(2, 9) if holds(f"2026-03-0{each}T12:00+00:00", days=[day])]

    assert within == [date]


def test_days_are_those_of_the_zone() -> None:
    at = "2026-03-01T23:30:00+00:00"  # a Sunday; Monday in Berlin

    assert holds(at, days=["sun"])
    assert holds(at, days=["mon", "tue"], zone="Europe/Berlin")
    assert not holds(at, days=["sun"], zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("at", "within"),
    [
        ("2026-03-28T05:00:00+00:00", True),
        ("2026-03-28T04:59:00+00:00", False),
        ("2026-03-29T04:00:00+00:00", True),
        ("2026-03-29T03:59:00+00:00", False),
        ("2026-10-24T04:00:00+00:00", True),
        ("2026-10-25T04:00:00+00:00", False),
        ("2026-10-25T05:00:00+00:00", True),
    ],
)
def test_hours_follow_daylight_saving(at: str, within: bool) -> None:
    assert holds(at, from_="06:00", until="07:00", zone="Europe/Berlin") is within


@pytest.mark.parametrize("at", ["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"])
def test_an_hour_that_comes_twice_counts_twice(at: str) -> None:
    assert holds(at, from_="02:00", until="03:00", zone="Europe/Berlin")


def test_an_hour_that_is_skipped_never_comes() -> None:
    first, skipped = datetime(2026, 3, 29, tzinfo=UTC), {"from_": "02:00", "until": "03:00"}
    minutes = [first + timedelta(minutes=n) for n in range(24 * 60)]

    assert not any(holds(f"{at}", zone="Europe/Berlin", **skipped) for at in minutes)


def test_instants_are_compared_whatever_their_zone() -> None:
    words = {"after": "2026-11-20T06:00:00+01:00", "before": "2026-11-20T06:00:00Z"}

    assert holds("2026-11-20T05:00:00+00:00", **words)
    assert not holds("2026-11-20T04:59:59+00:00", **words)
    assert not holds("2026-11-20T06:00:00+00:00", **words)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    st.times(),
    st.times(),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"]),
)
def test_a_time_is_within_some_hours_or_within_the_rest_of_the_day(
    at: datetime, one: Any, other: Any, zone: str
) -> None:
    start, end = f"{one:%H:%M}", f"{other:%H:%M}"
    if start == end:
        return

    within = holds(at.isoformat(), from_=start, until=end, zone=zone)
    outside = holds(at.isoformat(), from_=end, until=start, zone=zone)

    assert within is not outside


def test_a_burst_is_counted_within_ten_minutes_unless_it_is_said() -> None:
    assert Burst(more_than=3).within == "10 minutes"
