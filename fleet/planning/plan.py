"""Plan: from an assessment to the actions after which nothing is left to do."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fleet.action.action import Action, Adopt, Hold
from fleet.admission.desired import Desired
from fleet.device.device import Device
from fleet.device.enrollment import Enrollment
from fleet.device.fingerprint import is_of_site
from fleet.planning.assess import Assessment
from fleet.planning.forecast import room
from fleet.state.memory import EnrollmentRecord, Memory
from fleet.state.observation import Observation
from fleet.system.enroll import Enroll


def plan(
    desired: Desired, observed: Observation, memory: Memory, assessment: Assessment
) -> list[Action]:
    """What is to be done so that what is becomes what should be; [] where a site has converged.

    At most one action concerns a device; holds, which only record, come on top.
    """
    actions: list[Action] = [s.action for s in assessment.statuses if s.action]
    actions += assessment.rejections
    return [
        *_enrollments(desired, observed, memory, assessment),
        *actions,
        *_news(assessment.holds, memory),
    ]


def find_existing(observed: Observation, ending: str) -> list[Enrollment]:
    """The enrollments whose code ends in `ending` (case and dashes do not matter)."""
    wanted = ending.strip().upper().rpartition("-")[2]
    return [e for e in observed.enrollments if wanted and e.ending.upper().endswith(wanted)]


def adoptable(desired: Desired, observed: Observation, memory: Memory) -> list[Enrollment]:
    """The enrollments that the site may take, unless they turn out to be another site's."""
    if desired.existing:
        return find_existing(observed, desired.existing)
    new = (each for each in observed.enrollments if each.id not in memory.enrollment_ids)
    return [each for each in new if is_of_site(desired.site, each.expires_at)]


def _enrollments(
    desired: Desired, observed: Observation, memory: Memory, assessment: Assessment
) -> list[Enroll | Adopt]:
    """One shared enrollment where that will do, else one each; in waves where codes are short.

    Where enrollments are shared, a device without identity still gets one of its own.
    """
    is_shared = desired.system_profile.shares_enrollments
    needing = [s for s in assessment.statuses if s.needs_enrollment]
    again = _repeated((s.unanswered, s.device) for s in needing if s.unanswered)
    new = [s.device for s in needing if not s.unanswered]
    shared = tuple(device for device in new if is_shared and device.identity)
    alone = [Enroll((d,), 1, desired.expires_at) for d in new if not (is_shared and d.identity)]
    made = [*again, *_shared(desired, observed, memory, assessment, shared), *alone]
    return made[: room(desired, assessment)]


def _shared(
    desired: Desired,
    observed: Observation,
    memory: Memory,
    assessment: Assessment,
    devices: tuple[Device, ...],
) -> list[Enroll | Adopt]:
    if not devices:
        return []
    if desired.existing:
        return _adopted(find_existing(observed, desired.existing), memory, devices)
    usable = [each for each in observed.enrollments if each.id in assessment.usable]
    if lost := _forgotten(desired.site, usable, memory, devices):
        return [Adopt(devices, lost)]
    return [Enroll(devices, desired.capacity or len(devices), desired.expires_at)]


def _forgotten(
    site: str, usable: Sequence[Enrollment], memory: Memory, devices: tuple[Device, ...]
) -> Enrollment | None:
    """One with room that was made for this site, and that a ledger restored since does not know.

    What another run of the site has just asked for is known by its fingerprint before its answer.
    """
    found = [
        each
        for each in usable
        if is_of_site(site, each.expires_at)
        and each.id not in memory.enrollment_ids
        and each.id not in memory.other_codes
        and each.free >= len(devices)
        and not each.profile
    ]
    asked = {r.wanted_expiry for it in memory.devices.values() for r in it.enrollments if found}
    return next((each for each in found if each.expires_at not in asked), None)


def _adopted(
    found: list[Enrollment], memory: Memory, devices: tuple[Device, ...]
) -> list[Enroll | Adopt]:
    """The one found, for devices that do not ask by it already: again would change nothing."""
    if len({e.id for e in found}) != 1 or found[0].id in memory.other_codes:
        return []
    last = {
        d.name: [g.enrollment_id for g in memory.for_device(d).enrollments[-1:]] for d in devices
    }
    lacking = tuple(d for d in devices if last[d.name] != [found[0].id])
    return [Adopt(lacking, found[0])] if lacking else []


def _repeated(unanswered: Iterable[tuple[EnrollmentRecord, Device]]) -> list[Enroll]:
    """Enrollments asked for before that the system does not show: the same ones, once more."""
    devices: dict[EnrollmentRecord, list[Device]] = defaultdict(list)
    for record, device in unanswered:
        devices[record].append(device)
    return [
        Enroll(tuple(d), g.capacity, g.wanted_expiry, asked_before=g.made_at)
        for g, d in devices.items()
    ]


def _news(holds: Iterable[Hold], memory: Memory) -> list[Hold]:
    """The holds that are not recorded yet; one whose sentence alone has changed is."""
    return [hold for hold in holds if (hold.request.key, hold.code) not in memory.held]
