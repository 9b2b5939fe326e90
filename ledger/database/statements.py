"""SQL that SQLAlchemy compiled, for all engines of this process: compiling outlasts executing."""

from typing import Any

from sqlalchemy.util import LRUCache

_MOST = 1000  # statements; the ledger has some hundred


class Statements(LRUCache[Any, Any]):
    """A compiled cache of SQLAlchemy's that outlives the engines which use it.

    An engine's own is lost with it, and whoever opens the ledger makes one. A key begins with the
    engine's dialect; here its kind and the server's version stand for it, as no engine of the
    ledger's has options that change what is compiled.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        """The compiled statement."""
        return super().get(_of_any_engine(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_any_engine(key), value)


def _of_any_engine(key: Any) -> Any:
    dialect, *rest = key
    return (type(dialect), dialect.server_version_info, *rest)


STATEMENTS = Statements(_MOST)
