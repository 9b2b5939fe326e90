"""Integrations from a file: made where they are missing, and made once."""

from typing import Any

import pytest
from prefect.artifacts import Artifact

from flows.configure_integrations import configure_integrations
from simulator.settings import ProvisionApiSettings
from tests.flows.site import posts, without_wait_limit

WANTED = """
webhooks:
  - name: ops
    url: https://hooks.example.com/ops
    headers: {Authorization: {env: MUSTER_INTEGRATION_OPS}}
routes:
  - {name: severe, webhook: ops, min_severity: 3, site_ids: [plant-7]}
  - {name: all, webhook: ops}
"""
CANARY = "Bearer canary-0123456789"


@pytest.fixture
def configured(monkeypatch):
    monkeypatch.setenv("MUSTER_INTEGRATION_HOSTS", "Hooks.example.com, other.example.com")
    monkeypatch.setenv("MUSTER_INTEGRATION_OPS", CANARY)

    def run(text: str = WANTED, **more: Any) -> Any:
        return without_wait_limit(configure_integrations, text, **more)

    return run


def record(simulator: Any) -> tuple[int, int]:
    state = simulator.control("provision_api/state")
    return len(state["integrations"]), len(state["routes"])


def test_what_is_missing_is_made_and_made_once(lem, configured):
    first, again = configured(), configured()

    assert (first.name, again.name, record(lem)) == ("Completed", "Completed", (1, 2))
    assert first.message.endswith("3 created.")
    assert again.message.endswith("3 there.")


def test_a_header_s_value_is_shown_nowhere(lem, configured):
    state = configured()

    artifact = Artifact.get("integrations-provision-api")
    assert artifact is not None
    assert CANARY not in f"{artifact.data}{artifact.description}{state.message}"


def test_a_dry_run_makes_nothing(lem, configured):
    state = configured(dry_run=True)

    assert (state.name, posts(lem)) == ("Dry run", {})
    assert "3 missing" in state.message
    artifact = Artifact.get("integrations-provision-api")
    assert artifact is not None
    assert '"leads to": "hooks.example.com"' in str(artifact.data)


@pytest.mark.parametrize("path", ["/integrations$", "/integration-routes$"])
def test_what_was_made_although_no_answer_came_is_found_and_not_made_again(lem, configured, path):
    lem.control("faults", method="POST", path=path, kind="lost-reply", times=1)

    state = configured()

    assert (state.name, record(lem)) == ("Completed", (1, 2))


def test_what_differs_is_reported_and_left_alone(lem, configured):
    configured()

    state = configured(WANTED.replace("hooks.example.com", "other.example.com"))

    assert (state.name, record(lem)) == ("Failed", (1, 2))
    assert "url is 'https://hooks.example.com/ops' there" in state.message


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("webhooks: [\n}", {}, "is not YAML"),
        ("routes:\n  - {name: r, webhook: gone}\n", {}, "neither the file nor the system has"),
        (WANTED, {"connection": "lem"}, "LEM has no integrations"),
        (
            WANTED.replace("MUSTER_INTEGRATION_OPS", "MUSTER_INTEGRATION_NOT_SET"),
            {},
            "the variable MUSTER_INTEGRATION_NOT_SET",
        ),
        (
            WANTED.replace("env: MUSTER_INTEGRATION_OPS", "block: muster-integration-no"),
            {},
            "the Secret block 'muster-integration-no'",
        ),
        (WANTED.replace("MUSTER_INTEGRATION_OPS", "LEM_TOKEN"), {}, "is not meant for webhooks"),
        (WANTED.replace("hooks.example", "hooks.attack"), {}, "leads to hooks.attack.com, and"),
        ("no/such/file.yaml", {}, "is not read"),
    ],
)
def test_what_cannot_be_done_is_reported_and_nothing_is_done(lem, configured, text, more, message):
    state = configured(text, **more)

    assert (state.name, message in state.message, posts(lem)) == ("Failed", True, {})


def test_a_service_without_its_tables_is_reported_plainly(start_lem, configured):
    start_lem(provision_api=ProvisionApiSettings(integration_tables=False))

    state = configured()

    assert state.name == "Failed"
    assert "GET /api/admin/integrations: 500 Internal Server Error" in state.message
    assert "database lacks their tables" in state.message
