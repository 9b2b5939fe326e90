"""Causes: counted right, the best first, and nothing claimed of few cases."""

from itertools import combinations
from math import comb

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleet.nightly.catalog import FindingKind
from fleet.state.device_state import State
from reports.nightly.causes import EVERY, FEW, LUCK, TROUBLES, causes
from tests.laws import met, share_of
from tests.reports.nights import a_device, a_finding

PLACES = [("plant-7", "lem"), ("plant-8", "lem"), ("plant-8", "acusight")]


def failing(version, ill, well, place=PLACES[0]):
    return [(place, version, FindingKind.FAILED)] * ill + [(place, version, None)] * well


WELL = st.tuples(st.sampled_from(PLACES), st.just("3.5.4"), st.none())
DEVICES = st.lists(
    st.tuples(
        st.sampled_from(PLACES),
        st.sampled_from(["3.5.3", "3.5.4", ""]),
        st.sampled_from([None, None, FindingKind.FAILED, FindingKind.MISSING, FindingKind.HELD]),
    ),
    max_size=60,
) | st.builds(  # whatever the others are, many of one version fail
    lambda ill, well, others: failing("3.5.3", ill, well) + others,
    st.integers(FEW, 2 * FEW),
    st.integers(0, 2),
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.just("3.5.4"), st.none()), min_size=20, max_size=40
    ),
)


def site(cases):
    """Devices, and the findings about those in trouble."""
    devices = [
        a_device(f"edge-{n}", place=place, version=version)
        for n, (place, version, _) in enumerate(cases)
    ]
    found = [
        a_finding(kind, f"edge-{n}", place)
        for n, (place, _, kind) in enumerate(cases)
        if kind is not None
    ]
    return devices, found


# What failed is of one version, or at one system; some are both, and what is neither is well.
TWO_CAUSES = [
    *failing("3.5.3", FEW, 0),
    *failing("3.5.3", FEW, 0, PLACES[2]),
    *failing("3.5.4", 0, 10 * FEW),
    *failing("3.5.4", FEW, 0, PLACES[2]),
]


@given(devices=DEVICES)
def test_counts_and_lift_are_what_counting_one_by_one_gives(devices):
    for cause in met(causes(*site(devices))):
        kinds = {EVERY: TROUBLES}.get(
            cause.who, [k for k in TROUBLES if k.record.trouble == cause.who]
        )
        names = [name for name, _ in cause.attributes]
        known = [
            (tuple((name, values[name]) for name in names) == cause.attributes, kind in kinds)
            for place, version, kind in devices
            if all(
                (values := {"version": version, "site": place[0], "connection": place[1]})[name]
                for name in names
            )
        ]
        troubled = sum(kind in kinds for _, _, kind in devices)
        having, ill = sum(has for has, _ in known), sum(has and is_ill for has, is_ill in known)

        assert (cause.troubled, cause.of_troubled) == (ill, troubled)
        assert (cause.devices, cause.of_devices) == (having, len(known))
        assert cause.lift == pytest.approx((ill / troubled) / (having / len(known)))


@given(devices=DEVICES)
def test_nothing_is_claimed_of_few_cases_nor_of_what_chance_brings_about(devices):
    for cause in met(causes(*site(devices))):
        assert cause.troubled >= FEW
        assert cause.share >= 0.5
        assert cause.lift >= 1.5
        draws = comb(cause.of_devices, cause.troubled)
        assert comb(cause.devices, cause.troubled) / draws <= LUCK


def test_four_devices_that_share_everything_are_no_cause():
    assert causes(*site(failing("3.5.4", 4, 0) + failing("3.5.3", 0, 96))) == []


def test_failures_that_share_a_version_and_a_site_are_reported_with_counts_and_lift():
    devices = failing("3.5.4", 9, 1) + failing("3.5.4", 1, 19, PLACES[1]) + failing("3.5.3", 1, 69)

    sentences = [cause.sentence for cause in causes(*site(devices))]

    assert sentences == [
        "9 of 11 failures share version 3.5.4 and site plant-7, as do 10 of all 100 devices: "
        "8.2 times the usual rate."
    ]


def test_a_kind_of_trouble_is_not_hidden_by_others():
    others = [(PLACES[1], "", FindingKind.PENDING)] * 5 + [
        (PLACES[2], "3.5.3", FindingKind.MISSING)
    ] * 4
    devices = failing("3.6.0", 6, 17) + failing("3.5.4", 1, 64) + others

    found = causes(*site(devices))

    shared = {cause.who: cause.attributes for cause in found}
    assert shared["failures"] == (("version", "3.6.0"),)


def test_what_all_devices_have_explains_nothing():
    assert causes(*site(failing("3.5.4", 20, 20))) == []


def test_an_unknown_version_is_no_version():
    devices = failing("", 10, 0) + failing("3.5.3", 0, 90)

    assert causes(*site(devices)) == []


def test_the_step_at_which_they_failed_is_reported_beside_what_they_share():
    devices, found = site(failing("3.5.4", 8, 2) + failing("3.5.3", 0, 90))
    devices = [
        a_device(s.device, State.FAILED, PLACES[0], version=s.version, failed_step="Open tunnel")
        if n < 8
        else s
        for n, s in enumerate(devices)
    ]

    (cause,) = causes(devices, found)

    assert cause.sentence.endswith(" 8 of them failed at Open tunnel.")


def test_a_step_at_which_all_failed_is_reported_without_a_comparison_to_those_that_did_not_fail():
    devices, found = site(failing("", 8, 0) + failing("", 0, 40))
    devices = [
        a_device(s.device, place=PLACES[0], failed_step="Pull" * (n < 8))
        for n, s in enumerate(devices)
    ]

    assert [cause.sentence for cause in causes(devices, found)] == [
        "8 of 8 failures failed at Pull."
    ]


@example(devices=TWO_CAUSES)
@given(devices=DEVICES)
def test_no_two_causes_of_one_trouble_share_an_attribute(devices):
    pairs = combinations(causes(*site(devices)), 2)

    for one, other in met(pair for pair in pairs if pair[0].who == pair[1].who):
        assert not {*one.attributes} & {*other.attributes}


@settings(max_examples=share_of(30))
@given(devices=DEVICES, data=st.data())
def test_the_order_of_devices_does_not_matter(devices, data):
    known, found = site(devices)

    mixed = causes(data.draw(st.permutations(known)), data.draw(st.permutations(found)))

    assert mixed == causes(known, found)
