"""The names of the connections that there are."""

from connections.named import known


async def connection_names() -> frozenset[str]:
    """The names that a line of a roster may give, of blocks and of the environment."""
    return frozenset(each.name for each in await known())
