"""Plan: what should be done, from one observation of a run's devices."""

from collections.abc import Sequence

from fleet.action.action import Action
from fleet.planning import plan as planning
from fleet.planning.assess import Assessment, assess
from fleet.planning.preflight import check
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from fleet.state.verdict import Decision
from fleet.system.clock import REMEDY, clocks_differ
from tasks.pipeline.observe import observe
from tasks.pipeline.resolve import resolve
from tasks.runtime.connection_run import ConnectionRun


class Plan:
    """What should be done, and the assessment that it follows from. No actions: nothing is left.

    `observed` and `memory` are what was assessed, where that is known. `trouble` says why there is
    no newer plan, as in *LEM did not answer*: then nothing is planned.

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
        """The keys of requests that people decided to reject."""
        decisions = self.memory.decisions.items()
        return frozenset(key for (key, _), it in decisions if it.decision is Decision.REJECT)


def warnings(run: ConnectionRun, plan: Plan) -> list[str]:
    """What is wrong with all that a system shows, with its remedy: its clock, or its entries."""
    system, found = run.system.profile.system, []
    if differ := clocks_differ(system, plan.observed.skew):
        found.append(f"{differ}. {REMEDY}.")
    if left_out := plan.observed.left_out(system):
        left_out = f"{left_out[:1].upper()}{left_out[1:]}"
        found.append(f"{left_out}; what cannot be read is left out. Have it corrected there.")
    return found


async def observe_and_plan(run: ConnectionRun) -> Plan:
    """Observe the run's devices once, then plan."""
    return plan(run, await observe(run))


def plan(run: ConnectionRun, observed: Observation) -> Plan:
    """Resolve, match, assess and plan; the assessment is saved in the ledger.

    Raises ImpossibleRun when the first observation shows that the order cannot be met.
    """
    now = run.now()
    memory = resolve(run, observed, now)
    assessment = assess(run.desired, observed, memory, run.limits, now)
    if run.observations == 0:
        check(run.desired, observed, memory, assessment, now)
    run.observations += 1
    run.assessment, run.observed_at, run.skew = assessment, now, observed.skew
    run.observed, run.memory = observed, memory
    run.planned_after = len(run.enrolled)
    if not run.is_dry:
        run.ledger.devices.save(run.claim, assessment, now)
    actions = planning.plan(run.desired, observed, memory, assessment)
    return Plan(assessment, actions, "", observed, memory)
