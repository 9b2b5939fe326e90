"""Looking: one observation of a site, compared with what should be and what was done."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from prefect import task
from prefect.logging import get_run_logger

from clients.errors import ApiError
from fleet.action import Action
from fleet.assessment import Assessment, assess
from fleet.memory import Memory
from fleet.observation import Observation
from fleet.plan import plan
from fleet.preflight import check
from fleet.settling import find_unanswered, has_happened, with_found, with_refused
from fleet.verdict import Decision
from ledger import grants, journal, progress
from ledger.journal import Outcome, Result
from ledger.recall import recall
from tasks.expected import LOOK, failing_plainly
from tasks.run import Run
from tasks.showing import Shown


class Look:
    """What one look showed and what should be done about it; `trouble` if it is an older one.

    `observed` and `memory` are what it was made of, where that is known.

    Not a dataclass on purpose: Prefect would walk through every device of it.
    """

    def __init__(
        self,
        assessment: Assessment,
        actions: Sequence[Action],
        trouble: str = "",
        observed: Observation | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.assessment = assessment
        self.actions = tuple(actions)
        self.trouble = trouble
        self.observed, self.memory = observed or Observation(), memory or Memory()

    @property
    def rejected(self) -> frozenset[str]:
        """The keys of requests that people decided to turn away."""
        rulings = self.memory.rulings.items()
        return frozenset(key for (key, _), it in rulings if it.decision is Decision.REJECT)


@task(task_run_name="{aim}", **LOOK)
@failing_plainly
async def watch(run: Run, shown: Shown, deadline: datetime, last: Look | None, aim: str) -> Look:
    """Look until there is something to do, nothing left to wait for, or no patience left.

    The gap between looks grows while nothing changes. A system that goes away after the `last`
    look is waited for: nobody's standing is worse for it.
    """
    gap = first = max(run.settings.look_first, run.least_gap)
    if last is not None and not last.actions:
        await asyncio.sleep(min(gap, max(deadline - run.now(), timedelta())).total_seconds())
    while True:
        before, last = last, await _look_again(run, last)
        await shown.update(run.connection, last.assessment)
        left = deadline - run.now()
        if last.actions or last.assessment.is_settled or left <= timedelta():
            return last
        changed = before is None or before.assessment.counts != last.assessment.counts
        gap = first if changed else max(first, min(gap * 1.5, run.settings.look_last))
        await asyncio.sleep(min(gap, left).total_seconds())


async def look_once(run: Run) -> Look:
    """One list call per kind of thing, whatever the number of devices; then assess and plan."""
    run.recall_secrets()
    observed = await run.system.observe(run.desired.site, run.desired.devices, run.keyring)
    now = run.now()
    memory = _settled_memory(run, observed, now)
    assessment = assess(run.desired, observed, memory, run.limits, now)
    if run.looks == 0:
        check(run.desired, observed, assessment, now)
    run.looks += 1
    run.seen = assessment
    if not run.is_dry:
        progress.save(run.engine, run.batch, assessment, now)
    actions = plan(run.desired, observed, memory, assessment)
    return Look(assessment, actions, "", observed, memory)


async def _look_again(run: Run, last: Look | None) -> Look:
    try:
        return await look_once(run)
    except ApiError as error:
        if last is None or not (error.may_pass or error.outcome_unknown):
            raise
        get_run_logger().warning("%s. Looking again later.", error)
        return Look(last.assessment, (), trouble=str(error))


def _settled_memory(run: Run, observed: Observation, now: datetime) -> Memory:
    """What is remembered, after this look has settled what nobody was told."""
    if not run.is_dry:
        journal.settle(run.engine, _settled_intents(run, observed, now), now)
    memory = recall(run.engine, run.batch, observed.requests)
    found = find_unanswered(memory, observed)
    if not run.is_dry:
        for grant, enrolment_id in found.items():
            grants.settle_enrolment(run.engine, run.batch, grant.wanted_expiry, enrolment_id)
    return with_refused(with_found(memory, found), run.refused_enrolments)


def _settled_intents(run: Run, observed: Observation, now: datetime) -> dict[int, Result]:
    """What came of intents without an answer; those that may still happen stay open."""
    settled: dict[int, Result] = {}
    for row in journal.open_intents(run.engine, run.batch):
        if has_happened(row.act, row.subject, observed):
            settled[row.id or 0] = Result(Outcome.DONE, "not answered, but seen to have happened")
        elif now >= row.intended_at + run.limits.doubt:
            settled[row.id or 0] = Result(Outcome.NOT_DONE, "not answered, and never happened")
    return settled
