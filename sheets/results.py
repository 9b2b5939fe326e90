"""What came of each line of a sheet, as its marked copy shows it; a check and a run both say it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fleet.roster.checked import status_of
from fleet.roster.draft import Draft
from fleet.roster.repair import LINE, Repair
from fleet.text.fault import Fault
from fleet.text.place import Place
from fleet.text.sentences import sentences

MOST_TEXT = 2000  # characters of one cell


@dataclass(frozen=True, slots=True)
class CellNote:
    """What is to be said at a cell, whose column has these `letters`; a repair waits for a yes."""

    letters: str
    text: str
    is_repair: bool = False


@dataclass(frozen=True, slots=True)
class LineResult:
    """What is to be said of the line at `place`; each text may be empty."""

    place: Place
    status: str
    reason: str = ""
    proposed: str = ""
    device_id: str = ""
    cells: tuple[CellNote, ...] = ()

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """One for each column that a marked copy adds."""
        return self.status, self.reason[:MOST_TEXT], self.proposed[:MOST_TEXT], self.device_id


def of_check(draft: Draft) -> LineResult:
    """What a check says of a line."""
    said = [(each.column, fault_text(each)) for each in draft.faults]
    said += [(each.column, _accepted_text(each)) for each in draft.repaired]
    said += [(each.column, _repair_text(each)) for each in draft.proposed]
    return LineResult(
        draft.place,
        status_of(draft),
        " ".join(f"{column}: {text}" if column else text for column, text in said),
        proposals(draft.proposed),
        cells=(*fault_notes(draft.faults), *repair_notes(draft.proposed)),
    )


def fault_text(fault: Fault) -> str:
    """What is wrong, and its remedy, without its place: lines are moved."""
    return sentences([fault.problem, fault.remedy])


def _repair_text(repair: Repair) -> str:
    return f"would use {repair.use or 'nothing'}, because {repair.because}."


def _accepted_text(repair: Repair) -> str:
    return f"used {repair.use or 'nothing'}, because {repair.because}."


def proposals(repairs: Iterable[Repair]) -> str:
    """What would be used, by column."""
    return "; ".join(f"{each.column or LINE}: {each.use or 'nothing'}" for each in repairs)


def fault_notes(faults: Iterable[Fault]) -> Iterator[CellNote]:
    """What each fault says at its cell; those of a whole line have none."""
    return (CellNote(each.letters, fault_text(each)) for each in faults if each.letters)


def repair_notes(repairs: Iterable[Repair]) -> Iterator[CellNote]:
    """What each repair says at its cell."""
    return (
        CellNote(each.letters, _repair_text(each), is_repair=True)
        for each in repairs
        if each.letters
    )
