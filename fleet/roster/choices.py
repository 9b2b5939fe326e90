"""Choices: what whoever reads a roster has said about it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from fleet.roster.repair import NO_REPAIRS, Acceptance
from fleet.roster.synonyms import compact
from fleet.text.expected import ExpectedError

FIELDS = (
    "device",
    "host_id",
    "mac",
    "zero_touch",
    "connection",
    "site",
    "label",
    "serial",
    "notes",
)
AUTO = "auto"
_NOTHING = MappingProxyType[str, str]({})


class UnknownField(ExpectedError):
    """A column is to be used as something that a roster has not."""


@dataclass(frozen=True)
class Choices:
    """`accept_repairs` says which repairs of damaged cells may be used: none unless told.

    `columns` says of a header which field it is: {"Asset tag": "device", "Location": ""}. "" is
    for a column that is not to be used, "device, mac" for one that is two things, and "auto" for
    one that is to be read as if nothing had been chosen. `remembered` says the same as it was
    chosen on an earlier run; `columns` come first.
    """

    accept_repairs: Acceptance = NO_REPAIRS
    columns: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    remembered: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __post_init__(self) -> None:
        for header, said in self.columns.items():
            known = {*FIELDS} if _fields(said) != (AUTO,) else {AUTO}
            if unknown := [name for name in _fields(said) if name not in known]:
                raise UnknownField(
                    f"Column {header!r} cannot be used as {unknown[0]!r}. Use one of "
                    f"{', '.join(FIELDS)}, nothing for a column that is not to be read, or {AUTO}."
                )

    def fields_of(self, header: str) -> tuple[str, ...]:
        """The fields that were chosen for a column; () where none was, or that it is not used."""
        return self.chosen(header) or ()

    def chosen(self, header: str) -> tuple[str, ...] | None:
        """As above, and None where nothing was chosen for the column."""
        said = self._all.get(_key(header))
        return None if said == (AUTO,) else said

    def is_remembered(self, header: str) -> bool:
        """Whether what was chosen for the column was chosen on an earlier run."""
        return _key(header) not in set(map(_key, self.columns))

    def to_remember(self, headers: Iterable[str]) -> dict[str, str]:
        """What is to be remembered of it, where a roster has these columns."""
        there, again = set(map(_key, headers)), set(map(_key, self.columns))
        before = {each: said for each, said in self.remembered.items() if _key(each) not in again}
        now = {each: said for each, said in self.columns.items() if _key(each) in there}
        return before | {each: said for each, said in now.items() if _fields(said) != (AUTO,)}

    def missing(self, headers: Iterable[str]) -> list[str]:
        """The columns for which something was chosen now, and which are not there."""
        there = set(map(_key, headers))
        return [each for each in self.columns if _key(each) not in there]

    @cached_property
    def _all(self) -> dict[str, tuple[str, ...]]:
        both = [*self.remembered.items(), *self.columns.items()]
        return {_key(header): _fields(said) for header, said in both}


NO_CHOICES = Choices()


def chosen_columns(text: str) -> dict[str, str]:
    """What a form says: *Asset tag = device; Location =*. UnknownField when it says else."""
    parts = [part for part in re.split(r"[;\n]", text) if part.strip()]
    for part in parts:
        if "=" not in part:
            raise UnknownField(
                f"Columns: {part.strip()!r} is not understood. Write header = field, such as: "
                "Asset tag = device; Location ="
            )
    pairs = (part.rsplit("=", 1) for part in parts)
    return {header.strip(): said.strip().lower() for header, said in pairs}


def _key(header: str) -> str:
    """By what a column is known: its letters and digits, or else its signs, such as #."""
    return compact(header) or header.strip()


def _fields(said: str) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[\s,+]+", said.strip().lower()) if name)
