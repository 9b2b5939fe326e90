"""The roster that the ledger remembers: every device of a site, as it was last listed."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from fleet.device import Device
from fleet.kept import Kept
from fleet.standing import State
from ledger.engine import reading
from ledger.tables import DeviceRow

Facts = dict[str, object]


def devices(engine: Engine, site: str, scope: str) -> tuple[Device, ...]:
    """The devices of `site` in `scope`, by name; () when there never were any."""
    return tuple(each.device for each in remembered(engine, scope) if each.site == site)


def remembered(engine: Engine, scope: str | None = None) -> list[Kept]:
    """Every device in `scope` (None: anywhere), by site and name."""
    wanted = select(DeviceRow)
    if scope is not None:
        wanted = wanted.where(DeviceRow.scope == scope)
    with reading(engine) as session:
        rows = session.exec(wanted.order_by(col(DeviceRow.site), col(DeviceRow.name)))
        return [kept(row) for row in rows]


def list_devices(
    engine: Engine,
    site: str,
    names: Mapping[tuple[str, str], Iterable[str]],
    is_whole_site: bool,
    *,
    is_by_hand: bool = False,
    activates_itself: bool = False,
) -> None:
    """Write down how each device was ordered; `names` go by (scope, connection).

    Where that is the site's whole roster, all its other devices are on none from now on.
    """
    ordered: Facts = {
        "is_listed": True,
        "is_by_hand": is_by_hand,
        "activates_itself": activates_itself,
    }
    wanted = {
        (scope, name): ordered | {"connection": connection}
        for (scope, connection), all_ in names.items()
        for name in all_
    }
    with Session(engine) as session, session.begin():
        rows = session.exec(select(DeviceRow).where(DeviceRow.site == site)).all()
        changed = [_listed(row, wanted, is_whole_site) for row in rows]
        if new := [row for row in changed if row]:
            session.execute(update(DeviceRow), new)


def _listed(
    row: DeviceRow, wanted: Mapping[tuple[str, str], Facts], is_whole_site: bool
) -> Facts | None:
    """What is to be written of a device anew; None when nothing is."""
    facts = wanted.get((row.scope, row.name), {"is_listed": False} if is_whole_site else {})
    if all(getattr(row, name) == value for name, value in facts.items()):
        return None
    return {"scope": row.scope, "site": row.site, "name": row.name} | facts


def kept(row: DeviceRow) -> Kept:
    """What a row keeps of its device."""
    return Kept(
        site=row.site,
        scope=row.scope,
        connection=row.connection,
        device=Device(
            name=row.name,
            host_id=row.host_id,
            macs=tuple(row.macs.split()),
            zero_touch=row.zero_touch,
        ),
        state=State(row.state),
        is_listed=row.is_listed,
        confirmed_as=row.confirmed_as,
        changed_at=row.changed_at,
        is_by_hand=row.is_by_hand,
        activates_itself=row.activates_itself,
    )
