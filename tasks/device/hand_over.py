"""Hand over: a site's secrets, for whoever installs its devices, as one locked file."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed

from fleet.device.handover import HeldSecret, Taking, to_hand_over
from fleet.state.device_state import State
from ledger.database.private_file import write_new
from ledger.device.handovers import Handover, TakenMeanwhile
from ledger.session import Ledger, open_ledger
from reports.device.handover import to_rows, to_yaml
from reports.page.wording import counted
from tasks.device.handover_lock import (
    PASSPHRASE,
    CannotHandOver,
    HandoverSettings,
    Lock,
    passphrase_lock,
    public_key_lock,
)
from tasks.onboarding.publish import SHOWN_ROWS
from tasks.runtime.connection_run import utc_now
from tasks.runtime.expected import failing_plainly

SHOWN_NAMES = 10


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed over, in numbers; without a file, nothing was.

    `uncertain` says why secrets may have been replaced by others, once for each such secret; of the
    devices in `lacking`, which are in service, no key is held. Those of `withheld` are not handed
    over: another machine is admitted in the device's name.
    """

    offered: int
    secrets: int
    devices: int
    file: Path | None = None
    recipient: str = ""
    uncertain: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


@task(task_run_name="hand over secrets of {site}", cache_policy=NO_CACHE)
@failing_plainly
async def hand_over(
    site: str, taken_by: str, recipient: str, include_taken: bool, dry_run: bool
) -> Handed:
    """Write the site's secrets into a locked file, record who took them, and show which.

    Neither what it is given nor what it returns holds a secret, for Prefect may store both.
    """
    taking = Taking(taken_by, utc_now())
    lock = public_key_lock(recipient) if recipient.strip() else None
    file = None
    with open_ledger() as ledger:
        ledger.secrets.check_key()
        offered = _offered(ledger, site, taking.at)
        withheld = tuple(ledger.devices.named(site, State.IDENTITY_MISMATCH))
        lacking = tuple(ledger.secrets.devices_without_key(site))
        chosen = [each for each in offered if include_taken or not each.takings]
        if chosen and not dry_run:
            lock = lock or await passphrase_lock(HandoverSettings())
            file = await _delivered(ledger, site, chosen, lock, taking)
    handed = Handed(
        offered=len(offered),
        secrets=len(chosen),
        devices=len({each.secret.device for each in chosen} - {None}),
        file=file,
        recipient=lock.recipient if lock else "",
        uncertain=tuple(filter(None, (each.secret.may_be_replaced for each in chosen))),
        lacking=lacking,
        withheld=withheld,
    )
    await _show(site, handed, to_rows(offered, chosen, "would be" if dry_run else "yes"))
    return handed


def conclude(site: str, taken_by: str, dry_run: bool, handed: Handed) -> RunState[Any]:
    """Completed; its message says what was handed over, and in which file."""
    warning = _warning(handed)
    if dry_run:
        message = f"Dry run, nothing was handed over: {_sentence(site, handed)}{warning}"
        return Completed(name="Dry run", message=message)
    if handed.file is None:
        return Completed(message=f"{_sentence(site, handed)}{warning}")
    key = handed.recipient[:62]  # as long as age's own; an RSA key would fill the page
    by = "with the passphrase" if key == PASSPHRASE else f"to {key}"
    return Completed(
        message=f"{_sentence(site, handed)} {taken_by} has them in {handed.file}, locked {by}; "
        f"age --decrypt opens it.{warning}"
    )


def _offered(ledger: Ledger, site: str, now: datetime) -> list[HeldSecret]:
    """The site's secrets that can be handed over, those that were taken before included."""
    if not ledger.handovers.knows(site):
        raise CannotHandOver(
            f"The ledger knows no site {site!r}. Check its name, or onboard it first."
        )
    return to_hand_over(ledger.secrets.held(site), now)


async def _delivered(
    ledger: Ledger, site: str, chosen: Sequence[HeldSecret], lock: Lock, taking: Taking
) -> Path:
    """The file, written and recorded; both or neither."""
    text = to_yaml(site, chosen, taking.at).encode()
    content = await asyncio.to_thread(lock.close, text)  # a passphrase is slow on purpose
    file = HandoverSettings().folder / f"{site}-{_stamp(taking.at)}.yaml.age"
    digest = hashlib.sha256(content).hexdigest()
    handover = Handover(site, taking.by, lock.recipient, taking.at, file.name, digest)
    with ExitStack() as undoing:
        _write(file, content)
        # A file that the ledger does not record would hold secrets that count as not yet taken.
        # A record without its file does no harm: its secrets can be handed over again.
        undoing.callback(file.unlink, missing_ok=True)
        try:
            ledger.handovers.record(handover, chosen)
        except TakenMeanwhile as other:
            raise CannotHandOver(str(other)) from None
        undoing.pop_all()
    return file


def _write(file: Path, content: bytes) -> None:
    try:
        write_new(file, content)
    except OSError as error:
        raise CannotHandOver(
            f"The file {file} cannot be written: {error.strerror}. Correct that, or name another "
            "folder in MUSTER_HANDOVER_FOLDER."
        ) from error


def _stamp(now: datetime) -> str:
    """`now` in UTC to the millisecond, which no two hand-overs of a site share."""
    return f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z"


async def _show(site: str, handed: Handed, rows: list[dict[str, str]]) -> None:
    """A table in the Prefect UI of what was handed over, if anything was."""
    if rows:
        where = f"\n\nThe file, on the worker: `{handed.file.resolve()}`" if handed.file else ""
        await acreate_table_artifact(
            table=rows[:SHOWN_ROWS],
            key=f"handover-{site}",
            description=f"{_sentence(site, handed)}{where}",
        )


def _warning(handed: Handed) -> str:
    """Which keys may not work, or are not held; a sentence after another, or nothing."""
    found = ""
    if handed.uncertain:
        found += (
            f" {counted(len(handed.uncertain), 'key')} may have been replaced and not work: "
            f"{'; '.join(dict.fromkeys(handed.uncertain))}. Run rotate-token for each."
        )
    if handed.lacking:
        found += (
            f" The key of {counted(len(handed.lacking), 'device')} in service is not held here: "
            f"{_names(handed.lacking)}."
        )
    if handed.withheld:
        found += (
            f" Nothing is handed over of {counted(len(handed.withheld), 'device')} in whose name "
            f"another machine is admitted: {_names(handed.withheld)}."
        )
    return found


def _names(devices: Sequence[str]) -> str:
    more = f" and {len(devices) - SHOWN_NAMES} more" if len(devices) > SHOWN_NAMES else ""
    return f"{', '.join(devices[:SHOWN_NAMES])}{more}"


def _sentence(site: str, handed: Handed) -> str:
    if not handed.offered:
        return f"{site}: nothing to hand over. The ledger holds no secret that is still valid."
    if not handed.secrets:
        taken = counted(handed.offered, "secret")
        return (
            f"{site}: nothing new to hand over. {taken} taken before: to hand over again, set "
            "*Include what was taken before*."
        )
    whose = f" of {counted(handed.devices, 'device')}" if handed.devices else ""
    done = "handed over" if handed.file else "to be handed over"
    return f"{site}: {counted(handed.secrets, 'secret')}{whose} {done}."
