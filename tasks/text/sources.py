"""Where paths and URLs of forms may lead: folders, hosts, networks inside, buckets."""

import os
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated

import httpx
from pydantic import field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode, SettingsConfigDict

from fleet.text.settings import Settings
from tasks.text.storage_url import NotStorage, StorageUrl

_FOLDERS = (Path("rosters"),)
_BELOW = "*."
_USUAL_PORTS = {80, 443}
_PUBLIC_IPV6 = IPv6Network("2000::/3")


class SourceSettings(Settings):
    """MUSTER_ROSTER… in the environment or .env.

    A path leads only into the folders `rosters`, and a URL only to `roster_hosts`: a name means the
    usual ports, and `files.example.com:8443` that port. The addresses of a host must be public, or
    in one of `roster_networks`. `*.example.com` means every host below that domain. URLs of
    storage lead only into `roster_buckets`, such as s3://plant-rosters/north. `exports` is a folder
    of known exports of one's own.
    """

    # Not env_ignore_empty: an empty variable would then not override what .env names.
    model_config = SettingsConfigDict(env_prefix="MUSTER_", env_file=".env", extra="ignore")

    rosters: Annotated[tuple[Path, ...], NoDecode] = _FOLDERS
    roster_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    roster_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    roster_buckets: Annotated[tuple[StorageUrl, ...], NoDecode] = ()
    exports: Path | None = None

    @field_validator("exports", mode="before")
    @classmethod
    def _named_folder(cls, written: object) -> object:
        return written or None

    @field_validator("rosters", mode="before")
    @classmethod
    def _by_path_separators(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        return tuple(filter(None, written.split(os.pathsep))) or _FOLDERS

    @field_validator("roster_hosts", mode="before")
    @classmethod
    def _hosts(cls, written: object) -> object:
        hosts = written.replace(",", " ").split() if isinstance(written, str) else written
        for host in hosts if isinstance(hosts, Sequence) else ():
            _named(str(host))
        return hosts

    @field_validator("roster_buckets", mode="before")
    @classmethod
    def _buckets(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        try:
            return tuple(map(StorageUrl.parse, written.replace(",", " ").split()))
        except NotStorage as error:
            raise PydanticCustomError(
                "buckets",
                "Input should be places such as s3://plant-rosters/north, and of one {why}",
                {"why": str(error)},
            ) from None

    @field_validator("roster_networks", mode="before")
    @classmethod
    def _networks(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        try:
            return tuple(map(ip_network, written.replace(",", " ").split()))
        except ValueError as error:
            raise PydanticCustomError(
                "networks",
                "Input should be networks, such as 10.20.0.0/16: {why}",
                {"why": str(error)},
            ) from None

    def allows(self, url: httpx.URL) -> bool:
        """Whether a URL may lead to the host and port of `url`."""
        name, port = _place(url)
        return any(
            port == allowed_port and (name == host or _is_below(name, host))
            for host, allowed_port in map(_named, self.roster_hosts)
        )

    def reaches(self, address: str) -> bool:
        """Whether a host may have `address`: it is public, or in a network that is named."""
        found = ip_address(address)
        if isinstance(found, IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        if any(found in network for network in self.roster_networks):
            return True
        if isinstance(found, IPv6Address) and (found not in _PUBLIC_IPV6 or found.sixtofour):
            return False
        return found.is_global and not found.is_multicast


def _named(host: str) -> tuple[str, int | None]:
    """The host and port that an entry of `roster_hosts` names."""
    try:
        url = httpx.URL(f"http://{host.removeprefix(_BELOW)}")
    except httpx.InvalidURL:
        url = httpx.URL()
    is_one = url.host and "*" not in url.host
    is_one = is_one and (not host.startswith(_BELOW) or "." in url.host.strip("."))
    if not is_one or url.userinfo or url.raw_path != b"/" or url.fragment:
        raise PydanticCustomError(
            "hosts", "Input should be hosts, such as files.example.com or files.example.com:8443"
        )
    name, port = _place(url)
    name = f"{_BELOW}{name}" if host.startswith(_BELOW) else name
    return name, None if port in _USUAL_PORTS else port


def _is_below(name: str, host: str) -> bool:
    """Whether `host` is a domain such as *.example.com, and `name` a host below it."""
    return host.startswith(_BELOW) and name.endswith(host.removeprefix("*"))


def _place(url: httpx.URL) -> tuple[str, int | None]:
    """A URL's host and port; no port where it is the usual one of its scheme."""
    return url.raw_host.decode().lower().rstrip("."), url.port
