"""Decisions in a ledger, and what somebody does to them who has the database itself."""

from sqlalchemy import Engine, text

from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import EXACT_MATCH
from fleet.device.identity import Identity
from fleet.state.verdict import Decision
from ledger.admission.decided import Decided
from ledger.admission.how import How
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.ledger.running import SCOPE, SITE, after

UNGUARDED = {
    "sqlite": ["DROP TRIGGER decision_no_update", "DROP TRIGGER decision_no_delete"],
    "postgresql": ["ALTER TABLE decision DISABLE TRIGGER USER"],
}
GUARDED = {"sqlite": [], "postgresql": ["ALTER TABLE decision ENABLE TRIGGER USER"]}


def recorded(ledger: Ledger, count: int, by: str = "Anna") -> list[str]:
    """So many decisions, of one second each: the head after each."""
    found, nobody = [], Identity()
    for number in range(1, count + 1):
        key, name = f"{number}/config-1", f"edge-{number}"
        evidence = Evidence(SITE, key, str(number), name, Code.OWN, "", nobody, nobody)
        decided = Decided(evidence, Decision.APPROVE, by, "as ordered", How.RUN)
        ledger.decisions.record(Claim(SITE, SCOPE), EXACT_MATCH, [decided], after(number))
        found.append(ledger.decisions.head().hash)
    return found


def tamper(engine: Engine, statement: str) -> None:
    """Run `statement` on a chain that nothing protects any more."""
    name = engine.dialect.name
    with engine.begin() as connection:
        for each in [*UNGUARDED[name], statement, *GUARDED[name]]:
            connection.execute(text(each))
