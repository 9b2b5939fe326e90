"""Ordered: as what a device was ordered that people must approve, whatever its line says since."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from fleet.admission.evidence import canonical
from fleet.device.identity import Identity


class Identified(Protocol):
    """A row, or a part of one, that has a device's identity."""

    @property
    def host_id(self) -> str | None:
        """In the case it is printed in."""

    @property
    def macs(self) -> str:
        """Separated by spaces."""

    @property
    def ordered_as(self) -> str | None:
        """JSON: the traits of its lines while people had to approve it."""

    @property
    def admitted_host_id(self) -> str | None:
        """What it showed when it was admitted."""

    @property
    def admitted_macs(self) -> str | None:
        """What it showed then, separated by spaces."""


def traits_of(row: Identified) -> frozenset[str]:
    """What the device of a row shows: {"host id 43e210471948", "MAC 02:df:39:32:24:99"}."""
    return _traits(row.host_id, row.macs)


def ordered_as(row: Identified) -> frozenset[str]:
    """What its lines said while people had to approve it, and what it was admitted as."""
    shown = _traits(row.admitted_host_id, row.admitted_macs or "")
    return shown | frozenset(json.loads(row.ordered_as or "[]"))


def with_traits(row: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    """What `ordered_as` is once `facts` are written into a row; nothing is forgotten of it."""
    new = {**row, **facts}
    if not new.get("is_by_people"):
        return None
    known = frozenset(json.loads(row.get("ordered_as") or "[]"))
    for each in (row, new):
        known |= _traits(each.get("host_id"), each.get("macs") or "")
    return canonical(sorted(known)) if known else None


def all_traits(row: Mapping[str, Any]) -> frozenset[str]:
    """What the device of a row shows or was ordered as."""
    known = frozenset(json.loads(row.get("ordered_as") or "[]"))
    known |= _traits(row.get("admitted_host_id"), row.get("admitted_macs") or "")
    return known | _traits(row.get("host_id"), row.get("macs") or "")


def _traits(host_id: str | None, macs: str) -> frozenset[str]:
    return Identity(host_id.lower() if host_id else None, frozenset(macs.split())).traits()
