"""The files that are named for a step exist, and have the step's name."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from fleet.state.pipeline_step import PipelineStep
from tasks.device.step_modules import modules
from tests.fleet.builders import ASKED

ROOT = Path(__file__).parents[3]
STEPS = [
    step for step in PipelineStep if not step.startswith("wait") and step is not PipelineStep.DONE
]
SYSTEM = SimpleNamespace(profile=ASKED)


@pytest.mark.parametrize("step", PipelineStep)
def test_every_file_that_is_named_is_there(step):
    named = [name for name in modules(step, None) if not (ROOT / name).is_file()]

    assert named == []
    assert bool(modules(step, None)) == (step is not PipelineStep.DONE)


@pytest.mark.parametrize("step", STEPS)
def test_the_first_file_of_a_step_bears_its_name(step):
    assert Path(modules(step, None)[0]).stem == step


def test_a_stuck_device_leads_to_its_admission_model_and_its_system():
    named = modules(PipelineStep.WAIT_FOR_PROVISIONING, SYSTEM)

    assert [Path(name).stem for name in named[:2]] == ["judge", "by_approval"]
    assert len(named) == 3
