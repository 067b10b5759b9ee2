"""Fixtures everybody may use: a fresh migrated database, on SQLite and on a real PostgreSQL."""

pytest_plugins = ["tests.databases"]
