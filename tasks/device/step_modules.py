"""Step modules: which files to open when a device is stuck at a step of the pipeline."""

from collections.abc import Iterable

from fleet.admission import review
from fleet.planning import assess, plan
from fleet.planning import resolve as resolve_rules
from fleet.state import match
from fleet.state.pipeline_step import PipelineStep
from fleet.status import judge
from fleet.status.admission_model import model_of
from fleet.system.system import System
from tasks.pipeline import attempt, converge, execute, observe, resolve


def modules(step: PipelineStep, system: System | None) -> tuple[str, ...]:
    """The files of that step, the one to open first first; `system` is the device's, if known."""
    adapter = [type(system).__module__] if system else []
    model = [type(model_of(system.profile)).__module__] if system else []
    named: dict[PipelineStep, Iterable[str]] = {
        PipelineStep.OBSERVE: [observe.__name__, *adapter],
        PipelineStep.MATCH: [match.__name__],
        PipelineStep.ASSESS: [assess.__name__, *model],
        PipelineStep.PLAN: [plan.__name__, *model],
        PipelineStep.EXECUTE: [execute.__name__, attempt.__name__],
        PipelineStep.RESOLVE: [resolve.__name__, resolve_rules.__name__],
        PipelineStep.WAIT_FOR_REQUEST: [converge.__name__, match.__name__],
        PipelineStep.WAIT_FOR_DECISION: [review.__name__, *model],
        PipelineStep.WAIT_FOR_PROVISIONING: [judge.__name__, *model, *adapter],
        PipelineStep.DONE: [],
    }
    return tuple(f"{name.replace('.', '/')}.py" for name in named[step])
