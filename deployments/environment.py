"""The demo's environment: it says every setting, so that neither the user's nor `.env` does."""

from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import BaseSettings

from clients.settings import LemSettings
from ledger.settings import LedgerSettings
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from tasks.settings import RunSettings

OURS = ("LEM_", "MUSTER_", "SIMULATOR_", "PREFECT_")


def demo_environment(
    outside: Mapping[str, str], folder: Path, simulator: str, prefect: str
) -> dict[str, str]:
    """`outside` with the demo's own settings in place of those it holds.

    A setting that is merely left out would be taken from `.env`, which Muster's settings read; the
    simulator's do not, so that leaving those out gives their defaults.
    """
    others = {name: it for name, it in outside.items() if not name.upper().startswith(OURS)}
    return {
        **others,
        **_defaults(LemSettings),
        **_defaults(LedgerSettings),
        **_defaults(RunSettings),
        "LEM_URL": simulator,
        "LEM_PROJECT": DEFAULT_PROJECT,
        "LEM_TOKEN": DEFAULT_TOKEN,
        "MUSTER_LEDGER_URL": f"sqlite:///{folder / 'ledger.db'}",
        "MUSTER_REPORTS": str(folder / "reports"),
        "MUSTER_DOUBT": "PT5S",  # the simulator never answers so late
        "PREFECT_HOME": str((folder / "prefect").resolve()),
        "PREFECT_API_URL": f"{prefect}/api",
        "PREFECT_UI_API_URL": f"{prefect}/api",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_CLI_PROMPT": "false",
    }


def _defaults(settings: type[BaseSettings]) -> dict[str, str]:
    """The variables that say of each of `settings` what it is anyway; an empty one is none."""
    prefix = settings.model_config["env_prefix"]
    values = settings.model_construct().model_dump(mode="json")  # reads no environment
    return {
        f"{prefix}{name}".upper(): "" if value is None else str(value)
        for name, value in values.items()
    }
