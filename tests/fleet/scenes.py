"""Scenes: anything at all that one run may find, likely or not, for the planner's laws."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import compress

from hypothesis import strategies as st

from fleet.action import Action, Retry
from fleet.assessment import Assessment, assess
from fleet.desired import Desired
from fleet.device import Device
from fleet.enrolment import Enrolment
from fleet.identity import Identity
from fleet.limits import Limits
from fleet.memory import ENROLMENT, Grant, Memory, Remembered
from fleet.observation import Observation
from fleet.plan import plan
from fleet.policy import EXACT_MATCH, HUMAN, ZERO_TOUCH, Policy
from fleet.request import Progress, Request
from fleet.verdict import Decision
from tests.fleet.builders import ASKED, EXPIRY, HOUR, NOW, a_grant, an_own_grant, mac

KINDS = ("macs", "host id", "both", "none", "zero-touch")
STRANGER = Identity("stranger", frozenset({mac(255)}))


@dataclass(frozen=True)
class Scene:
    """What is desired, observed and remembered, and the plan for it."""

    desired: Desired
    observed: Observation
    memory: Memory
    limits: Limits

    @property
    def assessment(self) -> Assessment:
        return assess(self.desired, self.observed, self.memory, self.limits, NOW)

    @property
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
some_limits = st.builds(
    Limits,
    retries=st.integers(0, 3),
    doubt=st.sampled_from([timedelta(minutes=3), timedelta(minutes=1)]),
)


def own_code(device: Device) -> str:
    """The id of an enrolment made for `device`: its own when it has nothing else to show."""
    return "shared" if device.identity else f"own {device.name}"


@st.composite
def enrolments(draw: st.DrawFn, devices: tuple[Device, ...]) -> tuple[Enrolment, ...]:
    ids = draw(st.sets(st.sampled_from(["shared", "foreign", "lab", *map(own_code, devices)])))
    return tuple(
        Enrolment(
            id=id_,
            ending=id_[-5:].upper(),
            expires_at=draw(st.sampled_from([EXPIRY, NOW - HOUR])),
            capacity=3,
            used=draw(st.sampled_from([0, 3])),
            profile="lab" if id_ == "lab" else None,
        )
        for id_ in sorted(ids)
    )


@st.composite
def requests(draw: st.DrawFn, devices: tuple[Device, ...]) -> tuple[Request, ...]:
    shown = [STRANGER, Identity(), *(d.identity for d in devices)]
    codes = ["shared", "foreign", "lab", *map(own_code, devices)]
    found = []
    for number in range(draw(st.integers(0, 5))):
        one = draw(st.sampled_from([*devices, *devices, None]))
        other = draw(st.sampled_from([Identity()] * 5 + shown))
        shows = one.identity if one else STRANGER
        its_code = [own_code(one)] * len(codes) if one else []
        found.append(
            Request(
                id=str(number + 7),
                enrolment_id=draw(st.sampled_from(its_code + codes)),
                identity=Identity(shows.host_id or other.host_id, shows.macs | other.macs),
                progress=draw(st.sampled_from([Progress.WAITING] * 4 + [*Progress])),
                hostname=draw(st.sampled_from(["", "edge-0"])),
                device_id=draw(st.sampled_from([None, f"d{number}"])),
            )
        )
    return tuple(found)


@st.composite
def pasts(draw: st.DrawFn, device: Device, keys: list[str]) -> Remembered:
    given = a_grant if device.identity else an_own_grant
    lost = given(None, made_at=NOW - draw(st.sampled_from([timedelta(minutes=2), HOUR])))
    grants: list[tuple[Grant, ...]] = [(), (lost,)]
    if not device.zero_touch:
        own = given(own_code(device))
        grants += [(own,), (own,), (own,), (own, lost)]
    if not device.identity:  # nor, unlike before, does its line give any
        shared = a_grant("shared")
        grants += [(shared,), (own, shared), (a_grant(None),)]
    nothing: st.SearchStrategy[frozenset[str]] = st.just(frozenset())
    some = nothing | nothing | st.frozensets(st.sampled_from(keys)) if keys else nothing
    retries = draw(st.integers(0, 3))
    ago = draw(st.sampled_from([timedelta(seconds=1), HOUR]))
    return Remembered(
        grants=draw(st.sampled_from(grants)),
        approved=draw(some),
        rejected=draw(some),
        pending=draw(some),
        refused=dict.fromkeys(
            draw(some)
            | {f"{Retry.word} {key}" for key in draw(some)}
            | draw(st.sampled_from([frozenset[str]()] * 3 + [frozenset({ENROLMENT})])),
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
    asked = draw(requests(devices))
    keys = [request.key for request in asked]
    listed = draw(st.lists(st.booleans(), min_size=len(asked), max_size=len(asked)))
    present = [request.device_id or "d0" for request in compress(asked, listed)]
    desired = Desired(
        site="plant-7",
        devices=devices,
        expires_at=EXPIRY,
        manner=ASKED,
        capacity=draw(st.sampled_from([None, 9])),
        existing=draw(st.sampled_from([None, None, "HARED"])),
        decision=decision or draw(st.sampled_from([Decision.APPROVE] * 4 + [Decision.REJECT])),
        policy=policy or draw(st.sampled_from([EXACT_MATCH, EXACT_MATCH, HUMAN, ZERO_TOUCH])),
        is_whole_site=draw(st.sampled_from([True, True, False])),
    )
    return Scene(
        desired=desired,
        observed=Observation(draw(enrolments(devices)), asked, frozenset(present)),
        memory=Memory(
            devices={d.name: draw(pasts(d, keys)) for d in devices},
            enrolment_ids=frozenset({"shared", *map(own_code, devices)}),
            known=draw(st.sampled_from([frozenset[str](), STRANGER.tokens()])),
        ),
        limits=draw(some_limits),
    )
