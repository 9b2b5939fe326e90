import pytest
from pydantic import ValidationError

from clients.settings import LemSettings
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.settings import SimulatorSettings


@pytest.fixture
def bare(monkeypatch):
    """An environment that says nothing of LEM."""
    for name in LemSettings.model_fields:
        monkeypatch.delenv(f"LEM_{name.upper()}", raising=False)
    return monkeypatch


def test_the_defaults_lead_to_the_simulator(bare):
    settings = LemSettings(_env_file=None)

    assert str(settings.url) == f"http://127.0.0.1:{SimulatorSettings().port}/"
    assert settings.project == DEFAULT_PROJECT
    assert settings.token.get_secret_value() == DEFAULT_TOKEN


def test_certificates_are_verified_by_default(bare):
    assert LemSettings(_env_file=None).verify


def test_the_environment_names_another_lem(bare):
    bare.setenv("LEM_URL", "https://lem.plant.test:8443")
    bare.setenv("LEM_AUTH", "basic")

    settings = LemSettings(_env_file=None)

    assert str(settings.url) == "https://lem.plant.test:8443/"
    assert settings.auth == "basic"


@pytest.mark.parametrize("project", [DEFAULT_PROJECT, "p", "Plant_7-b"])
def test_a_project_is_of_letters_digits_dashes_and_underscores(bare, project):
    bare.setenv("LEM_PROJECT", project)

    assert LemSettings(_env_file=None).project == project


def test_the_token_is_not_shown(bare):
    bare.setenv("LEM_TOKEN", "a-real-token")

    assert "a-real-token" not in repr(LemSettings(_env_file=None))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEM_URL", "lem.plant.test"),
        ("LEM_PROJECT", ""),
        ("LEM_PROJECT", "p1/../p2"),
        ("LEM_PROJECT", "p1?status=x"),
        ("LEM_PROJECT", "plant 7"),
        ("LEM_PROJECT", "p1\n"),
        ("LEM_PROJECT", "é"),
        ("LEM_AUTH", "digest"),
        ("LEM_CA_FILE", "/no/such/ca.pem"),
        ("LEM_TIMEOUT_SECONDS", "0"),
        ("LEM_CONCURRENCY", "0"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(bare, name, value):
    bare.setenv(name, value)

    with pytest.raises(ValidationError) as refusal:
        LemSettings(_env_file=None)

    assert refusal.value.error_count() == 1
