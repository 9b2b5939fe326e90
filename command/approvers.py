"""`muster approvers`: who may decide what is held, each proved by an authenticator app."""

import getpass
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import pyotp
import segno
import typer
from pydantic import SecretStr

from fleet.admission.approver import ALL_SITES, Approver, Role, folded, is_demanded
from fleet.admission.review import shown
from fleet.text.expected import ExpectedError
from ledger.approvers.approvers import CannotEnroll, Enrolled
from ledger.session import Ledger, open_ledger

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Enroll, list and remove the people who decide what is held.",
)
_TRIES = 3
_LENGTH = 32  # letters of a key: 160 bits, as RFC 4226 recommends

_Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


class Unusable(ExpectedError):
    """What was asked cannot be done; the message says why."""


@app.command()
def enroll(
    name: _Name,
    site: Annotated[
        list[str] | None,
        typer.Option(help="A site where they decide. May be given several times.", metavar="SITE"),
    ] = None,
    all_sites: Annotated[
        bool, typer.Option("--all-sites", help="At every site, also those to come.")
    ] = False,
    role: Annotated[
        Role, typer.Option(help="approver: decides. requester: only proves who asks for a review.")
    ] = Role.APPROVER,
) -> None:
    """Enroll NAME with an authenticator app, and ask for the first six digits that it shows.

    Once somebody is enrolled for a site, typed names alone decide nothing there.
    """
    with open_ledger(only_existing=True) as ledger:
        approver = Approver(uuid4().hex, _named(name), _sites(ledger, site or [], all_sites), role)
        ledger.approvers.check_new(approver.name)
        was_demanded = {each: ledger.approvers.are_demanded(each) for each in approver.sites}
        secret = SecretStr(pyotp.random_base32(_LENGTH))
        _show(approver, secret)
        _confirm(ledger, approver, secret)
        _publish(ledger)
    typer.echo(f"{approver.name} is enrolled as {role} for {approver.place}.")
    if role is Role.APPROVER and not all(was_demanded.values()):
        typer.echo(f"Typed names alone decide nothing any more for {approver.place}.")
    typer.echo("Now clear this terminal: whoever reads the key above can answer as them.")


@app.command("list")
def list_approvers() -> None:
    """List who is enrolled, for which sites, and where names are not proved."""
    with open_ledger(only_existing=True) as ledger:
        everybody = ledger.approvers.enrolled()
        sites = sorted(ledger.devices.names())
    for each in everybody:
        typer.echo(_line(each))
    if not everybody:
        typer.echo("Nobody is enrolled.")
    known = [each.approver for each in everybody]
    if unproved := [each for each in sites if not is_demanded(known, each)]:
        typer.echo(f"Names are not proved at: {', '.join(unproved)}")


@app.command()
def remove(
    name: _Name,
    leave_unproved: Annotated[
        bool,
        typer.Option(
            "--leave-unproved", help="Also the last one of a site: typed names decide there again."
        ),
    ] = False,
) -> None:
    """Remove NAME: their digits work no more. What they decided stays decided."""
    with open_ledger(only_existing=True) as ledger:
        removed = ledger.approvers.remove(
            name, _operator(), datetime.now(UTC), leaving_unproved=leave_unproved
        )
        _publish(ledger)
    typer.echo(f"{removed.name} is enrolled no more.")


def _named(name: str) -> str:
    clean = shown(name)
    if len(folded(clean)) < 2 or len(clean) > 100:
        raise Unusable(f"{clean!r} is no name that others could recognize. Write it in full.")
    return clean


def _sites(ledger: Ledger, given: Sequence[str], all_sites: bool) -> tuple[str, ...]:
    """The sites that were named, each of which the ledger must know: a typo would guard nothing."""
    if all_sites == bool(given):
        raise Unusable("Name the sites with --site, or say --all-sites.")
    if all_sites:
        return (ALL_SITES,)
    known = ledger.devices.names()
    if strange := [each for each in given if each not in known]:
        raise Unusable(
            f"The ledger knows no site {', '.join(strange)}. It knows: "
            f"{', '.join(sorted(known)) or 'none'}. Onboard the site first, or say --all-sites."
        )
    return tuple(dict.fromkeys(given))


def _show(approver: Approver, secret: SecretStr) -> None:
    key = secret.get_secret_value()
    address = pyotp.TOTP(key).provisioning_uri(name=approver.name, issuer_name="Muster")
    typer.echo("Scan this with an authenticator app:")
    segno.make(address, error="l", micro=False).terminal(out=sys.stdout, compact=True)
    groups = " ".join(key[start : start + 4] for start in range(0, len(key), 4))
    typer.echo(f"Or write this key into it: {groups}")


def _confirm(ledger: Ledger, approver: Approver, secret: SecretStr) -> None:
    """Ask for the digits until they are right, three times at most."""
    for left in reversed(range(_TRIES)):
        digits = typer.prompt("The six digits that the app shows", type=str)
        try:
            ledger.approvers.enroll(approver, secret, digits, _operator(), datetime.now(UTC))
        except CannotEnroll as error:
            if not left:
                raise
            typer.echo(str(error), err=True)
        else:
            return


def _publish(ledger: Ledger) -> None:
    """Sign the end of the record, so that nobody takes the ledger back to before this."""
    _, _, trouble = ledger.decisions.publish_head(datetime.now(UTC))
    if trouble:
        typer.echo(f"{trouble}.", err=True)


def _line(each: Enrolled) -> str:
    who = each.approver
    now = datetime.now(UTC)
    is_locked = each.locked_until is not None and each.locked_until > now
    locked = f", locked until {each.locked_until:%Y-%m-%d %H:%M} UTC" if is_locked else ""
    return f"{who.name}: {who.role} for {who.place}, since {each.since:%Y-%m-%d}{locked}"


def _operator() -> str:
    """Who does this, as the machine knows them; for the record."""
    return f"{getpass.getuser()} on {socket.gethostname()}"
