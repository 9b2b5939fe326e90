"""Columns of sites: what people chose the columns of a site's rosters to be."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from ledger.database.engine import one_moment, reading, writing
from ledger.database.tables import SiteColumnsRow
from ledger.keys.places import COLUMNS, changing, check_one, columns_in
from ledger.keys.record_keys import RecordKeys


class SiteColumns:
    """Choices such as {"Asset tag": "device"} for plant-7. They decide what is an identity."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def remembered(self, site: str) -> dict[str, str]:
        """What was chosen for a site; DoesNotHold when it was changed in the ledger.

        Also when it was deleted or put back there: another column would be an identity.
        """
        keys, place = RecordKeys.load(), (site, "")
        with reading(one_moment(self._engine)) as session:
            row = session.get(SiteColumnsRow, site)
            check_one(session, keys, COLUMNS, place, columns_in(session, place)[place])
            if row is None:
                return {}
            keys.check("site_columns", row.model_dump())
            found: dict[str, str] = json.loads(row.columns)
            return found

    def remember(self, site: str, columns: Mapping[str, str], run: str, now: datetime) -> None:
        """Remember these choices for a site, instead of those before."""
        if self.remembered(site) == columns:
            return
        said = json.dumps(dict(columns), ensure_ascii=False)
        row = SiteColumnsRow(site=site, columns=said, changed_at=now, run=run)
        keys = RecordKeys.load()
        row.mac = keys.mac("site_columns", row.model_dump())
        with writing(self._engine) as session, changing(session, keys, COLUMNS, [(site, "")]):
            session.merge(row)
