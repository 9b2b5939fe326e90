"""Settings that cannot be used: what their user reads."""

import pytest
from pydantic_settings import SettingsConfigDict

from fleet.text.settings import Settings, UnusableSettings
from ledger.database.settings import LedgerSettings
from systems.lem.settings import LemSettings
from systems.shared.pace import PaceSettings
from tasks.runtime.settings import RunSettings

SECRET = "a-real-token"
FORMER = {
    "MUSTER_ACTS_PER_LOOK": (RunSettings, "MUSTER_TASK_RUNS_PER_ROUND"),
    "MUSTER_DOUBT": (RunSettings, "MUSTER_OUTCOME_TIMEOUT"),
    "MUSTER_LOOK_FIRST": (RunSettings, "MUSTER_OBSERVE_GAP_MIN"),
    "MUSTER_LOOK_LAST": (RunSettings, "MUSTER_OBSERVE_GAP_MAX"),
    "MUSTER_NIGHTS_KEPT": (RunSettings, "MUSTER_NIGHT_HISTORY"),
    "MUSTER_PACE_PATIENCE": (PaceSettings, "MUSTER_PACE_WAIT_LIMIT"),
}


class PlantSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="PLANT_", env_file=".env")

    lines: tuple[int, ...] = ()


def refusal(**values):
    with pytest.raises(UnusableSettings) as refused:
        LemSettings(_env_file=None, **values)
    return refused.value


def test_a_faulty_setting_is_reported_by_its_variable_on_a_line_of_its_own():
    refused = refusal(url="plant", concurrency=0)

    first, second = str(refused).splitlines()

    assert first.startswith("LEM_URL: Input should be a valid URL")
    assert second == "LEM_CONCURRENCY: Input should be greater than or equal to 1"
    assert [field for field, _ in refused.faults] == ["url", "concurrency"]


def test_a_refused_value_is_not_shown():
    given = {"url": SECRET, "token": [SECRET], "auth": SECRET, "ca_file": f"/{SECRET}"}

    message = str(refusal(**given))

    assert len(message.splitlines()) == len(given)
    assert SECRET not in message


def test_a_refused_value_is_not_in_the_error_behind_the_message_either():
    with pytest.raises(UnusableSettings) as refused:
        PlantSettings(lines=(SECRET,))

    assert "lines" in str(refused.value.__context__)
    assert SECRET not in str(refused.value.__context__)


def test_a_fault_in_one_part_of_a_setting_names_that_part():
    with pytest.raises(UnusableSettings, match=r"^PLANT_LINES\.1: Input should be a valid integer"):
        PlantSettings(lines=(1, "two"))


def test_settings_share_a_file_with_others(bare, tmp_path):
    (tmp_path / ".env").write_text("PLANT_LINES=[3]\nPLANT_OTHER=1\nMUSTER_RETRIES=7\n")

    assert PlantSettings().lines == (3,)
    assert RunSettings().retries == 7


def test_a_setting_may_be_a_file_of_a_folder_of_secrets(bare, tmp_path):
    (tmp_path / "PLANT_LINES").write_text("[4]")

    assert PlantSettings(_secrets_dir=tmp_path).lines == (4,)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """An environment and a folder that say nothing of runs."""
    monkeypatch.chdir(tmp_path)
    for name in (
        *FORMER,
        *(new for _, new in FORMER.values()),
        "MUSTER_RETRIES",
        "MUSTER_LEDGER_LEASE",
    ):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("spelling", [str.upper, str.lower])
@pytest.mark.parametrize("old", FORMER)
def test_an_old_name_is_refused_with_the_new_one(bare, old, spelling):
    owner, new = FORMER[old]
    bare.setenv(spelling(old), "1")

    with pytest.raises(UnusableSettings) as refused:
        owner()

    assert str(refused.value) == f"{old} is now called {new}. Rename it."


def test_an_old_name_in_the_file_is_refused_just_so(bare, tmp_path):
    (tmp_path / ".env").write_text("MUSTER_LOOK_FIRST=PT1S\nMUSTER_LOOK_LAST=PT2S\n")

    with pytest.raises(UnusableSettings) as refused:
        RunSettings()

    assert str(refused.value).splitlines() == [
        "MUSTER_LOOK_FIRST is now called MUSTER_OBSERVE_GAP_MIN. Rename it.",
        "MUSTER_LOOK_LAST is now called MUSTER_OBSERVE_GAP_MAX. Rename it.",
    ]


def test_an_old_name_in_the_file_is_let_be_when_the_environment_says_the_new_one(bare, tmp_path):
    (tmp_path / ".env").write_text("MUSTER_RETRIES=7\nMUSTER_ACTS_PER_LOOK=5\n")
    bare.setenv("MUSTER_TASK_RUNS_PER_ROUND", "9")

    settings = RunSettings()

    assert (settings.task_runs_per_round, settings.retries) == (9, 7)


def test_an_old_name_is_refused_only_by_the_settings_that_it_belonged_to(bare):
    bare.setenv("MUSTER_DOUBT", "PT9S")

    assert LedgerSettings().lease == LedgerSettings.model_fields["lease"].default


def test_settings_are_read_again_once_a_variable_has_changed(bare):
    first = RunSettings.current()
    bare.setenv("MUSTER_RETRIES", "7")

    assert RunSettings.current().retries == 7
    assert first.retries != 7


def test_settings_are_read_again_once_the_file_has_changed_or_is_another(bare, tmp_path):
    (tmp_path / ".env").write_text("MUSTER_RETRIES=7\n")
    assert RunSettings.current().retries == 7
    (tmp_path / ".env").write_text("MUSTER_RETRIES=11\n")
    assert RunSettings.current().retries == 11

    (tmp_path / "other").mkdir()
    bare.chdir(tmp_path / "other")

    assert RunSettings.current().retries == RunSettings.model_fields["retries"].default


def test_settings_are_not_read_again_while_nothing_has_changed(bare):
    assert RunSettings.current() is RunSettings.current()


def test_settings_that_cannot_be_used_are_refused_each_time(bare):
    bare.setenv("MUSTER_RETRIES", "none")

    for _ in (1, 2):
        with pytest.raises(UnusableSettings, match="MUSTER_RETRIES"):
            RunSettings.current()
