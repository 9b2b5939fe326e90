"""The block types of all systems, in one module that Prefect registers them from.

`prefect block register -m connections.blocks` and the entry point `prefect.collections` look for
classes among a module's names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from systems.registry import systems

if TYPE_CHECKING:
    from systems.shared.block import SystemConnection  # at run time it would be registered too


def block_types() -> tuple[type[SystemConnection], ...]:
    """One block type for each system."""
    return tuple(each.block_type() for each in systems())


globals().update({kind.__name__: kind for kind in block_types()})
