"""What is wrong with lines, for people: what has one cause is said once, with its lines."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fleet.roster.repair import Repair
from fleet.roster.roster import Roster
from fleet.text.fault import Fault

_NAMED = 10
_MOST = 50
Each = TypeVar("Each", Fault, Repair)


@dataclass(frozen=True)
class Shared(Generic[Each]):
    """One cause: the first that has it, the cells or lines that have it, and its sentence."""

    first: Each
    where: tuple[str, ...]
    reason: str

    @property
    def places(self) -> str:
        """The first ten cells or lines, and how many more there are."""
        return places(self.where)

    def __str__(self) -> str:
        column = f", column {self.first.column}" if self.first.column else ""
        return f"{self.places}{column}: {self.reason}"


def places(where: Sequence[str]) -> str:
    """The first ten of them: "lines 2, 3 and 2,990 more", "Devices!C14, Devices!C15"."""
    more = len(where) - _NAMED
    first = ", ".join(where[:_NAMED])
    if len(where) > 1 and first.startswith("line "):
        first = f"lines {first.replace('line ', '')}"
    return first + (f" and {more:,} more" if more > 0 else "")


def faults_by_cause(faults: Iterable[Fault]) -> list[Shared[Fault]]:
    """Each cause of faults once, in the order of its first line."""
    return [
        Shared(
            group[0],
            tuple(fault.line.cell(fault.letters) for fault in group),
            f"{(group[0].cause if len(group) > 1 else '') or group[0].problem}. {group[0].remedy}",
        )
        for group in _grouped(faults, lambda f: (f.column, f.cause or f.problem, f.remedy))
    ]


def repairs_by_cause(repairs: Iterable[Repair], verb: str = "would use") -> list[Shared[Repair]]:
    """Each cause of repairs once, in the order of its first line; `verb` may be "used"."""
    return [
        Shared(
            group[0],
            tuple(repair.place.cell(repair.letters) for repair in group),
            ("such as " if len({each.sentence() for each in group}) > 1 else "")
            + group[0].sentence(verb),
        )
        for group in _grouped(repairs, lambda r: (r.column, r.cause, r.is_safe, not r.use))
    ]


def equal_repairs(repairs: Iterable[Repair], sheet: str = "") -> list[Shared[Repair]]:
    """Repairs that read and use the same together, and no others; guesses first.

    Cells of `sheet` do not name it, here and in `equal_faults`.
    """
    groups = _grouped(repairs, lambda r: (r.column, r.because, r.is_safe, *_said(r)))
    found = [
        Shared(
            group[0],
            tuple(repair.place.cell(repair.letters, sheet) for repair in group),
            group[0].because,
        )
        for group in groups
    ]
    return sorted(found, key=lambda each: each.first.is_safe)


def equal_faults(faults: Iterable[Fault], sheet: str = "") -> list[Shared[Fault]]:
    """Faults of one text and one cause together, and no others."""
    return [
        Shared(
            group[0],
            tuple(dict.fromkeys(fault.line.cell(fault.letters, sheet) for fault in group)),
            (group[0].cause if len(group) > 1 else "") or group[0].problem,
        )
        for group in _grouped(faults, lambda f: (f.column, f.value, f.cause or f.problem, f.remedy))
    ]


def _said(repair: Repair) -> tuple[str, str]:
    return repair.read, repair.use


def listed(roster: Roster) -> str:
    """What keeps lines from being used, as a list; only the first causes of very many."""
    causes = [*faults_by_cause(roster.faults), *repairs_by_cause(roster.proposed)]
    shown = [f"- {each}" for each in causes[:_MOST]]
    more = len(causes) - len(shown)
    return "\n".join([*shown, f"- and {more:,} more"] if more else shown)


def _grouped(found: Iterable[Each], key: Callable[[Each], object]) -> Iterable[list[Each]]:
    groups: dict[object, list[Each]] = {}
    for each in found:
        groups.setdefault(key(each), []).append(each)
    return groups.values()
