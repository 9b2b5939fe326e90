"""A fault: what is wrong with one place in a roster, and how to correct it."""

from dataclasses import dataclass

from fleet.text.expected import ExpectedError


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell (or line) of a roster that cannot be used; `device` is the name its line gives.

    Shown, for example, as: "line 4, column mac: '00:1a' is not a MAC address. Write six pairs …"
    """

    line: int
    column: str
    value: str
    problem: str
    remedy: str
    device: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.problem}. {self.remedy}"


class UnusableRoster(ExpectedError):
    """The roster as a whole cannot be used; the message says why and what to do."""
