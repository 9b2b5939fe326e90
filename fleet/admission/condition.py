"""A condition: what a policy's rule asks about one request; all of it must hold."""

from collections.abc import Callable
from datetime import date, datetime, time
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from packaging.version import Version
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from fleet.admission.evidence import Code, Evidence
from fleet.admission.suspicion import FORMER, SuspicionKind

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MINUTE = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class Undecided(Exception):
    """It is not known whether a condition is met; the message says why."""


def _oui(text: str) -> str:
    digits = text.lower().replace("-", ":")
    parts = digits.split(":")
    if len(parts) != 3 or any(len(p) != 2 or set(p) - set("0123456789abcdef") for p in parts):
        raise ValueError("an OUI is the first three bytes of a MAC, such as 00:1a:2b")
    return digits


def _version(text: str) -> str:
    try:
        Version(text)
    except ValueError:
        raise ValueError("it is not a version, such as 3.5.4") from None
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        raise ValueError("it is not a time zone, such as Europe/Berlin or UTC") from None
    return text


def _listed(written: Any, *words: str) -> Any:
    """What was written; at each of `words`, one thing without a list becomes a list of one."""
    if not isinstance(written, dict):
        return written
    single = (str, int, float)
    return {k: [v] if k in words and isinstance(v, single) else v for k, v in written.items()}


def _or_one(schema: dict[str, Any]) -> None:
    """Let editors know that one thing may be written instead of a list."""
    several = {"type": schema.pop("type"), "items": schema["items"], "minItems": 1}
    schema["anyOf"] = [schema.pop("items"), several]


def _several(description: str) -> Any:
    """A list that must not be empty where it is written."""
    return Field(default=(), description=description, json_schema_extra=_or_one)


def _names_something(named: tuple[Any, ...]) -> tuple[Any, ...]:
    if not named:
        raise ValueError("the list is empty; leave it out, or fill it")
    return named


def _instant(written: Any) -> Any:
    """What was written, unless it is a number: nobody writes seconds since 1970."""
    if isinstance(written, date) or (isinstance(written, str) and "-" in written):
        return written
    raise ValueError("it is not an instant, such as 2026-11-20T06:00:00Z")


def _present_word(written: Any) -> Any:
    """What was written, unless it is a former name of a suspicion."""
    if isinstance(written, str) and written in FORMER:
        new = FORMER[written].value
        raise PydanticCustomError(
            "renamed", "`{old}` is now called `{new}`", {"old": written, "new": new}
        )
    return written


Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Arrival(_Written):
    """When a request may come: between instants, on days, and at hours of a time zone."""

    after: Instant | None = Field(default=None, description="not before this instant")
    before: Instant | None = Field(default=None, description="before this instant")
    days: tuple[Day, ...] = _several("days of the week, such as [mon, tue]")
    from_: Annotated[str, Field(pattern=MINUTE)] | None = Field(
        default=None, alias="from", description='time of day, quoted, such as "06:00"'
    )
    until: Annotated[str, Field(pattern=MINUTE)] | None = Field(
        default=None,
        description='time of day, quoted, such as "18:30"; may be past midnight, and then belongs '
        "to the day on which it began",
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="time zone of days and times, such as Europe/Berlin"
    )

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, written: Any) -> Any:
        return _listed(written, "days")

    _named = field_validator("days")(_names_something)

    @model_validator(mode="after")
    def _is_some_time(self) -> "Arrival":
        if self.until and self.until == (self.from_ or "00:00"):
            raise ValueError(
                "`from` and `until` are the same time; leave out both for the whole day"
            )
        if self.after and self.before and self.after >= self.before:
            raise ValueError("`after` must be earlier than `before`")
        return self

    def holds(self, asked_at: datetime) -> bool:
        """Whether `asked_at` lies within."""
        if (self.after and asked_at < self.after) or (self.before and asked_at >= self.before):
            return False
        local = asked_at.astimezone(ZoneInfo(self.zone))
        start, at = time.fromisoformat(self.from_ or "00:00"), local.time()
        end = time.fromisoformat(self.until) if self.until else None
        began_yesterday = end is not None and at < end < start
        if self.days and _DAYS[local.weekday() - began_yesterday] not in self.days:
            return False
        if end is None or end < start:
            return began_yesterday or at >= start
        return start <= at < end


class Burst(_Written):
    """More requests of the site than usual in a short time."""

    more_than: int = Field(ge=0, description="how many requests are still usual")
    within: Literal["minute", "10 minutes", "hour"] = Field(
        default="10 minutes", description="before and after the request in question"
    )


class Condition(_Written):
    """What must all be true of a request. A word that is left out is not checked."""

    code: Literal["own", "other"] | None = Field(
        default=None, description="own: it shows a code that was given to its device"
    )
    host_id: Literal["same", "differs", "not shown"] | None = Field(
        default=None, description="its host id beside that of its line"
    )
    macs: Literal["all", "any", "none"] | None = Field(
        default=None, description="how many of its line's MACs it shows"
    )
    oui: tuple[Annotated[str, AfterValidator(_oui)], ...] = _several(
        "every MAC it shows begins with one of these, such as 00:1a:2b"
    )
    hostname: tuple[str, ...] = _several("its hostname is like one of these, such as edge-*")
    hardware: tuple[str, ...] = _several("its hardware is one of these, such as physical")
    version_at_least: Annotated[str, AfterValidator(_version)] | None = Field(
        default=None, description="its software is that version or newer"
    )
    version_below: Annotated[str, AfterValidator(_version)] | None = Field(
        default=None, description="its software is older than that version"
    )
    arrived: Arrival | None = Field(default=None, description="when it asked")
    burst: Burst | None = Field(default=None, description="it came among so many")
    machines_more_than: Literal["roster"] | Annotated[int, Field(ge=0)] | None = Field(
        default=None,
        description="more machines ask by the site's codes than that, or than its roster lists",
    )
    suspicion: tuple[Annotated[SuspicionKind, BeforeValidator(_present_word)], ...] = _several(
        "it is suspected of one of these, such as clone or new MACs"
    )

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, written: Any) -> Any:
        return _listed(written, "oui", "hostname", "hardware", "suspicion")

    _named = field_validator("oui", "hostname", "hardware", "suspicion")(_names_something)

    def is_met(self, evidence: Evidence) -> bool:
        """Whether all of it is true; Undecided when that is not known and nothing is false."""
        unsure: Undecided | None = None
        for check in _CHECKS:
            try:
                if not check(self, evidence):
                    return False
            except Undecided as error:
                unsure = error
        if unsure:
            raise unsure
        return True


def _code_fits(asked: Condition, evidence: Evidence) -> bool:
    return asked.code is None or evidence.code is Code(asked.code)


def _host_id_fits(asked: Condition, evidence: Evidence) -> bool:
    return asked.host_id is None or _compared_host(evidence) == asked.host_id


def _macs_fit(asked: Condition, evidence: Evidence) -> bool:
    return asked.macs is None or _compared_macs(evidence, asked.macs)


def _oui_fits(asked: Condition, evidence: Evidence) -> bool:
    if not asked.oui:
        return True
    macs = _known(evidence.observed.macs, "it shows no MAC")
    return all(mac[:8] in asked.oui for mac in macs)


def _hostname_fits(asked: Condition, evidence: Evidence) -> bool:
    if not asked.hostname:
        return True
    hostname = _known(evidence.hostname, "it reports no hostname").lower()
    return any(fnmatchcase(hostname, pattern.lower()) for pattern in asked.hostname)


def _hardware_fits(asked: Condition, evidence: Evidence) -> bool:
    if not asked.hardware:
        return True
    hardware = _known(evidence.hardware, "it reports no hardware").lower()
    return hardware in {each.lower() for each in asked.hardware}


def _is_new_enough(asked: Condition, evidence: Evidence) -> bool:
    least = asked.version_at_least
    return least is None or _reported_version(evidence) >= Version(least)


def _is_old_enough(asked: Condition, evidence: Evidence) -> bool:
    newer = asked.version_below
    return newer is None or _reported_version(evidence) < Version(newer)


def _arrived_in_time(asked: Condition, evidence: Evidence) -> bool:
    if asked.arrived is None:
        return True
    at = _known(evidence.asked_at, "its system does not say when it asked")
    try:
        return asked.arrived.holds(at)
    except OverflowError:  # as some systems write that they do not know
        raise Undecided("its system gives an impossible time for its request") from None


def _came_in_a_burst(asked: Condition, evidence: Evidence) -> bool:
    if asked.burst is None:
        return True
    arrived = (evidence.arrivals or {}).get(asked.burst.within)
    if arrived is None:
        raise Undecided("its system does not say when it asked")
    return arrived > asked.burst.more_than


def _has_too_much_company(asked: Condition, evidence: Evidence) -> bool:
    limit = asked.machines_more_than
    if limit is None:
        return True
    return evidence.machines > (evidence.listed if limit == "roster" else limit)


def _is_suspected(asked: Condition, evidence: Evidence) -> bool:
    return not asked.suspicion or any(evidence.suspected_of(kind) for kind in asked.suspicion)


_CHECKS: tuple[Callable[[Condition, Evidence], bool], ...] = (
    _code_fits,
    _host_id_fits,
    _macs_fit,
    _oui_fits,
    _hostname_fits,
    _hardware_fits,
    _is_new_enough,
    _is_old_enough,
    _arrived_in_time,
    _came_in_a_burst,
    _has_too_much_company,
    _is_suspected,
)


def _known(fact: Any, otherwise: str) -> Any:
    """`fact`; raises Undecided when there is none."""
    if not fact:
        raise Undecided(otherwise)
    return fact


def _reported_version(evidence: Evidence) -> Version:
    reported = _known(evidence.version, "it reports no version")
    try:
        return Version(reported)
    except ValueError:  # also of a number that is too long to be read
        raise Undecided(f"its version {reported[:60]!r} cannot be compared") from None


def _compared_host(evidence: Evidence) -> str:
    if evidence.expected.host_id is None:
        raise Undecided("its line gives no host id")
    if evidence.observed.host_id is None:
        return "not shown"
    return "same" if evidence.observed.host_id == evidence.expected.host_id else "differs"


def _compared_macs(evidence: Evidence, wanted: str) -> bool:
    expected = _known(evidence.expected.macs, "its line gives no MAC")
    shown = expected & evidence.observed.macs
    if wanted == "all":
        return bool(shown == expected)
    return bool(shown) == (wanted == "any")
