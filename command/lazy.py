"""Commands whose modules are imported when they run: `muster check` brings no database."""

from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

# Name, module, and what `muster --help` says of it; the modules themselves say more.
_COMMANDS = (
    ("check", "check", "Say what is wrong with a roster, and how it is understood."),
    (
        "explain",
        "explain",
        "Tell the story of one device: why it is in its state, and what is next.",
    ),
    ("verify", "verify", "Check that every decision is as it was recorded."),
    ("ledger", "ledger", "Prepare, verify, back up and restore Muster's own record."),
    ("policies", "policies", "List which policy holds at each site, and what is refused."),
    ("approvers", "approvers", "Enroll, list and remove the people who decide what is held."),
    ("up", "up", "Start a Prefect server, a worker and, unless told otherwise, simulated systems."),
    ("demo", "demo", "Bring the 60 devices of a simulated plant into service."),
)


class LazyGroup(TyperGroup):
    """Lists its commands by their first sentences, and imports the one that is called."""

    modules: ClassVar[dict[str, str]] = {name: module for name, module, _ in _COMMANDS}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, _, about in _COMMANDS:
            self.add_command(TyperCommand(name, help=about), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called, whole; the name and the rest of its arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, self._whole(name) if name in self.modules else command, rest

    def _whole(self, name: str) -> Any:
        module = import_module(f"command.{self.modules[name]}")
        whole = typer.main.get_command(module.app)
        whole.name = name
        return whole
