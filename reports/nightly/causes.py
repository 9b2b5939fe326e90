"""Causes: what devices in trouble have in common and most other devices do not."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, lgamma

from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from reports.nightly.facts import NightDevice
from reports.page.wording import legible

# Causes are looked for in each kind of trouble alone, then in all of them together.
TROUBLES = [kind for kind in FindingKind if kind.record.trouble]
EVERY = "devices in trouble"
FEW = 5  # fewer devices in trouble may have something in common by chance
LUCK = 0.01  # nothing is claimed that chance alone brings about more often than this
LEAST_SHARE, LEAST_LIFT = 0.5, 1.5
SAME = 0.8  # two causes that share this part of their devices are about the same devices

STEP = "failed step"
FIELDS = ("version", "hardware", "site", "connection", STEP)
UNSURE = FIELDS[:2]  # a device need not report these
Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """One or two attributes that `troubled` of `of_troubled` devices in a trouble, `who`, share.

    For example 10 of 11 *failures* share version 3.5.4, as do 26 (`devices`) of the 159
    (`of_devices`) devices whose version is known, healthy or not. Most of the 10 failed at `step`,
    namely `at_step` of them; "" when no step is named.
    """

    who: str
    attributes: Attributes
    troubled: int
    of_troubled: int
    devices: int
    of_devices: int
    all_devices: int
    step: str = ""
    at_step: int = 0

    @property
    def share(self) -> float:
        """The part of the devices in trouble that has it."""
        return self.troubled / self.of_troubled

    @property
    def usual(self) -> float:
        """The part of all devices that has it."""
        return self.devices / self.of_devices

    @property
    def lift(self) -> float:
        """How many times as often devices in trouble have it as all devices do."""
        return self.share / self.usual

    @property
    def sentence(self) -> str:
        """All of it in a sentence."""
        if [name for name, _ in self.attributes] == [STEP]:  # only devices in trouble have one
            step = legible(self.attributes[0][1])
            return f"{self.troubled:,} of {self.of_troubled:,} {self.who} failed at {step}."
        what = " and ".join(f"{name} {legible(value)}" for name, value in self.attributes)
        all_devices = f"all {self.of_devices:,} devices"
        if self.of_devices < self.all_devices:
            names = [name for name, _ in self.attributes if name in UNSURE]
            verb = "is" if len(names) == 1 else "are"
            all_devices = (
                f"the {self.of_devices:,} devices whose {' and '.join(names)} {verb} known"
            )
        steps = f" {self.at_step:,} of them failed at {legible(self.step)}." if self.step else ""
        return (
            f"{self.troubled:,} of {self.of_troubled:,} {self.who} share {what}, as do "
            f"{self.devices:,} of {all_devices}: {self.lift:.1f} times the usual rate.{steps}"
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """The devices in trouble that share some attributes, and how much others lack them."""

    cause: Cause
    members: frozenset[int]
    fit: float  # the part of the troubled that has them, less the part of the healthy that has
    luck: float  # how often chance alone would bring that about


def causes(devices: Sequence[NightDevice], findings: Iterable[Finding]) -> list[Cause]:
    """What devices in trouble share, the best explanation first.

    Nothing is claimed of few cases, or of what most devices have. `devices` are those that were
    checked. No two causes say the same of the same devices: of two attributes only one is named,
    unless both together leave out more healthy devices than either.
    """
    trouble: dict[tuple[str, str, str | None], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.kind.record.trouble:
            trouble[finding.site, finding.connection, finding.device].append(finding)
    found = [trouble.get((s.site, s.connection, s.device), []) for s in devices]
    known = [_attributes(s, own) for s, own in zip(devices, found, strict=True)]
    kinds_of = {kind.record.trouble: [kind] for kind in TROUBLES}
    groups: list[_Group] = []
    for who, kinds in (kinds_of | {EVERY: TROUBLES}).items():
        troubled = frozenset(
            i for i, own in enumerate(found) if any(finding.kind in kinds for finding in own)
        )
        if len(troubled) >= FEW:
            groups += _claimed(who, known, troubled)
    return [group.cause for group in _distinct(groups)]


def _attributes(device: NightDevice, findings: Sequence[Finding]) -> Mapping[str, str]:
    values = (
        device.version or next((f.version for f in findings if f.version), ""),
        device.hardware or next((f.hardware for f in findings if f.hardware), ""),
        device.site,
        device.connection,
        device.failed_step,
    )
    return dict(zip(FIELDS, values, strict=True))


def _claimed(
    who: str, known: Sequence[Mapping[str, str]], troubled: frozenset[int]
) -> list[_Group]:
    groups = {group.cause.attributes: group for group in _groups(who, known, troubled)}
    return sorted((group for group in groups.values() if _is_worth(group, groups)), key=_rank)


def _groups(
    who: str, known: Sequence[Mapping[str, str]], troubled: frozenset[int]
) -> Iterator[_Group]:
    """Every value, and pair of values, that any device in trouble has."""
    for fields in [*combinations(FIELDS, 1), *combinations(FIELDS, 2)]:
        members: dict[Attributes, set[int]] = defaultdict(set)
        everyone: set[int] = set()
        for i, attributes in enumerate(known):
            # No failed step is as good as another; an unknown version is no version.
            if all(attributes[name] or name == STEP for name in fields):
                everyone.add(i)
                members[tuple((name, attributes[name]) for name in fields)].add(i)
        for shared, devices in members.items():
            ill = troubled & devices
            if ill and all(value for _, value in shared):
                step, at_step = _step(known[i][STEP] for i in ill)
                is_apart = STEP not in fields and 2 * at_step >= len(ill)
                counts = (len(ill), len(troubled), len(devices), len(everyone), len(known))
                cause = Cause(who, shared, *counts, *((step, at_step) if is_apart else ()))
                all_ill = len(troubled & everyone)
                healthy = (len(devices) - len(ill)) / max(1, len(everyone) - all_ill)
                luck = _luck(len(ill), all_ill, len(devices), len(everyone))
                yield _Group(cause, ill, cause.share - healthy, luck)


def _luck(ill: int, all_ill: int, devices: int, everyone: int) -> float:
    """How often so many, or more, of the troubled were among those devices by chance alone."""

    def ways(of: int, chosen: int) -> float:
        return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)

    healthy, total = everyone - devices, ways(everyone, all_ill)
    possible = range(max(ill, all_ill - healthy), min(devices, all_ill) + 1)
    return sum(exp(ways(devices, n) + ways(healthy, all_ill - n) - total) for n in possible)


def _step(steps: Iterable[str]) -> tuple[str, int]:
    """The step at which most failed, and how many that is."""
    counts = Counter(filter(None, steps))
    return min(counts.items(), key=lambda each: (-each[1], each[0]), default=("", 0))


def _is_worth(group: _Group, groups: Mapping[Attributes, _Group]) -> bool:
    cause = group.cause
    if cause.troubled < FEW or group.luck > LUCK:
        return False
    if cause.share < LEAST_SHARE or cause.lift < LEAST_LIFT:
        return False
    parts = [groups[(part,)] for part in cause.attributes] if len(cause.attributes) > 1 else []
    return all(group.fit > part.fit + 1e-9 for part in parts)


def _rank(group: _Group) -> tuple[bool, float, int, Attributes]:
    """The best first. A failed step is last: who has one is in trouble, which explains nothing."""
    attributes = group.cause.attributes
    has_step = any(name == STEP for name, _ in attributes)
    order = tuple((str(FIELDS.index(name)), value) for name, value in attributes)
    return has_step, -round(group.fit, 9), len(attributes), order


def _distinct(groups: Iterable[_Group]) -> list[_Group]:
    """Those that say something else, or of other devices, than all before them."""
    distinct: list[_Group] = []
    for group in groups:
        if not any(_is_alike(group, other) for other in distinct):
            distinct.append(group)
    return distinct


def _is_alike(one: _Group, other: _Group) -> bool:
    if len(one.members & other.members) / len(one.members | other.members) >= SAME:
        return True
    is_same_trouble = EVERY in (one.cause.who, other.cause.who) or one.cause.who == other.cause.who
    return is_same_trouble and bool({*one.cause.attributes} & {*other.cause.attributes})
