"""Alembic runs this to carry the versions out on the connection it is handed."""

from alembic import context

from dispatch import watch_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=watch_tables.SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
