import pytest

from fleet.text.settings import UnusableSettings
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.settings import SimulatorSettings
from systems.acusight.settings import AcusightSettings
from systems.lem.settings import LemSettings
from systems.provision_api.settings import ProvisionApiSettings

pytestmark = pytest.mark.usefixtures("unhurried")

SYSTEMS = {
    "LEM": (LemSettings, "token"),
    "ACUSIGHT": (AcusightSettings, "token"),
    "PROVISION_API": (ProvisionApiSettings, "admin_key"),
}
every_system = pytest.mark.parametrize(
    ("prefix", "settings", "credential"),
    [(prefix, *both) for prefix, both in SYSTEMS.items()],
    ids=SYSTEMS,
)


@pytest.fixture
def bare(monkeypatch):
    """An environment that says nothing of any system."""
    for prefix, (settings, _) in SYSTEMS.items():
        for name in settings.model_fields:
            monkeypatch.delenv(f"{prefix}_{name.upper()}", raising=False)
    return monkeypatch


def test_the_defaults_lead_to_the_simulator(bare):
    settings = LemSettings(_env_file=None)

    assert str(settings.url) == f"http://127.0.0.1:{SimulatorSettings().port}/"
    assert settings.project == DEFAULT_PROJECT
    assert settings.token.get_secret_value() == DEFAULT_TOKEN


def test_the_defaults_lead_to_the_simulated_acusight_and_provision_api(bare):
    acusight, api = AcusightSettings(_env_file=None), ProvisionApiSettings(_env_file=None)

    simulated = SimulatorSettings()
    at = f"http://127.0.0.1:{simulated.port}"
    assert str(acusight.url) == at + simulated.acusight.base
    assert acusight.token.get_secret_value() == simulated.acusight.jwt
    assert str(api.url) == at + simulated.provision_api.base
    assert api.admin_key.get_secret_value() == simulated.provision_api.admin_key


@every_system
def test_certificates_are_verified_by_default(bare, prefix, settings, credential):
    assert settings(_env_file=None).verify


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


@every_system
def test_a_credential_is_taken_from_the_environment_and_not_shown(
    bare, prefix, settings, credential
):
    bare.setenv(f"{prefix}_{credential.upper()}", "a-real-one")

    made = settings(_env_file=None)

    assert getattr(made, credential).get_secret_value() == "a-real-one"
    assert "a-real-one" not in f"{made!r} {made} {made.model_dump_json()}"


@every_system
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "plant.test"),
        ("CA_FILE", "/no/such/ca.pem"),
        ("TIMEOUT_SECONDS", "0"),
        ("CONCURRENCY", "0"),
    ],
)
def test_what_all_systems_have_is_checked_at_each(bare, prefix, settings, credential, name, value):
    bare.setenv(f"{prefix}_{name}", value)

    with pytest.raises(UnusableSettings) as refusal:
        settings(_env_file=None)

    assert len(refusal.value.faults) == 1


@every_system
def test_a_setting_of_one_system_is_none_of_another(bare, prefix, settings, credential):
    for other in {*SYSTEMS} - {prefix}:
        bare.setenv(f"{other}_URL", "http://elsewhere.test")

    assert str(settings(_env_file=None).url).startswith("http://127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEM_PROJECT", ""),
        ("LEM_PROJECT", "p1/../p2"),
        ("LEM_PROJECT", "p1?status=x"),
        ("LEM_PROJECT", "plant 7"),
        ("LEM_PROJECT", "p1\n"),
        ("LEM_PROJECT", "é"),
        ("LEM_AUTH", "digest"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(bare, name, value):
    bare.setenv(name, value)

    with pytest.raises(UnusableSettings) as refusal:
        LemSettings(_env_file=None)

    assert len(refusal.value.faults) == 1


@every_system
@pytest.mark.parametrize("around", ["{}\n", "  {}\r\n", "\t{} "])
def test_a_credential_is_taken_without_the_space_around_it(
    bare, prefix, settings, credential, around
):
    bare.setenv(f"{prefix}_{credential.upper()}", around.format("a-real-one"))

    made = settings(_env_file=None)

    assert getattr(made, credential).get_secret_value() == "a-real-one"


@every_system
@pytest.mark.parametrize("value", ["", " \n", "sesame\nopen", "sésame", "sesame\x7f", "sesame\t"])
def test_a_credential_that_no_header_can_carry_is_refused_and_not_shown(
    bare, prefix, settings, credential, value
):
    bare.setenv(f"{prefix}_{credential.upper()}", f"{value}open" if value.strip() else value)

    with pytest.raises(UnusableSettings) as refusal:
        settings(_env_file=None)

    assert refusal.value.faults == ((credential, "Input should be printable ASCII characters"),)
    assert "same" not in str(refusal.value)


@every_system
def test_an_empty_ca_file_means_none_whatever_env_says(
    bare, tmp_path, prefix, settings, credential
):
    file = tmp_path / ".env"
    file.write_text(f"{prefix}_CA_FILE={file}\n")
    from_file = settings(_env_file=file).ca_file

    bare.setenv(f"{prefix}_CA_FILE", "")

    assert (from_file, settings(_env_file=file).ca_file) == (file, None)
