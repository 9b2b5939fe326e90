"""Links to report files, where somebody serves the folder that they are in."""

from pathlib import Path
from urllib.parse import quote

from pydantic import AnyHttpUrl, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from fleet.text.settings import Settings


class LinkSettings(Settings):
    """MUSTER_REPORTS_URL in the environment or .env: the address of the folder of reports.

    `https://muster.example.com/reports`. Nobody serves it where it is empty.
    """

    # Not env_ignore_empty: an empty variable would then not override what .env names.
    model_config = SettingsConfigDict(env_prefix="MUSTER_", env_file=".env", extra="ignore")

    reports_url: AnyHttpUrl | None = None

    @field_validator("reports_url", mode="before")
    @classmethod
    def _none_if_empty(cls, written: object) -> object:
        return written or None

    @field_validator("reports_url")
    @classmethod
    def _only_an_address(cls, url: AnyHttpUrl | None) -> AnyHttpUrl | None:
        """The address is stored with each run and shown: a password in it would be, too."""
        if url and (url.username or url.password or url.query or url.fragment):
            raise PydanticCustomError(
                "reports_url", "Input should have no user, password, query or fragment"
            )
        return url


def link_to(path: Path) -> str | None:
    """The address of a report file; None where nobody serves its folder."""
    base = LinkSettings.current().reports_url
    return f"{str(base).rstrip('/')}/{quote(path.name)}" if base else None


def where_is(path: Path) -> str:
    """The address of a report file, or its path, for a sentence."""
    return link_to(path) or str(path)


def linked(title: str, path: Path) -> str:
    """In Markdown: *[The whole report](http://…)*, or *The whole report, on the worker: `path`*."""
    link = link_to(path)
    return f"[{title}]({link})" if link else f"{title}, on the worker: `{path.resolve()}`"
