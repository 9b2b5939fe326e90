"""A fault: what is wrong with one place in a roster, and how to mend it."""

from dataclasses import dataclass

from fleet.text.expected import ExpectedError


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell (or line) of a roster that cannot be used; `device` is the name its line gives."""

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
