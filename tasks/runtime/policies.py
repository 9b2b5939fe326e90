"""Policies: the files that say which requests are approved, for a site or a connection."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from fleet.admission.policy import EXACT_MATCH, Policy
from fleet.admission.policy_file import UnusablePolicy, read_policy
from fleet.text.settings import Settings

DEFAULT = Path("policies")


class PolicySettings(Settings):
    """MUSTER_POLICIES in the environment or .env: the folder of the policy files."""

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    policies: Path = DEFAULT


def policy_for(site: str, connection: str, asks_people: bool = False) -> Policy:
    """The policy of `site`, else that of `connection`, else exact-match.

    UnusablePolicy when a file is there and cannot be used: then no request is approved, rather
    than by other rules than were meant.
    """
    folder = PolicySettings().policies
    if folder != DEFAULT and not folder.is_dir():
        raise UnusablePolicy(
            f"MUSTER_POLICIES names {folder}, which is no folder. Correct the setting, or create "
            "the folder."
        )
    if misplaced := sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        raise UnusablePolicy(
            f"The policy {misplaced[0]} would not be read. Move it to {folder / 'sites'} or "
            f"{folder / 'connections'}."
        )
    files = (folder / "sites" / f"{site}.yaml", folder / "connections" / f"{connection}.yaml")
    policy = next((_read(file) for file in files if _is_there(file)), EXACT_MATCH)
    return policy.asking_people if asks_people else policy


def _is_there(file: Path) -> bool:
    if wrong := [f for f in (file.with_suffix(".yml"),) if f.exists()]:
        raise UnusablePolicy(f"The policy {wrong[0]} would not be read. Name it {file.name}.")
    return file.exists()


def _read(file: Path) -> Policy:
    name = f"{file.parent.name}/{file.stem}"
    try:
        return read_policy(file.read_text("utf-8-sig"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise UnusablePolicy(f"The policy {file} cannot be read: {error}") from error
