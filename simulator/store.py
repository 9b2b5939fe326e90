"""What outlives a simulator: shelves of records, written to one SQLite file before each reply."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson
from pydantic import TypeAdapter

K = TypeVar("K")
V = TypeVar("V")

TABLE = "CREATE TABLE IF NOT EXISTS kept (kind TEXT, key TEXT, json BLOB, PRIMARY KEY (kind, key))"
READ = "SELECT json FROM kept WHERE kind = ? ORDER BY rowid"
STORE = (
    "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET json = excluded.json"
)


class StateUnreadable(Exception):
    """The state file is not one of ours, or cannot be opened."""


class Store:
    """A file of records, or nothing at all when `path` is None."""

    def __init__(self, path: Path | None) -> None:
        self._file = _opened(path) if path else None
        self._changed: dict[tuple[str, str], Any] = {}

    def read(self, kind: str, shape: type[V]) -> Iterator[V]:
        """The records of `kind`, oldest first."""
        if self._file:
            record = TypeAdapter(shape).validate_json
            for (json,) in self._file.execute(READ, [kind]):
                yield record(json)

    def change(self, kind: str, key: str, value: Any) -> None:
        """Write `value` at the next flush, or delete the key when it is None."""
        if self._file:
            self._changed[kind, key] = value

    def flush(self) -> None:
        """Write every change, so that even a killed process loses nothing that it answered."""
        if not self._file or not self._changed:
            return
        changed, self._changed = self._changed, {}
        stored = [(*at, orjson.dumps(value)) for at, value in changed.items() if value is not None]
        removed = [at for at, value in changed.items() if value is None]
        with self._file:
            self._file.executemany(STORE, stored)
            self._file.executemany("DELETE FROM kept WHERE kind = ? AND key = ?", removed)

    def close(self) -> None:
        """Write what is left and let the file go."""
        self.flush()
        if self._file:
            self._file.close()
            self._file = None


class Shelf(Generic[K, V]):
    """The records of one kind by their key. A changed record must be `put` again to be stored."""

    def __init__(self, store: Store, kind: str, shape: type[V], *, key: Callable[[V], K]) -> None:
        self._store, self._kind, self._key = store, kind, key
        self._records = {key(record): record for record in store.read(kind, shape)}
        self._json: dict[K, orjson.Fragment] = {}

    def __iter__(self) -> Iterator[V]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: object) -> bool:
        return key in self._records

    def get(self, key: K) -> V | None:
        """The record under `key`, if there is one."""
        return self._records.get(key)

    def json_of(self, record: V, shape: Callable[[V], Any]) -> orjson.Fragment:
        """The JSON of a record's one `shape`, made again only after the record was put."""
        key = self._key(record)
        if key not in self._json:
            self._json[key] = orjson.Fragment(orjson.dumps(shape(record)))
        return self._json[key]

    def put(self, record: V) -> None:
        """Store `record` as it is now, in place of an older one."""
        key = self._key(record)
        self._records[key] = record
        self._json.pop(key, None)
        self._store.change(self._kind, str(key), record)

    def drop(self, key: K) -> None:
        """Forget the record under `key`."""
        if self._records.pop(key, None) is not None:
            self._json.pop(key, None)
            self._store.change(self._kind, str(key), None)


def _opened(path: Path) -> sqlite3.Connection:
    with ExitStack() as closing_on_error:
        try:
            # The app is made in one thread and may serve in another, never in two at once.
            file = sqlite3.connect(path, check_same_thread=False)
            closing_on_error.callback(file.close)
            # A killed process loses nothing by this; only a power failure of the machine would.
            file.execute("PRAGMA synchronous = OFF")
            file.execute(TABLE)
        except sqlite3.Error as error:
            raise StateUnreadable(f"{path} cannot be used as a state file: {error}") from error
        closing_on_error.pop_all()
    return file
