"""Fixtures everybody may use: a fresh migrated database, on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator

import pytest
import structlog

pytest_plugins = ["tests.databases"]


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A command logs to the standard error of its run, which is closed when the test is over: the next begins anew."""
    yield
    structlog.reset_defaults()
