"""Policies: the files that say which requests are approved, for a site or for a connection's place.

policies/sites/plant-7.yaml holds for plant-7, and policies/connections/lem.yaml for every site
without a file at the place to which the connection `lem` leads, by whichever connection it is
reached. What lies in the folder and would not be read is refused: it may be meant to narrow.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic_settings import SettingsConfigDict

from connections.named import UnknownConnection, find
from fleet.admission.policy import EXACT_MATCH, Policy, strictest
from fleet.admission.policy_file import UnusablePolicy, read_policy
from fleet.device.device import SITE_PATTERN
from fleet.text.expected import ExpectedError
from fleet.text.settings import Settings
from ledger.session import Ledger

DEFAULT = Path("policies")
SITES, CONNECTIONS = "sites", "connections"
_NAME = re.compile(SITE_PATTERN)
_YAML = re.compile(r"\.ya?ml", re.IGNORECASE)


class PolicySettings(Settings):
    """MUSTER_POLICIES in the environment or .env: the folder of the policy files."""

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    policies: Path = DEFAULT


@dataclass(frozen=True)
class PolicyFiles:
    """The policy files by what they are named after; none of them is read yet."""

    sites: dict[str, Path]
    connections: dict[str, Path]


async def policy_of(site: str, scope: str, ledger: Ledger, asks_people: bool = False) -> Policy:
    """The policy of `site`, else that of the place `scope`, else exact-match.

    The strictest holds where the files of several connections are for one place. UnusablePolicy
    when a file cannot be used or may be meant for this site: then no request is approved, rather
    than by other rules than were meant.
    """
    files = policy_files()
    if site in files.sites:
        policy = _read(files.sites[site])
    else:
        _refuse_strays(site, files, ledger.devices.names())
        of_place = [
            _read(file) for name, file in files.connections.items() if await _scope(name) == scope
        ]
        policy = strictest(of_place) if of_place else EXACT_MATCH
    return policy.asking_people if asks_people else policy


def policy_files() -> PolicyFiles:
    """The files of the policy folder; UnusablePolicy when one of them would not be read."""
    settings = PolicySettings()
    folder = settings.policies
    if "policies" not in settings.model_fields_set and not folder.is_symlink():
        if not folder.exists():
            return PolicyFiles({}, {})
    elif not folder.is_dir():
        raise UnusablePolicy(
            f"MUSTER_POLICIES names {folder}, which is no folder. Correct the setting, or create "
            "the folder."
        )
    for found in _visible(folder):
        if found.name in {SITES, CONNECTIONS}:
            continue
        if found.is_dir():
            raise _unread(found, f"Rename it to {SITES} or {CONNECTIONS}, or move it elsewhere")
        if found.is_symlink() or _YAML.search(found.name):
            raise _unread(found, f"Move it to {folder / SITES} or {folder / CONNECTIONS}")
    return PolicyFiles(_named(folder / SITES), _named(folder / CONNECTIONS))


def _named(folder: Path) -> dict[str, Path]:
    """The policy files of one folder, by the site or connection that each is named after."""
    if not (folder.exists() or folder.is_symlink()):
        return {}
    files = {}
    for file in _visible(folder):
        name = file.name.removesuffix(".yaml")
        if name == file.name or not _NAME.fullmatch(name):
            meant = _YAML.split(file.name)[0].lower() or "plant-7"
            raise _unread(file, f"Name it {meant}.yaml, or move it out of the folder")
        files[name] = file
    return files


def _visible(folder: Path) -> Iterator[Path]:
    """What lies in a folder, without hidden files and what editors leave behind."""
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise UnusablePolicy(f"The policies in {folder} cannot be read: {error}.") from error
    return (each for each in found if not each.name.startswith(".") and each.name[-1] != "~")


def _unread(file: Path, remedy: str) -> UnusablePolicy:
    return UnusablePolicy(f"The policy {file} would not be read. {remedy}.")


def _refuse_strays(site: str, files: PolicyFiles, known: Collection[str]) -> None:
    """A file for a site that nobody knows may be meant for this one, which has none."""
    if strays := sorted(files.sites.keys() - set(known)):
        file = files.sites[strays[0]]
        own = file.with_name(f"{site}.yaml")
        raise UnusablePolicy(
            f"The policy {file} is for a site that Muster does not know, and {site} has none of "
            f"its own. If it is meant for {site}, rename it to {own.name}; if not, write {own} "
            "(the line 'policy: exact-match' keeps the rule)."
        )


async def _scope(name: str) -> str:
    """The place to which a connection leads; UnusablePolicy when that cannot be told."""
    try:
        async with (await find(name)).opened() as system:
            return system.scope
    except UnknownConnection as error:
        raise UnusablePolicy(f"The policy {CONNECTIONS}/{name} holds nowhere: {error}") from error
    except ExpectedError as error:
        raise UnusablePolicy(
            f"It is not known where the policy {CONNECTIONS}/{name} holds: {error}"
        ) from error


def _read(file: Path) -> Policy:
    name = f"{file.parent.name}/{file.stem}"
    try:
        return read_policy(file.read_text("utf-8-sig"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise UnusablePolicy(f"The policy {file} cannot be read: {error}") from error
