"""Plan: from an assessment to the actions after which nothing is left to do."""

from collections import defaultdict
from collections.abc import Iterable

from fleet.action.action import Action, Adopt, Hold
from fleet.admission.desired import Desired
from fleet.device.device import Device
from fleet.device.enrollment import Enrolment
from fleet.planning.assess import Assessment
from fleet.planning.forecast import room
from fleet.state.memory import Grant, Memory
from fleet.state.observation import Observation
from fleet.system.enroll import Enrol


def plan(
    desired: Desired, observed: Observation, memory: Memory, assessment: Assessment
) -> list[Action]:
    """The difference between what should be and what is, as actions; [] for a settled site.

    At most one action concerns a device; holds, which only record, come on top.
    """
    acts: list[Action] = [s.act for s in assessment.standings if s.act]
    acts += assessment.rejections
    return [
        *_enrolments(desired, observed, memory, assessment),
        *acts,
        *_news(assessment.holds, memory),
    ]


def find_existing(observed: Observation, ending: str) -> list[Enrolment]:
    """The enrolments whose code ends in `ending` (case and dashes do not matter)."""
    wanted = ending.strip().upper().rpartition("-")[2]
    return [e for e in observed.enrolments if wanted and e.ending.upper().endswith(wanted)]


def _enrolments(
    desired: Desired, observed: Observation, memory: Memory, assessment: Assessment
) -> list[Enrol | Adopt]:
    """One shared enrolment where that will do, else one each; a wave at a time, if codes are short.

    Where enrolments are shared, a device without identity still gets one of its own.
    """
    is_shared = desired.manner.shares_enrolments
    needing = [s for s in assessment.standings if s.needs_enrolment]
    again = _repeated((s.unanswered, s.device) for s in needing if s.unanswered)
    new = [s.device for s in needing if not s.unanswered]
    shared = tuple(device for device in new if is_shared and device.identity)
    alone = [Enrol((d,), 1, desired.expires_at) for d in new if not (is_shared and d.identity)]
    made = [*again, *_shared(desired, observed, memory, shared), *alone]
    return made[: room(desired, assessment)]


def _shared(
    desired: Desired, observed: Observation, memory: Memory, devices: tuple[Device, ...]
) -> list[Enrol | Adopt]:
    if not devices:
        return []
    if desired.existing:
        return _adopted(find_existing(observed, desired.existing), memory, devices)
    return [Enrol(devices, desired.capacity or len(devices), desired.expires_at)]


def _adopted(
    found: list[Enrolment], memory: Memory, devices: tuple[Device, ...]
) -> list[Enrol | Adopt]:
    """The one found, for devices that do not ask by it already: again would change nothing."""
    if len({e.id for e in found}) != 1:
        return []
    last = {d.name: [g.enrolment_id for g in memory.for_device(d).grants[-1:]] for d in devices}
    lacking = tuple(d for d in devices if last[d.name] != [found[0].id])
    return [Adopt(lacking, found[0])] if lacking else []


def _repeated(unanswered: Iterable[tuple[Grant, Device]]) -> list[Enrol]:
    """Enrolments asked for before that the system does not show: the same ones, once more."""
    devices: dict[Grant, list[Device]] = defaultdict(list)
    for grant, device in unanswered:
        devices[grant].append(device)
    return [
        Enrol(tuple(d), g.capacity, g.wanted_expiry, asked_before=g.made_at)
        for g, d in devices.items()
    ]


def _news(holds: Iterable[Hold], memory: Memory) -> list[Hold]:
    return [hold for hold in holds if (hold.request.key, hold.reason) not in memory.held]
