"""Devices: every device of every site, how it was ordered, and its status when last observed."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, update
from sqlmodel import Session, SQLModel, col, select

from fleet.action.action import Approve, Confirm
from fleet.device.device import Device
from fleet.device.request import Progress
from fleet.planning.assess import Assessment
from fleet.state.admitted import Admitted, seen_in_service
from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from fleet.status.status import DeviceStatus
from ledger.database.engine import one_moment, reading, writing
from ledger.database.tables import DeviceRow
from ledger.keys.places import DEVICES, Place, check, check_all, locked, note, scopes_of
from ledger.keys.record_keys import RecordKeys
from ledger.keys.rollback import check_not_behind
from ledger.state.admitted import ADMITTED, admitted_of, facts_of
from ledger.state.claims import Claim, check_held
from ledger.state.ordered import all_traits, ordered_as, traits_of, with_traits

Facts = dict[str, Any]
Row = dict[str, Any]
Relaxing = Callable[[Session, Sequence[tuple[str, str]]], None]  # of which (scope, device)
_FACTS = (
    "name",
    "host_id",
    "macs",
    "zero_touch",
    "state",
    "reason",
    "request_key",
    "asked_at",
    "provisioned_at",
    "ordered_as",
    *ADMITTED,
)
_TABLE = SQLModel.metadata.tables["device"]


class Devices:
    """The devices that this ledger has, such as edge-042 of plant-7."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def names(self) -> dict[str, list[str]]:
        """The names of all devices that the ledger has, by site, whichever their system."""
        found: dict[str, list[str]] = defaultdict(list)
        with reading(self._engine) as session:
            each = select(DeviceRow.site, DeviceRow.name).distinct()
            for site, name in session.exec(each.order_by(col(DeviceRow.site), col(DeviceRow.name))):
                found[site].append(name)
        return found

    def of_site(self, site: str, scope: str) -> tuple[Device, ...]:
        """The devices of `site` in `scope`, by name; () when there never were any."""
        return tuple(each.device for each in self.remembered(scope) if each.site == site)

    def named(self, site: str, state: State) -> list[str]:
        """The names of the site's devices that were in that state when last observed."""
        return [e.device.name for e in self.remembered() if e.site == site and e.state is state]

    def remembered(self, scope: str | None = None) -> list[DeviceRecord]:
        """Every device in `scope` (None: anywhere), by site and name; raises DoesNotHold."""
        wanted = select(DeviceRow)
        if scope is not None:
            wanted = wanted.where(DeviceRow.scope == scope)
        keys = RecordKeys.load()
        with reading(one_moment(self._engine)) as session:
            check_not_behind(session, keys)
            found = session.exec(wanted.order_by(col(DeviceRow.site), col(DeviceRow.name)))
            rows = [*keys.checked(DeviceRow, found)]
            macs: dict[Place, list[str]] = defaultdict(list)
            for row in rows:
                macs[row.site, row.scope].append(str(row.mac))
            check_all(session, keys, DEVICES, macs, scope)
            return [record(row) for row in rows]

    def list_as_ordered(
        self,
        site: str,
        names: Mapping[tuple[str, str], Iterable[str]],
        is_whole_site: bool,
        *,
        relaxing: Relaxing,
        is_by_people: bool | None = None,
        activates_itself: bool | None = False,
    ) -> None:
        """Record how each device was ordered; `names` go by (scope, connection).

        Where that is the site's whole roster, its other devices are no longer on one. With
        `is_by_people` or `activates_itself` None, that stays as it was ordered before; the former
        in whichever scope that was. With False, people need not approve either what the site
        ordered as the same device under another name. `relaxing` records which need no person's
        approval any more, in the same transaction.
        """
        ordered: Facts = {"is_listed": True}
        if activates_itself is not None:
            ordered["activates_itself"] = activates_itself
        wanted = {
            (scope, name): ordered | {"connection": connection}
            for (scope, connection), all_ in names.items()
            for name in all_
        }
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            site_places = [
                _Locked.of(session, keys, Claim(site, scope))
                for scope in scopes_of(session, keys, site)
            ]
            rows = [row for each in site_places for row in each.rows]
            before = {row["name"] for row in rows if row["is_by_people"]}
            by_people = {
                name: name in before if is_by_people is None else is_by_people for _, name in wanted
            }
            same = _same(rows, by_people.keys()) if is_by_people is False else []
            by_people |= dict.fromkeys((name for _, name in same), False)
            freed = [key for key in wanted if key[1] in before and not by_people[key[1]]]
            relaxing(session, [*freed, *same])
            changed = [_listed(row, wanted, is_whole_site, by_people) for row in rows]
            new = [
                _keyed(keys, row, facts) for row, facts in zip(rows, changed, strict=True) if facts
            ]
            for each in site_places:
                each.update([row for row in new if row["scope"] == each.scope])

    def save(self, claim: Claim, assessment: Assessment, now: datetime) -> None:
        """Save every status that differs from the saved one."""
        key = {"scope": claim.scope, "site": claim.site}
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            here = _Locked.of(session, keys, claim)
            written = {row["name"]: row for row in here.rows}
            found = {
                s.device.name: _facts(s, written.get(s.device.name, {}))
                for s in assessment.statuses
            }
            rows = {
                name: _keyed(keys, written.get(name, key), facts | {"changed_at": now})
                for name, facts in found.items()
                if name not in written or any(written[name][each] != facts[each] for each in _FACTS)
            }
            if new := [row for name, row in rows.items() if name not in written]:
                session.execute(insert(DeviceRow), new)
            here.update([row for name, row in rows.items() if name in written], new)

    def admit(self, claim: Claim, approved: Iterable[Approve]) -> None:
        """Record as whom devices are about to be admitted: what each request shows.

        Raises ClaimLost when this run may not act any more: the record is then another run's.
        """
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            check_held(session, claim)
            here = _Locked.of(session, keys, claim)
            written = {row["name"]: row for row in here.rows}
            here.update(
                [_keyed(keys, written[each.device.name], _admission(each)) for each in approved]
            )

    def confirm(self, claim: Claim, confirmed: Iterable[Confirm], now: datetime) -> None:
        """Record devices as being in service."""
        key = {"scope": claim.scope, "site": claim.site}
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            here = _Locked.of(session, keys, claim)
            written = {row["name"]: row for row in here.rows}
            here.update(
                [
                    _keyed(keys, written.get(action.device.name, key), _confirmation(action, now))
                    for action in confirmed
                ]
            )


def _admission(action: Approve) -> Facts:
    request = action.request
    return {"name": action.device.name} | facts_of(Admitted(request.key, request.identity))


def _confirmation(action: Confirm, now: datetime) -> Facts:
    return {
        "name": action.device.name,
        "confirmed_as": action.request.device_id,
        "confirmed_at": now,
        "changed_at": now,
    }


@dataclass(frozen=True, slots=True)
class _Locked:
    """The devices of a site and scope, which nobody else changes until this transaction ends."""

    session: Session
    keys: RecordKeys
    scope: str
    noted: Facts
    rows: list[Row]

    @classmethod
    def of(cls, session: Session, keys: RecordKeys, claim: Claim) -> "_Locked":
        """Read them, in one order for everybody; DoesNotHold where one does not, or is missing."""
        place = (claim.site, claim.scope)
        noted = locked(session, keys, DEVICES, place)
        mine = _TABLE.c.site == claim.site, _TABLE.c.scope == claim.scope
        rows = _TABLE.select().where(*mine).order_by(_TABLE.c.name).with_for_update()
        found = [dict(row) for row in session.execute(rows).mappings()]
        for row in found:
            keys.check("device", row)
        check(DEVICES, place, noted, (row["mac"] for row in found))
        return cls(session, keys, claim.scope, noted, found)

    def update(self, changed: Sequence[Facts], added: Sequence[Facts] = ()) -> None:
        """Write what changed of them, and note what there is then, with those that were added."""
        if changed:
            self.session.execute(update(DeviceRow), changed)
        if changed or added:
            macs = {row["name"]: row["mac"] for row in (*self.rows, *changed, *added)}
            note(self.session, self.keys, DEVICES, self.noted, macs.values())


def _keyed(keys: RecordKeys, row: Row, facts: Facts) -> Facts:
    """The key of a device's row, what changes in it, and the MAC of what it then is."""
    key = {name: row[name] for name in ("scope", "site")} | {
        "name": facts.get("name", row.get("name"))
    }
    mac = keys.keyed(DeviceRow, row | facts)["mac"]
    return key | facts | {"mac": mac}


def _listed(
    row: Row,
    wanted: Mapping[tuple[str, str], Facts],
    is_whole_site: bool,
    by_people: Mapping[str, bool],
) -> Facts | None:
    """What changes in a device's row; None when nothing does."""
    facts = wanted.get((row["scope"], row["name"]), {"is_listed": False} if is_whole_site else {})
    if row["name"] in by_people:  # in every scope, so that none keeps what was ordered before
        facts = facts | {"is_by_people": by_people[row["name"]]}
        facts |= {"ordered_as": with_traits(row, facts)}
    return None if all(row[name] == value for name, value in facts.items()) else facts


def _same(rows: Iterable[Row], names: Collection[str]) -> list[tuple[str, str]]:
    """Each (scope, device) that people must approve and that is one of `names` by its identity."""
    traits = {it for row in rows if row["name"] in names for it in all_traits(row)}
    return [
        (row["scope"], row["name"])
        for row in rows
        if row["is_by_people"] and row["name"] not in names and all_traits(row) & traits
    ]


def record(row: DeviceRow) -> DeviceRecord:
    """The device record that a row holds.

    What an earlier release took for an identity is kept as it is: it matches no request.
    """
    return DeviceRecord(
        site=row.site,
        scope=row.scope,
        connection=row.connection,
        device=Device.model_construct(
            name=row.name,
            host_id=row.host_id,
            macs=tuple(row.macs.split()),
            zero_touch=row.zero_touch,
        ),
        state=State(row.state),
        is_listed=row.is_listed,
        confirmed_as=row.confirmed_as,
        changed_at=row.changed_at,
        is_by_people=row.is_by_people,
        activates_itself=row.activates_itself,
        traits=traits_of(row) | ordered_as(row) if row.is_by_people else frozenset(),
    )


def _facts(status: DeviceStatus, written: dict[str, Any]) -> dict[str, Any]:
    """What to write of one device; a time that is known is never forgotten."""
    device, request = status.device, status.request
    times = [step.at for step in request.steps if step.at] if request else []
    identity = {"host_id": device.host_id, "macs": " ".join(device.macs)}
    is_provisioned = request is not None and request.progress is Progress.PROVISIONED
    provisioned_at = max(times, default=None) if is_provisioned else None
    return {
        "name": device.name,
        **identity,
        "zero_touch": device.zero_touch,
        "ordered_as": with_traits(written, identity),
        "state": status.state.value,
        "reason": status.reason,
        "request_key": request.key if request else None,
        "asked_at": (request.asked_at if request else None) or written.get("asked_at"),
        "provisioned_at": provisioned_at or written.get("provisioned_at"),
        **facts_of(_admitted(status, written)),
    }


def _admitted(status: DeviceStatus, written: Mapping[str, Any]) -> Admitted | None:
    """As whom a device was admitted; one that is first seen in service counts from then on."""
    past, request = admitted_of(*(written.get(name) for name in ADMITTED)), status.request
    if status.state is not State.IN_SERVICE or request is None:
        return past
    return seen_in_service(past, status.device.identity, request)
