"""The catalog of changes: what a plan says of each line of a roster, worst first."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.text.tone import Tone


class Change(StrEnum):
    """What becomes of a line when its plan is applied."""

    FAULTY = "faulty"
    REPAIR = "repair"
    CONFLICT = "conflict"
    NOT_CHECKED = "not_checked"
    REVIVE = "revive"
    CREATE = "create"
    UNDER_WAY = "under_way"
    UNCHANGED = "unchanged"

    @property
    def record(self) -> "ChangeRecord":
        """Its record in the catalog."""
        return CHANGES[self]


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One change: its `label`, what it means for people, and whether applying it does something."""

    label: str
    meaning: str
    tone: Tone
    is_work: bool = False


CHANGES = {
    Change.FAULTY: ChangeRecord("faulty", "The line cannot be used. Correct it.", Tone.BAD),
    Change.REPAIR: ChangeRecord(
        "repair",
        "A cell is damaged, and what it most likely said waits for a yes: accept the repairs, or "
        "correct the cell.",
        Tone.WARN,
    ),
    Change.CONFLICT: ChangeRecord(
        "conflict",
        "What the system shows contradicts the line, or a person must decide first.",
        Tone.BAD,
    ),
    Change.NOT_CHECKED: ChangeRecord(
        "not checked", "Its system could not be observed. Plan again.", Tone.WARN
    ),
    Change.REVIVE: ChangeRecord(
        "revive",
        "It was revoked, or somebody else registered it: it is taken over only if *Register again* "
        "says so.",
        Tone.WARN,
        is_work=True,
    ),
    Change.CREATE: ChangeRecord(
        "create", "It is to be brought into service.", Tone.MOVE, is_work=True
    ),
    Change.UNDER_WAY: ChangeRecord(
        "under way", "It is on its way into service, and carried on.", Tone.MOVE, is_work=True
    ),
    Change.UNCHANGED: ChangeRecord("unchanged", "It is in service.", Tone.GOOD),
}
WORST_FIRST = tuple(CHANGES)
