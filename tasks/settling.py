"""Settling: look, plan and act, again and again, until a site is settled or patience ends."""

from datetime import timedelta

from fleet.action import Action, Approve, Confirm, Hold, Retry
from fleet.assessment import Assessment
from fleet.standing import Standing, State
from tasks.carrying_out import carry_out
from tasks.expected import result_of
from tasks.looking import Look, watch
from tasks.publishing import publish_plan
from tasks.run import Run
from tasks.showing import Shown


async def settle(run: Run, shown: Shown, patience: timedelta) -> Look:
    """Bring every desired device as far as it will go; the last look tells how far that is.

    A dry run looks once, shows its plan and changes nothing. When patience has ended, what is in
    service is still confirmed, and nothing else is begun.
    """
    deadline = run.now() + (timedelta() if run.is_dry else patience)
    look = await result_of(watch(run, shown, deadline, None, f"look at {run.subject}"))
    await publish_plan(run, look)
    while look.actions and not run.is_dry:
        is_late = run.now() >= deadline and run.looks > 1
        await carry_out(run, _records(look.actions) if is_late else look.actions)
        if is_late or look.assessment.is_final:
            break
        aim = waiting_for(look.assessment, run.subject)
        look = await result_of(watch(run, shown, deadline, look, aim))
    return look


def waiting_for(assessment: Assessment, subject: str) -> str:
    """What a watch after the assessed acts waits for, as a person would say it."""
    requests = sum(1 for s in assessment.standings if _awaits_request(s))
    provisioning = sum(1 for s in assessment.standings if _awaits_provisioning(s))
    if len(assessment.standings) == 1:
        aims = ["request"] * requests + ["provisioning"] * provisioning
    else:
        aims = [f"{requests} request{'s' * (requests > 1)}"] if requests else []
        aims += [f"{provisioning} to be provisioned"] if provisioning else []
    where = "of" if len(assessment.standings) == 1 else "at"
    return f"wait for {' and '.join(aims)} {where} {subject}" if aims else f"look at {subject}"


def _awaits_request(standing: Standing) -> bool:
    is_to_ask = standing.state in {State.NOT_ENROLLED, State.WAITING}
    return is_to_ask and standing.act is None


def _awaits_provisioning(standing: Standing) -> bool:
    return standing.state is State.PROVISIONING or isinstance(standing.act, Approve | Retry)


def _records(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """Those actions that only write in our own ledger."""
    return tuple(action for action in actions if isinstance(action, Confirm | Hold))
