"""Alembic's environment, on the connection that `ledger.database.engine.prepare` made."""

from alembic import context
from sqlmodel import SQLModel

import ledger.database.tables  # noqa: F401  (defines the tables that autogenerate compares with)

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
