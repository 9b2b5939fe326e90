"""Back-test: a proposed policy beside everything that people have decided."""

import json

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from fleet.admission.evidence import Evidence
from fleet.admission.policy import Policy
from fleet.admission.policy_file import built_in, read_policy
from fleet.state.verdict import Decision
from ledger.admission.chain import Head
from ledger.admission.recorded import Recorded
from ledger.session import open_ledger
from reports.admission.backtest import BackTest, RecordedVote, back_test
from reports.page.table import to_rows
from tasks.onboarding.publish import SHOWN_ROWS
from tasks.runtime.expected import failing_plainly
from tasks.text.given_text import given_text
from tasks.text.text_kind import POLICY


async def given_policy(given: str) -> Policy:
    """The policy that `given` is: a built-in name, YAML text, or the path or URL of a file."""
    return built_in(given.strip()) or read_policy(await given_text(given, POLICY), "given")


@task(task_run_name="replay the policy {policy.name}", cache_policy=NO_CACHE)
@failing_plainly
async def replay(policy: Policy, site: str) -> str:
    """Show where the policy would have differed from people, and say so in a sentence."""
    votes, chain = _recorded(site)
    found = back_test(votes, policy)
    headline = found.headline(site)
    if found.compared:
        await acreate_table_artifact(
            table=to_rows(found.frame().head(SHOWN_ROWS)),
            key=f"backtest-{site}" if site else "backtest",
            description=f"{headline}\n\n{_notes(found, chain)}",
        )
    return headline


def _recorded(site: str) -> tuple[list[RecordedVote], Head]:
    """The votes of people at a site, or at all of them, and the head of their chain."""
    with open_ledger() as ledger:
        chain = ledger.decisions.head()
        return [_vote(row) for row in ledger.decisions.by_people(site or None)], chain


def _vote(row: Recorded) -> RecordedVote:
    return RecordedVote(
        scope=row.scope,
        decided_by=row.by,
        decided_at=row.at,
        decision=Decision(row.decision),
        reason=row.reason,
        evidence=Evidence.from_facts(json.loads(row.evidence)),
        quorum=row.quorum,
        is_proved=row.proof is not None,
    )


def _notes(found: BackTest, chain: Head) -> str:
    policy = found.policy
    notes = [f"Policy: {policy.name}{f', version {policy.version}' if policy.version else ''}."]
    if policy.shadow:
        notes.append("It is in shadow mode, and was replayed as if it were enforced.")
    if len(found.compared) > SHOWN_ROWS:
        notes.append(f"The table shows the first {SHOWN_ROWS:,}.")
    notes.append(f"Decisions in the ledger: {chain}.")
    return " ".join(notes)
