"""Provisioning tokens on their own: made, listed, revoked, and never shown."""

import json
from typing import Any

import pytest
from prefect.artifacts import Artifact

from fleet.device.secret import SecretKind
from flows.issue_tokens import issue_tokens
from tests.flows.site import SITE, posts, secrets_of, without_wait_limit

MADE = {"action": "create", "site": SITE, "name": "cameras"}


def tokens(simulator: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = simulator.control("acusight/state")["tokens"]
    return found


def shown() -> list[dict[str, Any]]:
    artifact = Artifact.get("tokens-acusight")
    assert artifact is not None
    rows: list[dict[str, Any]] = json.loads(str(artifact.data))
    return rows


def test_tokens_are_made_sealed_and_listed_without_being_shown(lem, tmp_path):
    state = without_wait_limit(issue_tokens, **MADE, number=2)

    held = [s for s in secrets_of("acusight").secrets if s.kind is SecretKind.ISSUED_TOKEN]
    assert (state.name, len(held), len(tokens(lem))) == ("Completed", 2, 2)
    assert {token["single_use"] for token in tokens(lem)} == {True}
    assert len({row["name"] for row in shown()}) == 2
    assert not [s for s in held if s.value.get_secret_value() in json.dumps(shown())]
    assert without_wait_limit(issue_tokens).message.startswith("2 tokens in Acusight")


@pytest.mark.parametrize(("days", "expires"), [(0, False), (1, True)])
def test_a_token_lives_as_long_as_it_was_ordered(lem, days, expires):
    without_wait_limit(issue_tokens, **MADE, lifetime_days=days)

    assert (tokens(lem)[0]["expires_at"] is not None) is expires


def test_a_token_that_was_lost_with_its_answer_is_revoked_and_made_again(lem, tmp_path):
    lem.control("faults", method="POST", path="/provisioning-tokens", kind="lost-reply", times=2)

    state = without_wait_limit(issue_tokens, **MADE)

    assert state.name == "Completed"
    assert [token["revoked_at"] is None for token in tokens(lem)].count(True) == 1
    assert len(tokens(lem)) == 3
    assert len(secrets_of("acusight").secrets) == 1


def test_revoking_is_safe_to_repeat(lem):
    without_wait_limit(issue_tokens, **MADE)
    revoke = {"action": "revoke", "token_id": tokens(lem)[0]["id"]}

    dry = without_wait_limit(issue_tokens, **revoke, dry_run=True)
    first = without_wait_limit(issue_tokens, **revoke)
    again = without_wait_limit(issue_tokens, **revoke)

    assert dry.name == "Dry run"
    assert first.message.endswith("is revoked. Devices that it admitted stay in service.")
    assert (again.name, "was revoked before" in again.message) == ("Completed", True)
    assert tokens(lem)[0]["revoked_at"] is not None


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"action": "revoke", "token_id": "nobody"}, "has no token with the id 'nobody'"),
        ({"action": "create"}, "Give both."),
        ({"connection": "lem"}, "LEM issues no provisioning tokens"),
    ],
)
def test_what_cannot_be_done_is_reported_and_nothing_is_done(lem, order, message):
    state = without_wait_limit(issue_tokens, **order)

    assert (state.name, message in state.message, posts(lem)) == ("Failed", True, {})


def test_a_dry_run_makes_nothing(lem):
    state = without_wait_limit(issue_tokens, **MADE, dry_run=True)

    assert (state.name, tokens(lem)) == ("Dry run", [])
