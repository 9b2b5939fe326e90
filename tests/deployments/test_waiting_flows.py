"""What is true of the deployments of flows whose runs wait for a person."""

import importlib
from pathlib import Path

import pytest
import yaml

FILE = Path("deployments/prefect.yaml")
WAITING = ("flows.review_requests.review_requests", "flows.provision_device.provision_device")


def deployments(entrypoint):
    file = yaml.safe_load(FILE.read_text("utf-8"))
    return [each for each in file["deployments"] if each["entrypoint"] == entrypoint]


@pytest.mark.parametrize("entrypoint", WAITING)
def test_a_run_that_waits_is_neither_retried_nor_limited(entrypoint):
    module, _, name = entrypoint.rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    found = deployments(entrypoint)

    assert found
    assert not flow.retries
    assert flow.timeout_seconds is None
    assert not [each for each in found if "concurrency_limit" in each]
