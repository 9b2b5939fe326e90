"""A checked roster: what is wrong with each line of a file, before anything is done with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fleet.roster.draft import Draft
from fleet.roster.reading import Reading
from fleet.text.place import letters


class LineStatus(StrEnum):
    """What is to be done about a line: nothing, say yes to a repair, or correct it."""

    OK = "ok"
    REPAIR = "repair"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line as far as it could be read; `where` is its first fault, or where it names its device.

    Empty texts and None stand for what it does not say, or what could not be read.
    """

    name: str
    label: str
    host_id: str | None
    macs: tuple[str, ...]
    site: str
    where: str
    status: LineStatus
    messages: tuple[str, ...]


def checked(reading: Reading) -> Iterator[CheckedLine]:
    """Every line of what was read, in its order."""
    return map(_checked, reading.lines)


def _checked(draft: Draft) -> CheckedLine:
    fault = next(iter(draft.faults), None)
    repair = next(iter(draft.proposed), None)
    first = fault or repair
    return CheckedLine(
        name=draft.name or (first.device if first else ""),
        label=draft.label,
        host_id=draft.host_id,
        macs=draft.macs,
        site=next(iter(draft.texts("site")), ""),
        where=draft.place.cell(first.letters if first else letters(draft.columns["device"][0])),
        status=status_of(draft),
        messages=(*map(str, draft.faults), *map(str, draft.proposed)),
    )


def status_of(draft: Draft) -> LineStatus:
    """A line with a fault is faulty, also if a repair is proposed for another of its cells."""
    if draft.faults:
        return LineStatus.FAULTY
    return LineStatus.REPAIR if draft.proposed else LineStatus.OK
