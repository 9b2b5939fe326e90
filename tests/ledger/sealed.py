"""A sealer for tests, and all that lies in a ledger."""

from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import Engine, make_url, text
from sqlmodel import SQLModel

from ledger.device.sealing import Sealer

SEALER = Sealer([Fernet.generate_key().decode()])


def everything(url: str, engine: Engine) -> bytes:
    """All bytes of a ledger, as it lies there while it is open."""
    if engine.dialect.name == "sqlite":
        file = Path(str(make_url(url).database))
        return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    with engine.connect() as connection:
        rows = [
            row
            for table in SQLModel.metadata.tables
            for row in connection.scalars(text(f'SELECT t::text FROM "{table}" t'))
        ]
    return "\n".join(rows).encode()
