"""The block types of all systems, in one module that Prefect registers them from.

`prefect block register -m connections.blocks` and the entry point `prefect.collections` look for
classes among a module's names.
"""

from systems.registry import systems
from systems.shared.block import SystemConnection

BLOCK_TYPES: tuple[type[SystemConnection], ...] = tuple(each.block_type() for each in systems())

globals().update({kind.__name__: kind for kind in BLOCK_TYPES})
