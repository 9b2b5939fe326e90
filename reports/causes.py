"""Causes: what devices in trouble have in common, and other devices have not."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from fleet.finding import Finding, Kind
from reports.night_facts import Stood
from reports.wording import legible

TROUBLE = frozenset({Kind.FAILED, Kind.STUCK, Kind.PENDING, Kind.LOST, Kind.GONE, Kind.ENDED})
FEW = 5  # fewer devices in trouble have something in common by chance
LEAST_SHARE, LEAST_LIFT = 0.5, 1.5
SAME = 0.8  # of the devices: two causes that tell of so many together tell of the same ones

STEP = "failed step"
FIELDS = ("version", "hardware", "site", "connection", STEP)
Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """One or two attributes that `troubled` of `of_troubled` devices in trouble have.

    `devices` of all `of_devices` have them, healthy or not: of all of which it is known. Most of
    the former failed at the step `step`, namely `at_step` of them; "" when there is no such step.
    """

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
        """How many times as often it is had by devices in trouble as by all."""
        return self.share / self.usual

    @property
    def told(self) -> str:
        """All of it in a sentence."""
        what = " and ".join(f"{name} {legible(value)}" for name, value in self.attributes)
        is_known = self.of_devices == self.all_devices
        of_which = "" if is_known else " of which it is known"
        steps = f" {self.at_step:,} of them failed at {legible(self.step)}." if self.step else ""
        return (
            f"{self.troubled:,} of {self.of_troubled:,} devices in trouble share {what}; "
            f"{self.devices:,} of all {self.of_devices:,} devices{of_which} do: "
            f"{self.lift:.1f} times as often as among all.{steps}"
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """The devices in trouble that share some attributes, and how well that tells them apart."""

    cause: Cause
    members: frozenset[int]
    fit: float  # the part of the troubled that has them, less the part of the healthy that has


def causes(stood: Sequence[Stood], findings: Iterable[Finding]) -> list[Cause]:
    """What is claimed, the best first; nothing of few cases, or of what is common anyway.

    `stood` are the devices that were checked. No two causes tell the same of the same devices: of
    two attributes one is told, unless both together leave out more healthy devices than either.
    """
    troubles = {(f.site, f.connection, f.device): f for f in findings if f.kind in TROUBLE}
    found = [troubles.get((s.site, s.connection, s.device)) for s in stood]
    troubled = frozenset(i for i, finding in enumerate(found) if finding)
    if len(troubled) < FEW:
        return []
    known = [_attributes(s, finding) for s, finding in zip(stood, found, strict=True)]
    groups = {group.cause.attributes: group for group in _groups(known, troubled)}
    worth = [group for group in groups.values() if _is_worth(group, groups)]
    return [group.cause for group in _distinct(sorted(worth, key=_rank))]


def _attributes(stood: Stood, finding: Finding | None) -> Mapping[str, str]:
    values = (
        stood.version or (finding.version if finding else ""),
        stood.hardware or (finding.hardware if finding else ""),
        stood.site,
        stood.connection,
        stood.failed_step,
    )
    return dict(zip(FIELDS, values, strict=True))


def _groups(known: list[Mapping[str, str]], troubled: frozenset[int]) -> Iterator[_Group]:
    """Every value, and pair of values, that any device in trouble has."""
    for fields in [*combinations(FIELDS, 1), *combinations(FIELDS, 2)]:
        members: dict[Attributes, set[int]] = defaultdict(set)
        total = total_troubled = 0
        for i, attributes in enumerate(known):
            # No failed step is as good as another; an unknown version is no version.
            if all(attributes[name] or name == STEP for name in fields):
                total += 1
                total_troubled += i in troubled
                members[tuple((name, attributes[name]) for name in fields)].add(i)
        for shared, devices in members.items():
            ill = troubled & devices
            if ill and all(value for _, value in shared):
                step, at_step = _step(known[i][STEP] for i in ill)
                is_apart = STEP not in fields and 2 * at_step >= len(ill)
                counts = (len(ill), len(troubled), len(devices), total, len(known))
                cause = Cause(shared, *counts, *((step, at_step) if is_apart else ()))
                healthy = (len(devices) - len(ill)) / max(1, total - total_troubled)
                yield _Group(cause, ill, cause.share - healthy)


def _step(steps: Iterable[str]) -> tuple[str, int]:
    """The step at which most failed, and how many that is."""
    counts = Counter(filter(None, steps))
    return min(counts.items(), key=lambda each: (-each[1], each[0]), default=("", 0))


def _is_worth(group: _Group, groups: Mapping[Attributes, _Group]) -> bool:
    cause = group.cause
    if cause.share < LEAST_SHARE or cause.lift < LEAST_LIFT or cause.devices == cause.of_devices:
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
    """Those that tell of other devices, by other attributes, than all before them."""
    kept: list[_Group] = []
    for group in groups:
        if not any(_is_alike(group, other) for other in kept):
            kept.append(group)
    return kept


def _is_alike(one: _Group, other: _Group) -> bool:
    shared = set(one.cause.attributes) & set(other.cause.attributes)
    overlap = len(one.members & other.members) / len(one.members | other.members)
    return bool(shared) or overlap >= SAME
