"""The check-up: what a few calls, each tried once, say about a connection to a system."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from pydantic import SecretStr

from fleet.system.clock import MOST_SKEW
from fleet.system.system import Check, Checkup
from systems.shared.errors import (
    ApiError,
    Forbidden,
    NotJson,
    NotReady,
    TooManyRequests,
    Unanswered,
    Unauthorized,
    Unreachable,
    Untrusted,
)
from systems.shared.settings import SystemSettings

T = TypeVar("T")

WHO, REACHABLE, CREDENTIAL, LISTS = "who", "reachable", "credential", "lists"
PERMISSION, CLOCK, QUOTA = "permission", "clock", "quota"

_NOT_REACHED = (Unreachable, Untrusted, Unanswered, NotJson)
_FINAL = (Unreachable, Untrusted, Unauthorized)  # no further call can then do better
_SUBJECTS: dict[type[ApiError], str] = {
    NotReady: REACHABLE,
    **dict.fromkeys(_NOT_REACHED, REACHABLE),
    Unauthorized: CREDENTIAL,
    TooManyRequests: QUOTA,
}
_HERE = ("127.0.0.1", "[::1]", "localhost")


@dataclass
class Probe(Generic[T]):
    """A call that is tried once, and then its answer or its error.

    `sees` is what the credential can read when it succeeds, such as "devices"; "" when the call
    needs no credential.
    """

    sees: str
    ask: Callable[[], Awaitable[T]]
    answer: T | None = None
    error: ApiError | None = None

    async def tried(self) -> None:
        """Make the call; raises nothing that a system can answer."""
        try:
            self.answer = await self.ask()
        except ApiError as error:
            self.error = error


async def tried(first: Probe[Any], *others: Probe[Any]) -> tuple[Probe[Any], ...]:
    """The probes that were tried: all at once after the `first`, unless that rules them out."""
    await first.tried()
    if isinstance(first.error, _FINAL):
        return (first,)
    await asyncio.gather(*(probe.tried() for probe in others))
    return (first, *others)


def checkup(
    who: str,
    probes: Sequence[Probe[Any]],
    settings: SystemSettings,
    skew: timedelta | None,
    *also: Check,
) -> Checkup:
    """What `probes` say about the connection that `settings` describe, and what else was found."""
    errors = [probe.error for probe in probes if probe.error]
    quota = Check(QUOTA, True, str(settings.quota or "none known"))
    if len(errors) == len(probes) and all(isinstance(error, _NOT_REACHED) for error in errors):
        return Checkup(who, (_failed(errors, REACHABLE), *_tls(settings), quota, *also))
    found = [*_failures(errors), *_permissions(probes), *_lists(probes), _clock(skew), quota]
    if REACHABLE not in {check.subject for check in found}:
        found.append(Check(REACHABLE, True, "yes"))
    return Checkup(who, (*found, *_tls(settings), *also), skew)


def expiry(jwt: SecretStr) -> datetime | None:
    """When a JWT expires by its own account; None when it does not say."""
    try:
        claims = jwt.get_secret_value().split(".")[1]
        says = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return datetime.fromtimestamp(says["exp"], UTC)
    except (ArithmeticError, LookupError, OSError, TypeError, ValueError):  # it is no JWT
        return None


def counted(number: int, noun: str) -> str:
    """`number` and its noun, such as "1 device" and "5,000 devices"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _permissions(probes: Sequence[Probe[Any]]) -> list[Check]:
    """What the credential lets us see, and so whether it was accepted."""
    seen = [probe.sees for probe in probes if probe.sees and not probe.error]
    known = seen or any(isinstance(probe.error, Forbidden) for probe in probes)
    found = [Check(CREDENTIAL, True, "accepted")] if known else []
    return found + ([Check(PERMISSION, True, f"sees {', '.join(seen)}")] if seen else [])


def _lists(probes: Sequence[Probe[Any]]) -> list[Check]:
    """The entries of lists that could not be read; one check for all of them."""
    lost = [where for probe in probes for where in getattr(probe.answer, "unreadable", ())]
    if not lost:
        return []
    more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
    remedy = "Correct the entry in its system, or remove it; all others are read"
    return [Check(LISTS, False, f"{lost[0]} cannot be read{more}", remedy)]


def _failures(errors: Sequence[ApiError]) -> list[Check]:
    """One check for all errors of a kind, because they have one remedy."""
    kinds = dict.fromkeys(map(type, errors))
    return [_failed([error for error in errors if type(error) is kind]) for kind in kinds]


def _failed(errors: Sequence[ApiError], subject: str = "") -> Check:
    first = errors[0]
    usual = next((of for kind, of in _SUBJECTS.items() if isinstance(first, kind)), PERMISSION)
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return Check(subject or usual, False, first.problem + more, first.remedy)


def _clock(skew: timedelta | None) -> Check:
    if skew is None:
        return Check(CLOCK, True, "unknown: the system sends no time")
    seconds = round(skew.total_seconds())
    message = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} ours"
    if abs(skew) <= MOST_SKEW:
        return Check(CLOCK, True, message if abs(seconds) > 1 else "agrees with ours")
    remedy = "Set both clocks by NTP: codes expire by one, and runs end by the other"
    return Check(CLOCK, False, message, remedy)


def _tls(settings: SystemSettings) -> list[Check]:
    """How safe the credential is on its way; not an error, because somebody chose it so."""
    if settings.url.scheme == "http" and settings.url.host not in _HERE:
        message, remedy = (
            "without TLS",
            "Use https if the system can: the credential is readable",
        )
    elif settings.url.scheme == "https" and not settings.verify:
        message, remedy = "its certificate is not verified", "Give its CA and turn verification on"
    else:
        return []
    return [Check(REACHABLE, True, message, remedy)]
