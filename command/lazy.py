"""Commands whose modules are imported when they run: `muster check` brings no database."""

from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

# What `muster --help` says of each command, whose module has its name; --help there says more.
_COMMANDS = {
    "check": "Say what is wrong with a roster, and how it is understood.",
    "template": "Write an empty roster for whoever is to fill it in.",
    "plan": "Say what onboarding a site would do, line by line, without doing it.",
    "onboard": "Bring a site into service, by a plan or by a roster.",
    "explain": "Tell the story of one device: why it is in its state, and what is next.",
    "verify": "Check that every decision is as it was recorded.",
    "ledger": "Prepare, verify, back up and restore Muster's own record.",
    "policies": "List which policy holds at each site, and what is refused.",
    "approvers": "Enroll, list and remove the people who decide what is held.",
    "up": "Start a Prefect server, a worker and, unless told otherwise, simulated systems.",
    "demo": "Bring the 60 devices of a simulated plant into service.",
}


class LazyGroup(TyperGroup):
    """Lists its commands by their first sentences, and imports the one that is called."""

    names: ClassVar[tuple[str, ...]] = tuple(_COMMANDS)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, about in _COMMANDS.items():
            self.add_command(TyperCommand(name, help=about), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called, whole; the name and the rest of its arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, _whole(name) if name in _COMMANDS else command, rest


def _whole(name: str) -> Any:
    whole = typer.main.get_command(import_module(f"command.{name}").app)
    whole.name = name
    return whole
