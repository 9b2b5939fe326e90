"""What a cell says in its field, and why that is not what it says to the letter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fleet.roster.absent import is_absent, names_nothing
from fleet.roster.cells import connection_in, name_in, profile_in
from fleet.roster.device_name import RULE, device_name
from fleet.roster.repair_text import SAFE, Cause, Causes, cleaned, without_end

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """What one cell says, None for nothing, and its causes to be used otherwise than it says.

    `is_by_rule` says that the rule for names made it of what the cell says.
    """

    value: T | None
    causes: Causes = ()
    is_by_rule: bool = False


@dataclass(frozen=True)
class CellRepair:
    """A repair of one of a line's cells, before it is known what its other cells say."""

    column: str
    index: int
    read: str
    use: str
    causes: Causes

    @property
    def because(self) -> str:
        """Why, once for each cause."""
        return "; ".join(dict.fromkeys(cause.why for cause in self.causes))

    def is_safe(self, is_identified: bool) -> bool:
        """Whether it is, on a line that says (or not) which machine its device is."""
        causes = (cause.is_safe for cause in self.causes)
        return all(is_identified if safe is None else safe for safe in causes)


def read_name(text: str) -> Found[str]:
    """The device's name, or the one that the rule makes of it; ValueError when there is none."""
    plain, causes = cleaned(text)
    if _is_name(plain):
        return Found(plain, causes)
    bare, end = without_end(plain)
    made = device_name(bare)
    if _is_name(bare) or names_nothing(bare) or not made:
        return Found(name_in(bare), causes + end)
    return Found(name_in(made), (*causes, Cause(RULE)), is_by_rule=True)


def read_profile(text: str) -> Found[str]:
    """The zero-touch profile, unless there is none; ValueError when it cannot be one."""
    return _optional(text, profile_in)


def read_connection(text: str) -> Found[str]:
    """The connection, unless it is that of the run; ValueError when it cannot be one."""
    return _optional(text, connection_in)


def as_shown(text: str, shown: str) -> tuple[str, Causes]:
    """What the spreadsheet shows instead of a number, such as 001122334455 for 1122334455."""
    if shown in {"", text}:
        return text, ()
    what = f"{len(shown)} digits" if shown.isdecimal() else repr(shown)
    return shown, (Cause(f"the cell's format shows {what}", SAFE),)


def joined(values: Sequence[str]) -> str:
    """Values as a repair shows them."""
    return " ".join(values)


def _optional(text: str, reader: Callable[[str], str]) -> Found[str]:
    plain, causes = cleaned(text)
    if not plain or is_absent(plain):
        return Found(None, (*causes, Cause("it says that there is none", SAFE)))
    return Found(reader(plain), causes)


def _is_name(text: str) -> bool:
    try:
        return bool(name_in(text))
    except ValueError:
        return False
