"""Scenes: anything at all that one run may find, likely or not, for the planner's laws."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import chain, combinations, product

from hypothesis import strategies as st

from fleet.action.action import Action, Retry
from fleet.admission.desired import Desired
from fleet.admission.policy import EXACT_MATCH, HUMAN, ZERO_TOUCH, Policy
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.planning.assess import Assessment, assess
from fleet.planning.plan import plan
from fleet.state.action_kind import ActionKind
from fleet.state.memory import ENROLLMENT, EnrollmentRecord, Memory, Remembered
from fleet.state.observation import Observation
from fleet.state.verdict import Decision
from fleet.status.limits import Limits
from tests.fleet.builders import (
    ASKED,
    EXPIRY,
    HOUR,
    NOW,
    an_enrollment_record,
    an_own_enrollment_record,
    mac,
)

KINDS = ("macs", "host id", "both", "none", "zero-touch")
# A draw costs more than a plan: what goes together is drawn at once, from all that there is.
FATES = ("approved", "rejected", "pending", "refused", "retry refused")  # of a request, before now
SETS_OF_FATES = [frozenset(some) for n in range(6) for some in combinations(FATES, n)]
MOMENTS = list(product([Progress.WAITING] * 4 + [*Progress], ["", "edge-0"], [False, True]))
# What is as it usually is: without it, hardly any scene has a device to approve.
NEW, UNANSWERED, ENROLLED, DECIDED = "new", "asked for, not answered", "enrolled", "decided"
USUALLY = list(product([False, True], [None, NEW, UNANSWERED, ENROLLED, ENROLLED, DECIDED]))
UNKNOWN_DEVICE = Identity("unknown-device", frozenset({mac(255)}))


@dataclass(frozen=True)
class Scene:
    """What is desired, observed and remembered, and the plan for it."""

    desired: Desired
    observed: Observation
    memory: Memory
    limits: Limits

    @cached_property
    def assessment(self) -> Assessment:
        return assess(self.desired, self.observed, self.memory, self.limits, NOW)

    @cached_property
    def plan(self) -> list[Action]:
        return plan(self.desired, self.observed, self.memory, self.assessment)


def rostered(number: int, kind: str) -> Device:
    """Device `number` of a roster, which no other number is like."""
    return Device(
        name=f"edge-{number}",
        host_id=f"h{number}" if kind in {"host id", "both"} else None,
        macs=(mac(number), mac(100 + number)) if kind in {"macs", "both", "zero-touch"} else (),
        zero_touch="lab" if kind == "zero-touch" else None,
    )


rosters = st.lists(st.sampled_from(KINDS), max_size=3).map(
    lambda kinds: tuple(rostered(number, kind) for number, kind in enumerate(kinds))
)
some_limits = st.sampled_from(
    [Limits(n, outcome_timeout=timedelta(minutes=m)) for n, m in product(range(4), (3, 1))]
)


def own_code(device: Device) -> str:
    """The id of an enrollment made for `device`: its own when it has nothing else to show."""
    return "shared" if device.identity else f"own {device.name}"


@st.composite
def enrollments(draw: st.DrawFn, devices: tuple[Device, ...]) -> tuple[Enrollment, ...]:
    ids = {"shared", "foreign", "lab", *map(own_code, devices)}
    kinds = [None] * 4 + list(product([EXPIRY, NOW - HOUR], [0, 3]))
    return tuple(
        Enrollment(
            id=id_,
            ending=id_[-5:].upper(),
            expires_at=kind[0],
            capacity=3,
            used=kind[1],
            profile="lab" if id_ == "lab" else None,
        )
        for id_ in sorted(ids)
        if (kind := draw(st.sampled_from(kinds)))
    )


@st.composite
def requests(draw: st.DrawFn, devices: tuple[Device, ...]) -> tuple[Request, ...]:
    shown = [UNKNOWN_DEVICE, Identity(), *(d.identity for d in devices)]
    codes = ["shared", "foreign", "lab", *map(own_code, devices)]
    found = []
    for number in range(draw(st.integers(0, 5))):
        one = draw(st.sampled_from([*devices, *devices, None]))
        other = draw(st.sampled_from([Identity()] * 5 + shown))
        shows = one.identity if one else UNKNOWN_DEVICE
        its_code = [own_code(one)] * len(codes) if one else []
        progress, hostname, is_device = draw(st.sampled_from(MOMENTS))
        found.append(
            Request(
                id=str(number + 7),
                enrollment_id=draw(st.sampled_from(its_code + codes)),
                identity=Identity(shows.host_id or other.host_id, shows.macs | other.macs),
                progress=progress,
                hostname=hostname,
                device_id=f"d{number}" if is_device else None,
            )
        )
    return tuple(found)


@st.composite
def usual_requests(draw: st.DrawFn, devices: tuple[Device, ...]) -> tuple[Request, ...]:
    """One of each device that asks, by its own code and with its own identity."""
    progress = draw(
        st.sampled_from(
            [Progress.WAITING] * 3 + [Progress.FAILED, Progress.PROVISIONED] * 2 + [*Progress]
        )
    )
    return tuple(
        Request(
            id=str(number + 7),
            enrollment_id=own_code(device),
            identity=device.identity,
            progress=progress,
            device_id=f"d{number}",
        )
        for number, device in enumerate(devices)
    )


def usual_past(device: Device, keys: list[str], how: str) -> Remembered:
    """How far one device of a site usually is, and with it all others."""
    given = an_enrollment_record if device.identity else an_own_enrollment_record
    if how == NEW or device.zero_touch:
        return Remembered()
    return Remembered(
        enrollments=(given(None if how == UNANSWERED else own_code(device)),),
        rejected=frozenset(keys if how == DECIDED else ()),
    )


@st.composite
def pasts(draw: st.DrawFn, device: Device, keys: list[str]) -> Remembered:
    given = an_enrollment_record if device.identity else an_own_enrollment_record
    lost = given(None, made_at=NOW - draw(st.sampled_from([timedelta(minutes=2), HOUR])))
    enrollments: list[tuple[EnrollmentRecord, ...]] = [(), (lost,)]
    if not device.zero_touch:
        own = given(own_code(device))
        enrollments += [(own,), (own,), (own,), (own, lost)]
    if not device.identity:  # nor, unlike before, does its line give any
        shared = an_enrollment_record("shared")
        enrollments += [(shared,), (own, shared), (an_enrollment_record(None),)]
    fates = st.sampled_from([frozenset[str]()] * 3 * len(SETS_OF_FATES) + SETS_OF_FATES)
    fate = {key: draw(fates) for key in keys}
    of = {word: frozenset(key for key in keys if word in fate[key]) for word in FATES}
    retries, ago = draw(st.sampled_from(list(product(range(4), [timedelta(seconds=1), HOUR]))))
    is_refused = draw(st.sampled_from([False] * 3 + [True]))
    return Remembered(
        enrollments=draw(st.sampled_from(enrollments)),
        approved=of["approved"],
        rejected=of["rejected"],
        pending=of["pending"],
        refused=dict.fromkeys(
            chain(
                ((ActionKind.APPROVE, key) for key in of["refused"]),
                ((Retry.kind, key) for key in of["retry refused"]),
                [ENROLLMENT] if is_refused else [],
            ),
            "no",
        ),
        retries=retries,
        retried_at=NOW - ago if retries else None,
        confirmed_as=draw(st.sampled_from([None, "d0", "d1"])),
    )


@st.composite
def scenes(
    draw: st.DrawFn, decision: Decision | None = None, policy: Policy | None = None
) -> Scene:
    devices = draw(rosters)
    all_ask, past = draw(st.sampled_from(USUALLY))
    asked = draw(usual_requests(devices) if all_ask else requests(devices))
    keys = [request.key for request in asked]
    listed = draw(st.integers(0, 2 ** len(asked) - 1))  # a bit for each request
    present = [r.device_id or "d0" for number, r in enumerate(asked) if listed >> number & 1]
    desired = Desired(
        site="plant-7",
        devices=devices,
        expires_at=EXPIRY,
        system_profile=ASKED,
        capacity=draw(st.sampled_from([None, 9])),
        existing=draw(st.sampled_from([None, None, "HARED"])),
        decision=decision or draw(st.sampled_from([Decision.APPROVE] * 4 + [Decision.REJECT])),
        policy=policy or draw(st.sampled_from([EXACT_MATCH, EXACT_MATCH, HUMAN, ZERO_TOUCH])),
        is_whole_site=draw(st.sampled_from([True, True, False])),
    )
    return Scene(
        desired=desired,
        observed=Observation(draw(enrollments(devices)), asked, frozenset(present)),
        memory=Memory(
            devices={
                d.name: usual_past(d, keys, past) if past else draw(pasts(d, keys)) for d in devices
            },
            enrollment_ids=frozenset({"shared", *map(own_code, devices)}),
            known=draw(st.sampled_from([frozenset[str](), UNKNOWN_DEVICE.traits()])),
        ),
        limits=draw(some_limits),
    )
