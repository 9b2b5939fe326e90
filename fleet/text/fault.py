"""A fault: what is wrong with one place in a roster, and how to correct it."""

from dataclasses import dataclass, field

from fleet.text.expected import ExpectedError
from fleet.text.place import Place


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell (or line) of a roster that cannot be used; `device` is the name its line gives.

    `letters` are those of the cell's column in a spreadsheet, such as C. Shown, for example, as:
    "line 4, column mac: '00:1a' is not a MAC address. Write six pairs …", or in a workbook
    "Devices!C4, column mac: …". `cause` is the problem as it is said once for all lines that have
    it, where `problem` differs from line to line.
    """

    line: Place
    column: str
    value: str
    problem: str
    remedy: str
    device: str = ""
    letters: str = field(default="", compare=False)
    cause: str = field(default="", compare=False)

    def __str__(self) -> str:
        where = self.line.cell(self.letters) + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.problem}. {self.remedy}"


class UnusableRoster(ExpectedError):
    """The roster as a whole cannot be used; the message says why and what to do."""
