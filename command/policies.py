"""`muster policies`: which policy holds where, as a run would find it now."""

import asyncio
from collections.abc import Iterator

import typer

from fleet.admission.policy import Policy
from fleet.admission.policy_file import UnusablePolicy
from fleet.text.expected import ExpectedError
from ledger.session import Ledger, open_ledger
from tasks.runtime.policies import policy_files, policy_of

app = typer.Typer(add_completion=False)


class PolicyRefused(ExpectedError):
    """Some place has no usable policy, so that nothing is approved there; all were listed."""


@app.command(epilog="For example: muster policies")
def policies() -> None:
    """List which policy holds at each site, and what is refused: there nothing is approved."""
    files = policy_files()
    with open_ledger(only_existing=True) as ledger:
        places = sorted({(each.site, each.scope) for each in ledger.devices.remembered()})
        refused = asyncio.run(_listed(places, ledger))
    known = {site for site, _ in places}
    for site in sorted(files.sites.keys() - known):
        typer.echo(f"{site}: sites/{site} waits for its first roster")
    if not places:
        typer.echo("The ledger knows no site yet.")
    if refused:
        raise PolicyRefused(f"Nothing is approved at {', '.join(refused)} until that is mended.")


async def _listed(places: list[tuple[str, str]], ledger: Ledger) -> list[str]:
    """Print the policy of each place; the places whose policy is refused."""
    refused = []
    for site, scope in places:
        try:
            policy = await policy_of(site, scope, ledger)
        except UnusablePolicy as error:
            typer.echo(f"{site} at {scope}: refused. {error}")
            refused.append(f"{site} at {scope}")
        else:
            typer.echo(f"{site} at {scope}: {', '.join(_facts(policy))}")
    return refused


def _facts(policy: Policy) -> Iterator[str]:
    """What a policy is, in words, such as *sites/plant-7*, *human*, *2 rules*, *quorum 2*."""
    yield policy.name
    if policy.name != policy.basis.value:
        yield policy.basis.value
    if rules := len(policy.rules):
        yield f"{rules} rule{'s' if rules > 1 else ''}"
    if policy.shadow:
        yield "in shadow mode"
    if policy.quorum > 1:
        yield f"quorum {policy.quorum}"
    if not policy.requester_may_approve:
        yield "the requester may not approve"
