"""A repair: what a damaged cell most likely said, and whether a person said that it may be used.

A proposal never acts by itself: its line is not used until the repair is accepted.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from fleet.text.expected import ExpectedError
from fleet.text.place import Place

LINE = "line"  # what a repair of a whole line is called where columns are named


@dataclass(frozen=True, slots=True)
class Repair:
    """One cell (or line) as it was read, and what would be used for it; "" is nothing.

    `column` is the field's name, `letters` those of the cell's column in a spreadsheet. It is safe
    when what would be used cannot be anything else; else it is a guess. Shown, for example, as:
    "Devices!C14, column host_id: read '1122334455', would use '001122334455', because the cell's
    format shows 12 digits."
    """

    place: Place
    column: str
    letters: str = field(compare=False)
    device: str
    read: str
    use: str
    because: str
    is_safe: bool
    common: str = field(default="", compare=False)

    @property
    def cause(self) -> str:
        """Why, in words that lines have in common where `because` differs from line to line."""
        return self.common or self.because

    @property
    def where(self) -> str:
        """Its cell or line, and its column."""
        cell = self.place.cell(self.letters)
        return f"{cell}, column {self.column}" if self.column else cell

    @property
    def accepted(self) -> str:
        """The sentence of one that was accepted."""
        return f"{self.where}: {self.sentence('used')}"

    def sentence(self, verb: str = "would use") -> str:
        """What was read, what would be used and why, without the place."""
        use = repr(self.use) if self.use else "nothing"
        return f"read {self.read!r}, {verb} {use}, because {self.because}."

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence()}"


HOW = (
    "To use repairs, set *Accept repairs* to safe or all, or say it by column, such as: mac: all, "
    "host_id: none."
)


class Accept(StrEnum):
    """Which repairs are accepted: none, those that are safe, or guesses as well."""

    NONE = "none"
    SAFE = "safe"
    ALL = "all"


class UnusableAcceptance(ExpectedError):
    """A text does not say which repairs are accepted."""


@dataclass(frozen=True)
class Acceptance:
    """Which repairs a person accepted: by column, and in all others."""

    others: Accept = Accept.NONE
    by_column: tuple[tuple[str, Accept], ...] = field(default=())

    def takes(self, repair: Repair) -> bool:
        """Whether the repair was accepted."""
        accept = dict(self.by_column).get(repair.column or LINE, self.others)
        return accept is Accept.ALL or (accept is Accept.SAFE and repair.is_safe)

    @classmethod
    def of(cls, text: str) -> Self:
        """What "safe" says, or "mac: all, host_id: none"; UnusableAcceptance for anything else."""
        others, by_column = Accept.NONE, {}
        for part in filter(str.strip, text.split(",")):
            column, _, word = (each.strip().lower() for each in part.rpartition(":"))
            try:
                accept = Accept(word)
            except ValueError:
                raise UnusableAcceptance(
                    f"{part.strip()!r} does not say which repairs are accepted. Say none, safe or "
                    "all, or a column and one of them, such as: mac: all, host_id: none"
                ) from None
            if column:
                by_column[column] = accept
            else:
                others = accept
        return cls(others, tuple(by_column.items()))


NO_REPAIRS = Acceptance()
