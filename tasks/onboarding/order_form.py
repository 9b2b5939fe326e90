"""Order form: what a person said about a roster, as the form of onboard-site asks it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from fleet.admission.desired import Order
from fleet.roster.choices import Choices, chosen_columns
from fleet.roster.reading import judged
from fleet.roster.repair import Acceptance
from fleet.roster.roster import Roster
from fleet.roster.table import Sent
from sheets.marked import Original
from tasks.runtime.forms import asks_people, device_activates
from tasks.system.connections import connection_names


@dataclass(frozen=True, kw_only=True)
class OrderForm:
    """The fields of the form beside site and roster, in its own words; see `tasks/runtime/forms`.

    `expires_at` is when a new code expires, aware; `remembered` what was chosen of columns before.
    """

    connection: str
    expires_at: datetime
    existing_code: str = ""
    device_count: int = 0
    activated_by: str = "as before"
    register_again: bool = False
    approval: str = "as before"
    accept_repairs: str = "none"
    columns: str = ""
    remembered: Mapping[str, str] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The same as JSON values, by which a plan keeps it."""
        return asdict(self) | {"expires_at": self.expires_at.isoformat()}

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Self:
        """The form that `facts` came from."""
        return cls(**facts | {"expires_at": datetime.fromisoformat(facts["expires_at"])})

    @property
    def choices(self) -> Choices:
        """What it says about reading the roster; an expected error where it says nonsense."""
        return Choices(
            Acceptance.of(self.accept_repairs), chosen_columns(self.columns), self.remembered
        )

    async def roster(self, sent: Sent, site: str) -> Roster:
        """The roster of `site` in what was sent, also one of which no line can be used."""
        return judged(sent, site, self.connection, await connection_names(), self.choices)

    def original(self, sent: Sent) -> Original | None:
        """The file that was sent, to be given back marked; None for what was pasted."""
        return Original(sent.file, self.choices) if sent.file else None

    def order(self, roster: Roster) -> Order:
        """The order that the form makes of a roster."""
        return Order(
            roster=roster,
            expires_at=self.expires_at,
            capacity=self.device_count or None,
            existing=self.existing_code or None,
            device_activates=device_activates(self.activated_by),
            register_again=self.register_again,
            asks_people=asks_people(self.approval),
        )
