"""Site plans: what was sent for a site and what was planned of it, until it is applied."""

import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from fleet.planning.change import Change
from fleet.planning.site_plan import ID_LENGTH, PlannedLine, SitePlan
from fleet.text.expected import ExpectedError
from ledger.database.engine import changed, reading, writing
from ledger.database.tables import SitePlanRow
from ledger.keys.record_keys import DoesNotHold, RecordKeys

_ID = 12  # the least that names a plan: nobody types all of its hash


class NoPlan(ExpectedError):
    """There is no such plan; the message says what to give."""


@dataclass(frozen=True)
class SavedPlan:
    """A plan with what was sent for it, when a run began to apply it, and when all was done."""

    plan: SitePlan
    sent: str | bytes
    made_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None


def content_hash(sent: str | bytes) -> str:
    """The SHA-256 of what was sent, in hex."""
    return sha256(_bytes(sent)).hexdigest()


class SitePlans:
    """Plans, such as 3f9a61c07be2d514 for plant-7."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, plan: SitePlan, sent: str | bytes, run: str, now: datetime) -> None:
        """Save a plan; one that is saved already, and was not begun, is as of now."""
        keys = RecordKeys.load()
        row = SitePlanRow(
            hash=plan.hash,
            site=plan.site,
            made_at=now,
            run=run,
            is_text=isinstance(sent, str),
            sent=_packed(_bytes(sent)),
            plan=_packed(json.dumps(_facts(plan), ensure_ascii=False).encode()),
        )
        with writing(self._engine) as session:
            there = session.get(SitePlanRow, plan.hash)
            if there is not None and there.begun_at is None:
                session.delete(there)
                session.flush()
            if there is None or there.begun_at is None:
                _sign(keys, row)
                session.add(row)

    def find(self, plan_id: str, site: str) -> SavedPlan:
        """The plan of that id, or hash. NoPlan; DoesNotHold when it was changed in the ledger."""
        with reading(self._engine) as session:
            return _saved(_row(session, plan_id, site))

    def latest(self, site: str) -> SitePlan:
        """The plan that was made last for a site; NoPlan where there is none."""
        newest = select(SitePlanRow).where(SitePlanRow.site == site)
        with reading(self._engine) as session:
            row = session.exec(newest.order_by(col(SitePlanRow.made_at).desc()).limit(1)).first()
            if row is None:
                raise NoPlan(f"The ledger has no plan for {site}: run plan-site (muster plan).")
            RecordKeys.load().check("site_plan", row.model_dump())
            return _saved(row).plan

    def begin(self, plan: SitePlan, run: str, now: datetime) -> None:
        """Record that a run begins to apply it; the first one stays recorded."""
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            row = _row(session, plan.hash, plan.site)
            if row.begun_at is None:
                row.begun_at, row.begun_by = now, run
                _sign(keys, row)
                session.add(row)

    def end(self, plan: SitePlan, now: datetime) -> None:
        """Record that all of it was done."""
        keys = RecordKeys.load()
        with writing(self._engine) as session:
            row = _row(session, plan.hash, plan.site)
            row.ended_at = now
            _sign(keys, row)
            session.add(row)

    def prune(self, before: datetime) -> int:
        """Delete plans that were made before that instant; how many they were."""
        with writing(self._engine) as session:
            old = delete(SitePlanRow).where(col(SitePlanRow.made_at) < before)
            return changed(session, old)


def _row(session: Session, plan_id: str, site: str) -> SitePlanRow:
    wanted = plan_id.strip().lower()
    if len(wanted) < _ID or not set(wanted) <= set("0123456789abcdef"):
        raise NoPlan(
            f"{plan_id!r} is no plan. Give the {ID_LENGTH} characters that plan-site printed, such "
            "as 3f9a61c07be2d514."
        )
    named = select(SitePlanRow).where(col(SitePlanRow.hash).startswith(wanted))
    rows = session.exec(named.limit(2)).all()
    if len(rows) != 1:
        raise NoPlan(
            f"The ledger has no plan {plan_id}: run plan-site (muster plan), and give the plan "
            "that it names."
        )
    if rows[0].site != site:
        raise NoPlan(f"The plan {plan_id} is for {rows[0].site}, and this run is for {site}.")
    RecordKeys.load().check("site_plan", rows[0].model_dump())
    return rows[0]


def _saved(row: SitePlanRow) -> SavedPlan:
    content = zlib.decompress(b64decode(row.sent))
    plan = _plan(json.loads(zlib.decompress(b64decode(row.plan))))
    sent = content.decode("utf-8", "surrogatepass") if row.is_text else content
    if plan.hash != row.hash or plan.content != content_hash(sent):
        raise DoesNotHold(f"the plan {row.hash} of {row.site}")
    return SavedPlan(plan, sent, row.made_at, row.begun_at, row.ended_at)


def _sign(keys: RecordKeys, row: SitePlanRow) -> None:
    row.mac = keys.mac("site_plan", row.model_dump())


def _facts(plan: SitePlan) -> dict[str, Any]:
    return {
        "site": plan.site,
        "content": plan.content,
        "order": dict(plan.order),
        "policies": dict(plan.policies),
        "lines": [asdict(line) for line in plan.lines],
    }


def _plan(facts: dict[str, Any]) -> SitePlan:
    return SitePlan(
        site=facts["site"],
        content=facts["content"],
        order=facts["order"],
        policies=facts["policies"],
        lines=tuple(_line(each) for each in facts["lines"]),
    )


def _line(facts: dict[str, Any]) -> PlannedLine:
    return PlannedLine(
        **facts | {"change": Change(facts["change"]), "shown": tuple(facts["shown"])}
    )


def _bytes(sent: str | bytes) -> bytes:
    return sent.encode("utf-8", "surrogatepass") if isinstance(sent, str) else sent


def _packed(content: bytes) -> str:
    return b64encode(zlib.compress(content)).decode()
