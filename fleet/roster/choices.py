"""Choices: what whoever reads a roster has said about it."""

from dataclasses import dataclass

from fleet.roster.repair import NO_REPAIRS, Acceptance


@dataclass(frozen=True)
class Choices:
    """`accept_repairs` says which repairs of damaged cells may be used: none unless told."""

    accept_repairs: Acceptance = NO_REPAIRS


NO_CHOICES = Choices()
