"""The environments of demo and month: they set every variable, so that no other value is used."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from deployments.month_scenario import Scenario
from deployments.plant import ROSTER
from fleet.text.settings import Settings
from ledger.database.settings import LedgerSettings
from ledger.keys.heads import HeadSettings
from systems.registry import systems
from systems.shared.pace import PaceSettings
from systems.shared.settings import SIMULATOR
from tasks.runtime.report_links import LinkSettings
from tasks.runtime.settings import RunSettings
from tasks.text.sources import SourceSettings

OURS = ("MUSTER_", "SIMULATOR_", "PREFECT_")  # and those of the systems
WINDOW_SECONDS = "10"  # of the quota of 10 calls: a real one of 60 s would take a minute longer


def demo_environment(
    outside: Mapping[str, str], folder: Path, simulator: str, prefect: str
) -> dict[str, str]:
    """`outside` with the demo's own settings in place of those it holds.

    A setting that is only left out would be read from `.env`. The simulator's settings do not read
    `.env`, so leaving those out gives their defaults.
    """
    ours = (*OURS, *(each.prefix for each in systems()))
    return {
        **{name: it for name, it in outside.items() if not name.upper().startswith(ours)},
        **_simulated(simulator),
        **_defaults(LedgerSettings),
        **_defaults(HeadSettings),
        **_defaults(RunSettings),
        **_defaults(LinkSettings),
        **_defaults(PaceSettings),
        **_defaults(SourceSettings),
        "PROVISION_API_QUOTA_SECONDS": WINDOW_SECONDS,
        "SIMULATOR_PROVISION_API_RATE_SECONDS": WINDOW_SECONDS,
        "MUSTER_LEDGER_URL": f"sqlite:///{folder / 'ledger.db'}",
        "MUSTER_LEDGER_KEY_FILE": str(folder / "ledger.key"),
        "MUSTER_LEDGER_ARCHIVE": str(folder / "decisions"),
        "MUSTER_DECISION_HEADS": str(folder / "decision-heads.jsonl"),
        "MUSTER_PACE_FOLDER": str(folder / "pace"),
        "MUSTER_REPORTS": str(folder / "reports"),
        "MUSTER_ROSTERS": str(ROSTER.parent),
        "MUSTER_POLICIES": str(folder / "policies"),
        "MUSTER_OUTCOME_TIMEOUT": "PT5S",  # the simulator always answers sooner
        "PREFECT_HOME": str((folder / "prefect").resolve()),
        "PREFECT_API_URL": f"{prefect}/api",
        "PREFECT_UI_API_URL": f"{prefect}/api",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }


def plant_rosters(sources: SourceSettings) -> dict[str, str]:
    """The variable by which a path may lead to the plant's roster, too, unless it is set."""
    if "rosters" in sources.model_fields_set:
        return {}
    return {"MUSTER_ROSTERS": os.pathsep.join(map(str, (*sources.rosters, ROSTER.parent)))}


def month_environment(demo: Mapping[str, str], scenario: Scenario, seed: int) -> dict[str, str]:
    """`demo` with what a month needs: flows use the simulator's clock as their own.

    Its time begins with the scenario's, and between the leaps passes as fast as real time. A step
    of provisioning takes as long as in LEM, so that no run sees its end.
    """
    first, *_ = sites = scenario.sites
    return {
        **demo,
        "LEM_PROJECT": first.project,
        "MUSTER_CLOCK_URL": demo["LEM_URL"],
        "PROVISION_API_QUOTA_SECONDS": "1",
        "SIMULATOR_PROVISION_API_RATE_SECONDS": "1",
        "SIMULATOR_SEED": str(seed),
        "SIMULATOR_START": scenario.midnight(1).isoformat(),
        "SIMULATOR_LEM_PROJECTS": json.dumps([site.project for site in sites]),
        "SIMULATOR_LEM_SECONDS_PER_STEP": "10",
        "SIMULATOR_LEM_STEP_SPREAD": "0.7",
    }


def _simulated(simulator: str) -> dict[str, str]:
    """The variables that set each system to its defaults, except for the address."""
    variables: dict[str, str] = {}
    for each in systems():
        variables |= _defaults(each.settings)
        url = each.settings.variable("url")
        variables[url] = variables[url].replace(SIMULATOR, simulator, 1).rstrip("/")
    return variables


def _defaults(settings: type[Settings]) -> dict[str, str]:
    """The variables that set each of `settings` to its default; an empty one means none."""
    made = settings.model_construct()  # reads no environment
    shown = made.model_dump(mode="json")
    secrets = {name: it for name, it in made if isinstance(it, SecretStr)}
    shown |= {name: it.get_secret_value() for name, it in secrets.items()}
    return {settings.variable(name): _written(value) for name, value in shown.items()}


def _written(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
