"""Match: whose each request is, by identity and by codes made for one device alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fleet.device.device import Device
from fleet.device.request import Request
from fleet.state.memory import Memory
from fleet.state.observation import Observation


@dataclass(frozen=True)
class Matching:
    """Requests by device name (oldest first), those claimed by several devices, and strangers."""

    by_device: dict[str, tuple[Request, ...]]
    disputed: tuple[tuple[Request, tuple[str, ...]], ...]
    strangers: tuple[Request, ...]


def match(devices: Sequence[Device], observed: Observation, memory: Memory) -> Matching:
    """Whose is each request?

    A device with identity owns the requests that share it; one without owns the requests that
    show its own code; a request that names its device is that device's. A stranger shows one of
    these devices' codes and is no device of the site.
    """
    owners = _owners(devices, memory)
    codes = {code for d in devices for code in memory.for_device(d).enrolment_ids}
    by_device: dict[str, list[Request]] = defaultdict(list)
    disputed: list[tuple[Request, tuple[str, ...]]] = []
    strangers: list[Request] = []
    for request in observed.request_by_id.values():
        marks = request.identity.tokens() | {request.enrolment_id}
        own = {_named(request.device)} if request.device is not None else marks
        names = tuple(sorted({name for mark in own for name in owners.get(mark, ())}))
        if len(names) > 1:
            disputed.append((request, names))
        elif names:
            by_device[names[0]].append(request)
        elif request.device is None and request.enrolment_id in codes and not marks & memory.known:
            strangers.append(request)
    found = {name: tuple(requests) for name, requests in by_device.items()}
    return Matching(found, tuple(disputed), tuple(strangers))


def _owners(devices: Iterable[Device], memory: Memory) -> dict[str, list[str]]:
    """Device names by everything that a request of theirs may show."""
    owners: dict[str, list[str]] = defaultdict(list)
    for device in devices:
        marks = device.identity.tokens() or memory.for_device(device).enrolment_ids
        for mark in marks | {_named(device.name)}:
            owners[mark].append(device.name)
    return owners


def _named(name: str) -> str:
    """The mark of a request that names its device; no code and no identity looks like it."""
    return f"device {name}"
