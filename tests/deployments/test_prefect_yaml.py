from pathlib import Path

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

DEPLOYMENTS = yaml.safe_load(Path("deployments/prefect.yaml").read_text())["deployments"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["entrypoint"])
def test_each_deployment_s_flow_can_be_loaded_and_takes_its_parameters(deployment):
    flow = load_flow_from_entrypoint(deployment["entrypoint"])

    known = parameter_schema(flow).properties

    assert set(deployment.get("parameters", {})) <= set(known)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["entrypoint"])
def test_each_field_of_a_form_has_a_title_and_a_description(deployment):
    flow = load_flow_from_entrypoint(deployment["entrypoint"])

    schema = parameter_schema(flow)

    models = schema.definitions or {}
    nameless = [
        name
        for name, field in schema.properties.items()
        if not (field | models.get(field.get("$ref", "").rpartition("/")[2], {})).get("title")
        or not field.get("description")
    ]
    assert nameless == []


def test_every_flow_is_deployed():
    deployed = {deployment["entrypoint"].split(".")[1] for deployment in DEPLOYMENTS}

    assert deployed == {path.stem for path in Path("flows").glob("[a-z]*.py")}
