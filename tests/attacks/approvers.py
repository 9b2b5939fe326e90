"""People with authenticator apps, a review that waits for them, and who has the database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyotp
from pydantic import SecretStr
from sqlalchemy import Engine

from fleet.admission.approver import Approver, Role
from fleet.admission.policy import Policy
from fleet.admission.review import Answer, Review, Terms
from fleet.state.verdict import Decision
from ledger.admission.reviews import Asked, Noted
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import NOW
from tests.ledger.admission.test_reviews import an_item
from tests.ledger.running import SCOPE, SITE

STEP = timedelta(seconds=30)
LATER = NOW + 10 * STEP  # when people answer: long after they were enrolled


@dataclass
class Desk:
    """Where people decide on edge-1 of plant-7; each has an app, by their name."""

    engine: Engine
    ledger: Ledger
    apps: dict[str, pyotp.TOTP] = field(default_factory=dict)
    rounds: int = 0

    def enroll(self, name: str, *sites: str, role: Role = Role.APPROVER) -> Approver:
        """Enroll somebody, by default for plant-7."""
        secret = pyotp.random_base32()
        self.apps[name] = pyotp.TOTP(secret)
        person = Approver(f"id-{name}-{len(self.apps)}", name, sites or (SITE,), role)
        key = SecretStr(secret)
        self.ledger.approvers.enroll(person, key, self.digits(name, NOW), "root on here", NOW)
        return person

    def digits(self, name: str, at: datetime = LATER) -> str:
        """What the app of that name shows then."""
        return self.apps[name].at(at)

    def review(self, asked: Asked | None = None, site: str = SITE, **terms: Any) -> Review:
        """A review of edge-1 that waits for people."""
        self.rounds += 1
        agreed = Terms(deadline=NOW + timedelta(days=1), **terms)
        id_ = f"review-{self.rounds}"
        review = Review(id_, site, "lem", (an_item(site=site),), agreed, NOW)
        return self.ledger.reviews.open_review(review, SCOPE, Policy(), id_, asked)

    def answer(
        self, review: Review, name: str, digits: str = "", at: datetime = LATER, to: str = "approve"
    ) -> Noted:
        """Approve (or reject) all of it in that name."""
        self.rounds += 1
        chosen: dict[str, Any] = {to: "edge-1"}
        return self.ledger.reviews.note(
            review, self.rounds, Answer(name, "as ordered", digits=digits, **chosen), at
        )

    def decided(self, site: str = SITE) -> list[Decision]:
        """What a run would do about edge-1 by what people decided."""
        memory = self.ledger.memory.recall(Claim(site, SCOPE))
        return [verdict.decision for verdict in memory.decisions.values()]
