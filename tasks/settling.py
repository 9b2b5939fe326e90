"""Settling: look, plan and act, again and again, until a site is settled or patience ends."""

from datetime import datetime

from fleet.action import Action, Approve, Confirm, Hold, Retry
from fleet.assessment import Assessment
from fleet.planning.admission_model import model_of
from fleet.standing import Standing, State
from tasks.carrying_out import carry_out
from tasks.expected import result_of
from tasks.looking import Look, watch
from tasks.run import Run
from tasks.showing import Shown


async def settle(run: Run, shown: Shown, deadline: datetime, look: Look) -> Look:
    """Bring every desired device as far as it will go; the last look tells how far that is.

    When patience has ended, what is in service is still confirmed, and nothing else is begun.
    """
    while not run.is_dry:
        is_late = run.now() >= deadline
        if not look.actions and (is_late or look.assessment.is_settled):
            break
        is_last = is_late and run.looks > 1
        await carry_out(run, _records(look.actions) if is_last else look.actions)
        if is_last or look.assessment.is_final:
            break
        word = model_of(run.system.manner).awaits(run.desired)
        aim = waiting_for(look.assessment, run.subject, word)
        look = await result_of(watch(run, shown, deadline, look, aim))
    return look


def waiting_for(assessment: Assessment, subject: str, word: str = "request") -> str:
    """What a watch after the assessed acts waits for, as a person would say it."""
    if not word:
        return f"look at {subject}"
    requests = sum(1 for s in assessment.standings if _awaits_request(s))
    provisioning = sum(1 for s in assessment.standings if _awaits_provisioning(s))
    if len(assessment.standings) == 1:
        aims = [word] * requests + ["provisioning"] * provisioning
    else:
        aims = [f"{requests} {word}{'s' * (requests > 1)}"] if requests else []
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
